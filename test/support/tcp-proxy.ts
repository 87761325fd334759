/**
 * A TCP proxy that cuts what a client sends into requests and shows each of them before it goes
 * on, and again before its reply goes back. Who looks may wait: nothing else passes on that
 * connection in that direction meanwhile. A proxy outlives the processes on either side.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Request, RequestReader } from './request-readers.ts'

/** Each may wait, and may reject: then the message is lost and its connection is cut. */
export type Watch = {
  /** The request has arrived here and nobody else has seen it. */
  readonly before: (request: Request) => Promise<void> | void
  /** The peer has done it, and the reply has not gone back. */
  readonly after: (request: Request) => Promise<void> | void
}

export type TcpProxyOptions = {
  readonly target: { readonly host: string; readonly port: number }
  /** A new reader for each connection. */
  readonly reader: () => RequestReader
  readonly watch: Watch
}

export type TcpProxy = AsyncDisposable & { readonly port: number }

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(options.target.port, options.target.host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    carry(client, upstream, options)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function carry(client: Socket, upstream: Socket, { reader, watch }: TcpProxyOptions): void {
  const read = reader()
  let unanswered: Request[] = []
  let sending = Promise.resolve()
  let answering = Promise.resolve()
  const cut = () => {
    client.destroy()
    upstream.destroy()
  }
  client.on('data', (chunk: Buffer) => {
    for (const request of read(chunk)) {
      const send = async () => {
        await watch.before(request)
        unanswered.push(request)
        if (!upstream.destroyed) upstream.write(request.bytes)
      }
      sending = sending.then(send).catch(cut)
    }
  })
  upstream.on('data', (chunk: Buffer) => {
    // Clients here wait for each reply; of a few requests at once the first bytes answer for all.
    const answered = unanswered
    unanswered = []
    const answer = async () => {
      for (const request of answered) await watch.after(request)
      if (!client.destroyed) client.write(chunk)
    }
    answering = answering.then(answer).catch(cut)
  })
  client.on('close', () => upstream.destroy())
  // What came before the end goes first.
  upstream.on('close', () => void answering.then(() => client.destroy()))
}
