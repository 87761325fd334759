/**
 * Who comes to buy: many persons, each with a token, a browser and a session of their own, who come
 * a few times and then stay away, because nobody buys more than their limit. Tokens are fetched
 * from whichever region gives one, and not at all while none does.
 */
import { setTimeout as wait } from 'node:timers/promises'
import pLimit from 'p-limit'
import { createClient } from '../../client/index.ts'
import type { Ground } from '../ground/ground.ts'
import type { History } from '../history/history.ts'
import { Recorder } from '../history/recorder.ts'
import { rawApi } from './raw-calls.ts'
import type { SeeingApi } from './shapes.ts'
import { tokenOrNull } from './tokens.ts'

const visitsMax = 4
/** Less than a token's life, which is five minutes. */
const ageMsMax = 200_000
/** Waiting to come again, in each place. */
const waitingMax = 50
const tokensAtOnce = 8
const tokenTriesMax = 3
const tokenPauseMs = 700

export type Person = {
  readonly name: string
  readonly place: string
  readonly api: SeeingApi
  /** The same person's calls from another place. */
  readonly apiAt: (place: string) => SeeingApi
  readonly recorder: Recorder
  /** Their other hand, for what is clicked twice. */
  readonly twin: Recorder
  /** Inputs of calls whose answers said that they are older than what was seen. */
  readonly older: WeakSet<object>
  /** Places asked for so far, by event. */
  readonly taken: Map<string, number>
  visits: number
}

export type PersonsOptions = {
  readonly ground: Pick<Ground, 'token' | 'endpointsAt'>
  readonly history: History
  /** Distinguishes these persons from those of other crowds. */
  readonly name: string
}

export type Wanted = {
  readonly place: string
  readonly event: string
  readonly limit: number
  /** Calls without our client. */
  readonly isRaw: boolean
}

type Waiting = { readonly person: Person; readonly isRaw: boolean; readonly sinceMs: number }

export class Persons {
  readonly #options: PersonsOptions
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #tokens = pLimit(tokensAtOnce)
  readonly #born = new WeakMap<Person, Omit<Waiting, 'person'>>()
  #count = 0

  constructor(options: PersonsOptions) {
    this.#options = options
  }

  /** @returns null when there is no token to be had */
  async take(wanted: Wanted): Promise<Person | null> {
    const { place, event, limit, isRaw } = wanted
    const youngMs = performance.now() - ageMsMax
    const waiting = (this.#waiting.get(place) ?? []).filter(({ sinceMs }) => sinceMs > youngMs)
    const found = waiting.findIndex(
      (one) => one.isRaw === isRaw && (one.person.taken.get(event) ?? 0) < limit,
    )
    const [taken] = found < 0 ? [] : waiting.splice(found, 1)
    this.#waiting.set(place, waiting)
    return taken?.person ?? this.#make(place, isRaw)
  }

  giveBack(person: Person): void {
    const born = this.#born.get(person)
    const waiting = this.#waiting.get(person.place) ?? []
    person.visits += 1
    if (born === undefined || person.visits >= visitsMax || waiting.length >= waitingMax) return
    waiting.push({ person, ...born })
    this.#waiting.set(person.place, waiting)
  }

  async #make(place: string, isRaw: boolean): Promise<Person | null> {
    const { name: crowd, history, ground } = this.#options
    this.#count += 1
    const name = `${crowd}-${this.#count}`
    const first = await this.#tokenOf(name)
    if (first === null) return null
    const token = tokensAfter(first, async () => (await this.#tokenOf(name)) ?? first)
    const older = new WeakSet<object>()
    const caller = { name, actor: actorOf(name), region: place }
    const person: Person = {
      name,
      place,
      ...(isRaw ? rawCalls : pages)(ground, { token, older }).from(place),
      recorder: new Recorder(history, caller),
      twin: new Recorder(history, { ...caller, name: `${name}-twin` }),
      older,
      taken: new Map(),
      visits: 0,
    }
    this.#born.set(person, { isRaw, sinceMs: performance.now() })
    return person
  }

  #tokenOf(name: string): Promise<string | null> {
    return this.#tokens(async () => {
      for (let tries = 1; ; tries += 1) {
        const token = await tokenOrNull(this.#options.ground, { name })
        if (token !== null || tries === tokenTriesMax) return token
        await wait(tokenPauseMs)
      }
    })
  }
}

/** As the development issuer names persons, and with them the buyers of orders. */
export function actorOf(name: string): string {
  return `demo:${name}`
}

/** Who asks again has seen the last one refused. */
function tokensAfter(first: string, next: () => Promise<string>): () => Promise<string> {
  let last: string | null = first
  return async () => {
    const token = last ?? (await next())
    last = null
    return token
  }
}

type Token = () => Promise<string>
type Calls = { readonly from: (place: string) => Pick<Person, 'api' | 'apiAt'> }
type Page = { readonly token: Token; readonly older: WeakSet<object> }

/** Through our client, with all that it does by itself. */
function pages({ endpointsAt }: Pick<Ground, 'endpointsAt'>, { token, older }: Page): Calls {
  const onOlder = ({ input }: { readonly input: unknown }) => {
    if (typeof input === 'object' && input !== null) older.add(input)
  }
  const page = { token, onOlder }
  return {
    from: (place) => ({
      api: createClient({ ...page, endpoints: endpointsAt(place) }),
      // Who measured first would ask wherever it is nearest, and that is not what travellers do.
      apiAt: (other) => createClient({ ...page, endpoints: endpointsAt(other), nearest: false }),
    }),
  }
}

function rawCalls({ endpointsAt }: Pick<Ground, 'endpointsAt'>, { token, older }: Page): Calls {
  // They ask before each call, and so keep the token themselves.
  let kept: Promise<string> | null = null
  const keptToken = () => (kept ??= token())
  const at = (place: string) => rawApi({ endpoints: endpointsAt(place), token: keptToken, older })
  return { from: (place) => ({ api: at(place), apiAt: at }) }
}
