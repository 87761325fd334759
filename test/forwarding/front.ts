/** What stands before a region's server: it hands requests on, loses them, or answers by itself. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Front = AsyncDisposable & {
  readonly url: string
  /** What becomes of the next requests, in this order; then all are handed on. */
  readonly plan: (...next: readonly Fate[]) => void
  readonly requests: () => number
  /** Of those that hang, whose caller still waits. */
  readonly hanging: () => number
}

export type Fate =
  | 'handed on'
  /** Cut before the server sees it. */
  | 'lost'
  /** Taken, and neither done nor answered. */
  | 'hangs'
  /** Done by the server, and cut before its answer goes back. */
  | 'answer lost'
  | { readonly status: number; readonly body: string }

export async function startFront(serverUrl: string): Promise<Front> {
  let fates: Fate[] = []
  let requests = 0
  let hanging = 0
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    requests += 1
    const fate = fates.shift() ?? 'handed on'
    if (fate === 'lost') return request.socket.destroy()
    if (fate === 'hangs') {
      hanging += 1
      request.socket.once('close', () => {
        hanging -= 1
      })
      return
    }
    if (typeof fate === 'object') {
      return response.writeHead(fate.status, { 'content-type': 'application/json' }).end(fate.body)
    }
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !/^(host|connection|content-length)$/.test(name)
        ? [[name, value] as [string, string]]
        : [],
    )
    const body = request.method === 'GET' ? {} : { body: Buffer.concat(chunks) }
    const init = { method: request.method ?? '', headers, ...body }
    const answer = await fetch(`${serverUrl}${request.url}`, init).catch(() => null)
    // The server has stopped: as it is with a connection to it.
    if (answer === null) return request.socket.destroy()
    const text = await answer.text()
    if (fate === 'answer lost') return request.socket.destroy()
    const type = answer.headers.get('content-type') ?? ''
    return response.writeHead(answer.status, { 'content-type': type }).end(text)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    plan: (...next) => {
      fates = [...next]
    },
    requests: () => requests,
    hanging: () => hanging,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
