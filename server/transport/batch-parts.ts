/**
 * A batch whose calls belong to several regions is cut into a batch for each, and the answers are
 * put together as tRPC would have: in the order of the calls, status 207 where they differ.
 */
import type { WireAnswer, WireCall } from '../gateways/region-calls/exchange.ts'
import type { CalledHomes } from './called-homes.ts'
import { olderHeader, seenHeader } from './session-headers.ts'

/** Calls of a request by their index in it. */
export type Part = readonly number[]

export type AnsweredPart = { readonly part: Part; readonly answer: WireAnswer }

/** The request for these calls alone; unchanged to the byte where it is for all. */
export function wireOf({ calls }: CalledHomes, whole: WireCall, part: Part): WireCall {
  if (part.length === calls.length) return whole
  const chosen = part.flatMap((index) => calls[index] ?? [])
  const inputs = JSON.stringify(Object.fromEntries(chosen.map(({ input }, at) => [at, input])))
  const path = `/trpc/${chosen.map(({ path: each }) => encodeURIComponent(each)).join(',')}?batch=1`
  return whole.method === 'GET'
    ? { ...whole, url: `${path}&input=${encodeURIComponent(inputs)}` }
    : { ...whole, url: path, body: inputs }
}

type Item = { readonly error?: { readonly data?: { readonly httpStatus?: unknown } } }

/** Where a call has two answers, the later one counts. */
export function joined(answered: readonly AnsweredPart[]): WireAnswer {
  if (answered.length === 0) throw new TypeError('there is no answer')
  const items: Item[] = []
  for (const { part, answer } of answered) {
    const own = itemsOf(answer, part.length)
    part.forEach((index, at) => {
      items[index] = own[at] ?? {}
    })
  }
  const statuses = new Set(items.map(statusOf))
  const [status = 207] = statuses.size === 1 ? statuses : []
  return { status, headers: joinedHeaders(answered), body: JSON.stringify(items) }
}

/** Of the first, but what each says of itself: the longest wait, all that was seen, any that is old. */
function joinedHeaders(answered: readonly AnsweredPart[]): Record<string, string> {
  const said = (name: string) => answered.flatMap(({ answer }) => answer.headers[name] ?? [])
  const waitS = Math.max(0, ...said('retry-after').map(Number))
  const seen = said(seenHeader).join(',')
  const { 'retry-after': _, ...headers } = { ...answered[0]?.answer.headers }
  return {
    ...headers,
    ...(waitS > 0 ? { 'retry-after': String(waitS) } : {}),
    ...(seen === '' ? {} : { [seenHeader]: seen }),
    ...(said(olderHeader).length > 0 ? { [olderHeader]: 'true' } : {}),
  }
}

/** The answer of each call; one for all of them, such as a body that is too large, is everyone's. */
export function itemsOf({ status, body }: WireAnswer, count: number): readonly Item[] {
  const said = parsed(body)
  if (Array.isArray(said)) return said as Item[]
  const { message = 'Something failed on our side.', data = {} } = errorIn(said)
  const error = { message, code: jsonRpcServerError, data: { ...data, httpStatus: status } }
  return Array.from({ length: count }, () => ({ error }))
}

/** What tRPC's client wants to see in an error; ours looks at the refusal. */
const jsonRpcServerError = -32_603

function errorIn(said: unknown): { readonly message?: string; readonly data?: object } {
  const error = typeof said === 'object' && said !== null && 'error' in said ? said.error : null
  return typeof error === 'object' && error !== null ? error : {}
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

function statusOf({ error }: Item): number {
  if (error === undefined) return 200
  const status = error.data?.httpStatus
  return typeof status === 'number' ? status : 500
}
