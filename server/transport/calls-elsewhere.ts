/**
 * Calls that only an authority may do, asked of a server that is not it: passed on, once and whole,
 * to a server of the region that is, and answered with what came back. Within the caller's deadline
 * it waits while nobody has the authority, follows it where it went, and sends again what got no
 * answer: every write of the sale carries a key, so twice is once.
 *
 * docs/decisions/0011-a-call-is-passed-on-once.md
 */
import type { Services } from '../application/services.ts'
import type { Caller } from '../domain/access.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { Sent } from '../gateways/region-calls/call-to-send.ts'
import type { WireAnswer, WireCall } from '../gateways/region-calls/exchange.ts'
import type { PassedOnClaims } from '../gateways/region-calls/region-call.ts'
import type { RegionLinks } from '../gateways/region-calls/region-links.ts'
import { limits } from '../platform/limits.ts'
import { AuthorityNews } from './authority-news.ts'
import { joined, type Part, wireOf } from './batch-parts.ts'
import { type CalledHomes, calledHomes } from './called-homes.ts'
import { authorityTold, staleCalls } from './moved-answers.ts'
import type { Here } from './passed-on-calls.ts'
import { olderHeader, seenHeader } from './session-headers.ts'

export type AskedCall = {
  readonly wire: WireCall
  readonly caller: Exclude<Caller, { readonly kind: 'region' }> | null
  readonly address: string
  readonly actingReason: string | null
  /** By the monotonic clock. */
  readonly deadlineMs: number
  /** Aborts once whoever asked has hung up. Made when it is asked for: few calls wait. */
  readonly gone: () => AbortSignal
  /** Of the request, what the other server needs to see. */
  readonly headers: Readonly<Record<string, string>>
}

type Needs = Pick<
  Services,
  'authorities' | 'regions' | 'region' | 'clock' | 'random' | 'draining' | 'log' | 'metrics'
>

export type ElsewhereParts = {
  readonly links: RegionLinks
  /** By home region, in the order in which they take over. */
  readonly standIns: ReadonlyMap<string, readonly string[]>
}

/** One request on its way; `home` has all calls of `wire`. */
type Trip = {
  readonly asked: AskedCall
  readonly wire: WireCall
  readonly home: string
  readonly isMutation: boolean
  readonly here: Here
}

/** How far a call came; `moved` and `distrusted`: it was refused there, and nothing was done. */
type Passed = Sent | { readonly kind: 'moved' | 'distrusted' }

export class CallsElsewhere {
  readonly #services: Needs
  readonly #parts: ElsewhereParts
  readonly #news: AuthorityNews

  constructor(services: Needs, parts: ElsewhereParts) {
    this.#services = services
    this.#parts = parts
    this.#news = new AuthorityNews(services)
  }

  /** @param here answers on this server: what belongs here, and what cannot be done elsewhere */
  async answer(asked: AskedCall, here: Here): Promise<WireAnswer> {
    const called = calledHomes(asked.wire, this.#services.regions)
    if (called === null) return here(asked.wire)
    const epochs = this.#news.epochs(called)
    const whole = called.calls.map((_, index) => index)
    const first = await this.#answerPart(asked, { called, part: whole }, here)
    // Refused because the sale had just moved: nothing was done, and the caller need not know.
    const stale = staleCalls(called, first)
    if (
      stale.length === 0 ||
      !(await this.#news.came(called, stale, { epochs, ...asked, gone: asked.gone() }))
    ) {
      return first
    }
    const again = await this.#answerPart(asked, { called, part: stale }, here)
    if (stale.length === whole.length) return again
    return joined([
      { part: whole, answer: first },
      { part: stale, answer: again },
    ])
  }

  /** Each region's calls go together; those of this server too. */
  async #answerPart(
    asked: AskedCall,
    { called, part }: { readonly called: CalledHomes; readonly part: Part },
    here: Here,
  ): Promise<WireAnswer> {
    const groups = [...this.#grouped(called, part)]
    if (groups.length > 1 && wantsLines(asked)) return here(asked.wire, unstreamable)
    const answered = groups.map(async ([home, own]) => {
      const wire = wireOf(called, asked.wire, own)
      const { isMutation } = called
      const answer =
        home === null ? here(wire) : this.#pass({ asked, wire, home, isMutation, here })
      return { part: own, answer: await answer }
    })
    const [only, ...others] = await Promise.all(answered)
    if (only !== undefined && others.length === 0) return only.answer
    const all = only === undefined ? [] : [only, ...others]
    const place = new Map(part.map((index, at) => [index, at]))
    return joined(all.map((one) => ({ ...one, part: one.part.map((at) => place.get(at) ?? 0) })))
  }

  #grouped({ calls }: CalledHomes, part: Part): Map<string | null, number[]> {
    const groups = new Map<string | null, number[]>()
    for (const index of part) {
      const home = calls[index]?.home ?? null
      const isHere = home === null || this.#services.authorities.standing(home).kind === 'ours'
      const key = isHere ? null : home
      groups.set(key, [...(groups.get(key) ?? []), index])
    }
    return groups
  }

  async #pass(trip: Trip): Promise<WireAnswer> {
    const { wire, home, here, asked } = trip
    const { authorities } = this.#services
    const route = { guess: 0, hasFollowed: false, mayBeDone: false, attempt: 0 }
    for (;;) {
      if (authorities.standing(home).kind === 'ours') return here(wire)
      const isFirst = route.guess === 0 && route.attempt === 0
      const neededMs = isFirst ? 0 : limits.forwardMsUseful
      const isLate = this.#leftMs(asked) <= neededMs
      const isGone = !isFirst && asked.gone().aborted
      const isOver = isLate || isGone || this.#services.draining()
      if (isOver) return here(wire, gaveUp(trip, route.mayBeDone))
      const epoch = authorities.epochOf(home)
      const targets = this.#targets(home)
      const target = targets[route.guess % Math.max(1, targets.length)]
      if (target !== undefined) {
        const sent = await this.#sendUntilLeft(trip, target)
        if (sent.kind === 'answered') return sent.answer
        if (sent.kind === 'unanswered') route.mayBeDone = true
        route.guess += 1
        const isNews = (authorities.epochOf(home) ?? 0) > (epoch ?? 0)
        if (isNews && !route.hasFollowed) {
          route.hasFollowed = true
          route.guess = 0
          continue
        }
        // Whom nobody told us of is asked for in turn, without a rest in between.
        if (epoch === null && route.guess % targets.length !== 0) continue
      }
      const { attempt } = route
      const waited = await this.#news.wait(this.#leftMs(asked), { attempt, gone: asked.gone() })
      if (!waited) return here(wire, gaveUp(trip, route.mayBeDone))
      route.attempt += 1
    }
  }

