/**
 * The public HTTP API as somebody calls it who does not use our client: plain fetch, one endpoint
 * after the other, one send a call, no waiting as told. Where its answers cannot be told apart, it
 * says that it does not know.
 */
import { SessionToken, sessionFetch } from '../../client/session-token.ts'
import { RawCallError, type Told } from '../history/told.ts'
import type { SeeingApi } from './shapes.ts'

/** Nobody waits longer for an answer. */
const answerWithinMs = 10_000

export type RawOptions = {
  readonly endpoints: readonly string[]
  readonly token: () => Promise<string>
  /** Inputs of calls whose answers said that they are older than what was seen. */
  readonly older: WeakSet<object>
}

type Options = { readonly signal?: AbortSignal }
type Method = (input: object, options?: Options) => Promise<unknown>

const mutations = ['holds.place', 'holds.extend', 'holds.release', 'holds.reclaim'].concat([
  'checkout.start',
  'checkout.confirm',
])
const queries = ['holds.get', 'checkout.status', 'orders.get', 'orders.getByKey'].concat([
  'orders.list',
  'tickets.list',
  'tickets.get',
  'tickets.code',
  'events.list',
  'events.get',
  'events.seatMap',
  'events.availability',
])

/** Refusals after which something may have been done all the same. */
const uncertain: ReadonlySet<string> = new Set([
  'OUTCOME_UNKNOWN',
  'PAYMENT_UNAVAILABLE',
  'UNAVAILABLE',
  'INTERNAL',
])

const unsent: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The same calls as the client's, by name. */
export function rawApi(options: RawOptions): SeeingApi {
  const session = new SessionToken()
  const sender = new RawSender(options, session)
  const api: Record<string, Record<string, Record<string, Method>>> = {}
  const add = (path: string, kind: 'mutate' | 'query') => {
    const [noun = '', verb = ''] = path.split('.')
    const nouns = (api[noun] ??= {})
    nouns[verb] = { [kind]: (input, said) => sender.call({ path, kind, input }, said) }
  }
  for (const path of mutations) add(path, 'mutate')
  for (const path of queries) add(path, 'query')
  return { ...api, session } as unknown as SeeingApi
}

type Call = {
  readonly path: string
  readonly kind: 'mutate' | 'query'
  readonly input: object
}

class RawSender {
  readonly #options: RawOptions
  readonly #fetch: ReturnType<typeof sessionFetch>
  /** The endpoint of the next call. */
  #at = 0

  constructor(options: RawOptions, session: SessionToken) {
    this.#options = options
    this.#fetch = sessionFetch((url, init) => fetch(url, init), session)
  }

  async call(call: Call, { signal }: Options = {}): Promise<unknown> {
    const body = await this.#send(call, signal)
    const data = at(body, 'result', 'data')
    if (data !== undefined) return data
    const refusal = at(body, 'error', 'data', 'refusal')
    const code = at(refusal, 'code')
    if (typeof code !== 'string') throw lost(call, 'INTERNAL', undefined)
    const mayBeDone = call.kind === 'mutate' && uncertain.has(code)
    throw new RawCallError(call.path, {
      code,
      transient: at(refusal, 'transient') === true,
      outcome: mayBeDone ? 'unknown' : 'refused',
    })
  }

  async #send(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
    const token = await this.#options.token()
    const { endpoints } = this.#options
    const base = endpoints[this.#at % endpoints.length]
    const ends = [AbortSignal.timeout(answerWithinMs), ...(signal === undefined ? [] : [signal])]
    const { url, init } = requestOf(`${base}/trpc/${call.path}`, call)
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    try {
      const said = { ...init, headers, signal: AbortSignal.any(ends) }
      const response = await this.#fetch(url, said)
      const body: unknown = JSON.parse(await response.text())
      if (response.headers.get('x-frontrow-older') === 'true') this.#options.older.add(call.input)
      return body
    } catch (cause) {
      this.#at += 1
      if (signal?.aborted === true) throw lost(call, 'ABORTED', cause)
      throw lost(call, 'NETWORK', cause)
    }
  }
}

function requestOf(url: string, { kind, input }: Call): { url: string; init: RequestInit } {
  const text = JSON.stringify(input)
  if (kind === 'mutate') return { url, init: { method: 'POST', body: text } }
  return { url: `${url}?input=${encodeURIComponent(text)}`, init: {} }
}

function lost({ path, kind }: Call, code: string, cause: unknown): RawCallError {
  const inner = cause instanceof Error ? cause.cause : undefined
  const mayBeDone = kind === 'mutate' && !unsent.has(at(inner, 'code'))
  const told: Told = { code, transient: true, outcome: mayBeDone ? 'unknown' : 'refused' }
  return new RawCallError(path, told, { cause })
}

function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  )
}
