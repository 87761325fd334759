/**
 * A small real HTTP server that speaks tRPC's wire form and answers as it is told, call by call:
 * results, refusals, faults, silence, cut connections. It remembers what it was sent.
 */
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export type SeenCall = { readonly path: string; readonly input: unknown }
export type SeenRequest = {
  readonly method: string
  readonly authorization: string | undefined
  readonly headers: IncomingHttpHeaders
  /** The header `x-acting-reason`, decoded. */
  readonly actingReason: string | undefined
  readonly calls: readonly SeenCall[]
}

/** What a call is answered: a body with its status, or something worse than an answer. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  /** Not the server: whatever stands in front of it. */
  | {
      readonly kind: 'proxy'
      readonly status: number
      readonly body?: string
      readonly headers?: Record<string, string>
    }
  /** Half of the answer, then the connection dies. */
  | { readonly kind: 'cut' }
  /** The request is read and the connection dies without a byte. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }

export function result(data: unknown): Reply {
  return { kind: 'json', status: 200, body: { result: { data } } }
}

type RefusalOptions = {
  readonly status?: number
  readonly transient?: boolean
  readonly retryAfterMs?: number
  readonly details?: Record<string, unknown>
  readonly issues?: readonly { path: string; message: string }[]
}

export function refusal(code: string, options: RefusalOptions = {}): Reply {
  const { status = 409, transient = false, retryAfterMs = null, details = null } = options
  const message = `refused: ${code}`
  const data = {
    code: 'CONFLICT',
    httpStatus: status,
    path: null,
    requestId: 'req_1',
    refusal: { code, message, transient, retryAfterMs, details },
    issues: options.issues ?? null,
  }
  return { kind: 'json', status, body: { error: { code: -32009, message, data } } }
}

export function contention(retryAfterMs: number): Reply {
  return refusal('CONTENTION', { status: 503, transient: true, retryAfterMs })
}

/** A bug on the server: status 500 without a refusal. */
export function bug(): Reply {
  const data = { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, requestId: 'req_1', refusal: null }
  const error = { code: -32603, message: 'Something failed on our side.', data }
  return { kind: 'json', status: 500, body: { error } }
}

export class WireServer {
  readonly seen: SeenRequest[] = []
  readonly #server: Server
  readonly #answer: (call: SeenCall, request: SeenRequest) => Reply
  /** How often it was asked whether it lives. */
  looks = 0
  /** What each of its answers says beside the answer. */
  headers: Record<string, string> = {}
  /** Waits before anything is answered: the way from here to there. */
  way: () => Promise<void> = () => Promise.resolve()

  constructor(answer: (call: SeenCall, request: SeenRequest) => Reply) {
    this.#answer = answer
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get calls(): readonly SeenCall[] {
    return this.seen.flatMap((request) => request.calls)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith('/livez') === true) {
      this.looks += 1
      await this.way()
      return void response.end('{"status":"alive"}')
    }
    const seen = await readRequest(request)
    this.seen.push(seen.request)
    await this.way()
    const replies = seen.request.calls.map((call) => this.#answer(call, seen.request))
    const worse = replies.find((reply) => reply.kind !== 'json')
    if (worse !== undefined) return answerBadly(response, worse)
    const jsons = replies.flatMap((reply) => (reply.kind === 'json' ? [reply] : []))
    const status = jsons.length === 1 ? (jsons[0]?.status ?? 500) : 207
    const body = seen.batch ? jsons.map((reply) => reply.body) : jsons[0]?.body
    const headers = { 'content-type': 'application/json', ...this.headers }
    response.writeHead(status, headers).end(JSON.stringify(body))
  }
}

/** Answers with these, in order; the last one from then on. */
export async function scriptedServer(...replies: readonly Reply[]): Promise<WireServer> {
  let next = 0
  return answeringServer(() => replies[Math.min(next++, replies.length - 1)] ?? bug())
}

export async function answeringServer(
  answer: (call: SeenCall, request: SeenRequest) => Reply,
): Promise<WireServer> {
  const server = new WireServer(answer)
  await server.listen()
  return server
}

async function readRequest(request: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const url = new URL(request.url ?? '/', 'http://localhost')
  const batch = url.searchParams.has('batch')
  const sent = request.method === 'GET' ? (url.searchParams.get('input') ?? '{}') : text
  const inputs = JSON.parse(sent === '' ? '{}' : sent) as Record<string, unknown>
  const paths = url.pathname.replace(/^.*\/trpc\//, '').split(',')
  const calls = paths.map((path, index) => ({ path, input: batch ? inputs[index] : inputs }))
  const { method = '', headers } = request
  const { authorization, 'x-acting-reason': reason } = headers
  const actingReason = reason === undefined ? undefined : decodeURIComponent(String(reason))
  return { batch, request: { method, authorization, headers, actingReason, calls } }
}

function answerBadly(response: ServerResponse, reply: Exclude<Reply, { kind: 'json' }>): void {
  if (reply.kind === 'silence') return
  if (reply.kind === 'reset') return void response.destroy()
  if (reply.kind === 'proxy') {
    const headers = { 'content-type': 'text/html', ...reply.headers }
    return void response
      .writeHead(reply.status, headers)
      .end(reply.body ?? '<h1>Somebody else</h1>')
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('{"result":{"data"', () => response.destroy())
}