  /** The authority as far as it is known; else those who may have it, the likeliest first. */
  #targets(home: string): readonly string[] {
    const { authorities, region } = this.#services
    const standing = authorities.standing(home)
    if (standing.kind === 'theirs') return [standing.serverRegion]
    if (authorities.epochOf(home) !== null) return []
    const all = [home, ...(this.#parts.standIns.get(home) ?? [])]
    return all.filter((each) => each !== region)
  }

  /**
   * A region that was cut off takes calls and says nothing; by then another one may have its
   * authority. What it has in hand it may still answer for a moment, and is then left.
   */
  #sendUntilLeft(trip: Trip, target: string): Promise<Passed> {
    const { authorities } = this.#services
    return new Promise((resolve, reject) => {
      let leaving: NodeJS.Timeout | null = null
      const forget = authorities.onChange(() => {
        const standing = authorities.standing(trip.home)
        const isThere = standing.kind === 'theirs' && standing.serverRegion === target
        if (isThere || leaving !== null) return
        leaving = setTimeout(() => resolve({ kind: 'unanswered' }), limits.forwardLeftMs)
      })
      const end = () => {
        forget()
        if (leaving !== null) clearTimeout(leaving)
      }
      this.#send(trip, target).finally(end).then(resolve, reject)
    })
  }

  async #send(trip: Trip, target: string): Promise<Passed> {
    const passed = await this.#judged(trip, target)
    this.#services.metrics.count('frontrow.forwarded', { region: target, outcome: passed.kind })
    return passed
  }

  async #judged({ asked, wire, home }: Trip, target: string): Promise<Passed> {
    const leftMs = Math.max(1, Math.floor(this.#leftMs(asked)))
    const call = { ...wire, target, headers: asked.headers, withinMs: leftMs }
    const sent = await this.#parts.links.send({ ...call, for: claimsOf(asked, leftMs) })
    if (sent.kind !== 'answered') return sent
    const { answer } = sent
    // A gateway in between that lost the server: nobody knows how far the call came.
    if (answer.status === 502 || answer.status === 504) return { kind: 'unanswered' }
    if (answer.status === 401 && asked.caller !== null) {
      // Whom we know is nobody there: it is our signature that was not taken.
      this.#services.log.error({ region: target }, 'a region does not take our signed calls')
      return { kind: 'distrusted' }
    }
    const told = authorityTold(answer)
    if (told === null) return { ...sent, answer: passedBack(answer) }
    const { authorities, regions } = this.#services
    const { authority } = told
    if (authority !== null && regions.has(authority.serverRegion)) authorities.told(home, authority)
    return { kind: 'moved' }
  }

  #leftMs({ deadlineMs }: AskedCall): number {
    return deadlineMs - limits.callMarginMs - this.#services.clock.monotonicMs()
  }
}

/** As tRPC reads it: lines of JSON, each as soon as it is known. */
function wantsLines({ headers }: AskedCall): boolean {
  return [headers['trpc-accept'], headers['accept']].some((each) => each?.includes(jsonLines))
}
const jsonLines = 'application/jsonl'
const unstreamable = refusal(
  'BAD_INPUT',
  'Calls for several regions cannot be answered as lines: ask without streaming.',
)

/** The rest this server says by itself. */
const passedBackHeaders = ['content-type', 'vary', 'retry-after', 'allow', seenHeader, olderHeader]

function passedBack({ status, headers, body }: WireAnswer): WireAnswer {
  const own = passedBackHeaders.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { status, headers: Object.fromEntries(own) as Record<string, string>, body }
}

function claimsOf({ caller, address, actingReason }: AskedCall, leftMs: number): PassedOnClaims {
  const shown = caller?.kind === 'machine' ? { ...caller, scopes: [...caller.scopes] } : caller
  return { caller: shown, address, reason: actingReason, leftMs }
}

function gaveUp({ isMutation }: Trip, mayBeDone: boolean): Refusal {
  return isMutation && mayBeDone
    ? refusal('OUTCOME_UNKNOWN', 'It may have been done. Ask for it by its key.')
    : refusal('NO_AUTHORITY', 'No region sells this event just now. Try again in a moment.')
}
