/** One call as a caller sends it, and what of its answer may tell things apart. */
import { eventually } from '../support/eventually.ts'

export type Headers = Readonly<Record<string, string>>
/** What a caller shows with a call; some proofs are of this very call. */
export type Show = (call: {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly body: string
}) => Promise<Headers>

/** The same with every call. */
export const always =
  (headers: Headers): Show =>
  () =>
    Promise.resolve(headers)

export type Ask = {
  readonly url: string
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly show: Show
  readonly input: unknown
}

export type Answer = {
  readonly status: number
  /** The refusal's code; null where there is none. */
  readonly code: string | null
  /** Everything that a caller sees, but for the request's own id. */
  readonly seen: string
}

/** Repeated, as clients do, when it comes to be one too many at this moment. */
export async function ask(asked: Ask): Promise<Answer> {
  let answer = await askOnce(asked)
  const isHeard = async () => {
    if (answer.status === 429) answer = await askOnce(asked)
    return answer.status !== 429
  }
  await eventually(isHeard, { what: `${asked.path} is heard`, timeoutMs: 20_000 })
  return answer
}

async function askOnce({ url, path, type, show, input }: Ask): Promise<Answer> {
  const isQuery = type === 'query'
  const [method, body] = isQuery ? ['GET', ''] : ['POST', JSON.stringify(input)]
  const query = isQuery ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  const target = `/trpc/${path}${query}`
  const content = isQuery ? {} : { 'content-type': 'application/json' }
  const headers = { ...content, ...(await show({ method, url: target, body })) }
  const response = await fetch(`${url}${target}`, {
    method,
    headers,
    ...(isQuery ? {} : { body }),
  })
  return read(response)
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const parsed = JSON.parse(text) as {
    error?: { data?: { requestId?: string; refusal?: { code: string } | null } }
  }
  const requestId = parsed.error?.data?.requestId
  const seen = requestId === undefined ? text : text.replaceAll(requestId, '<request>')
  return { status: response.status, code: parsed.error?.data?.refusal?.code ?? null, seen }
}
