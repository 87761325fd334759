/** Slow, idle, deaf and many connections, with bounds that a test can wait for. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../server/platform/limits.ts'
import { boundConnections } from '../../server/transport/bounded-connections.ts'
import { eventually } from '../support/eventually.ts'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'
import { answerIn, exchange, head, portOf } from './raw-socket.ts'

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem({
    bounds: {
      headersTimeoutMs: 300,
      requestTimeoutMs: 600,
      idleConnectionMs: 900,
      keepAliveMs: 300,
      connectionsCheckMs: 50,
      answerMs: 1_500,
      connectionsPerBlockMax: 20,
    },
  })
})
afterAll(() => system[Symbol.asyncDispose]())

describe('a connection', () => {
  it('that dribbles its headers is told so and ended', async () => {
    const dribble = { piece: 'X-A: b\r\n', everyMs: 20 }
    const said = await exchange(system.url, 'GET /livez HTTP/1.1\r\nHost: a\r\n', { dribble })
    expect(answerIn(said)).toMatchObject({ status: 408, code: 'BAD_INPUT' })
  })

  it('that dribbles its body is told so and ended', async () => {
    const lines = ['Content-Type: application/json', 'Content-Length: 100000']
    const dribble = { piece: 'x', everyMs: 20 }
    const said = await exchange(system.url, head('POST /trpc/holds.place HTTP/1.1', lines), {
      dribble,
    })
    expect(answerIn(said)).toMatchObject({ status: 408, code: 'BAD_INPUT' })
  })

  it('that says nothing is ended', async () => {
    expect((await exchange(system.url, '')).ended).toBe(true)
  })

  it('that has nothing more to say after an answer is ended', async () => {
    const said = await exchange(system.url, head('GET /livez HTTP/1.1'))
    expect(said).toMatchObject({ ended: true })
    expect(said.text).toContain('alive')
  })

  it('that does not read its answers is ended', async () => {
    const app = fastify()
    boundConnections(app, { ...limits, answerMs: 300 })
    // More than the buffers of both sides hold.
    app.get('/large', (_, reply) => reply.send(Buffer.alloc(64 * 1024 * 1024)))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const closed = once(app.server, 'connection').then(([socket]: Socket[]) =>
      socket === undefined ? undefined : once(socket, 'close'),
    )
    void exchange(url, head('GET /large HTTP/1.1'), { isDeaf: true })
    await closed
    await app.close()
  })

  it('has so many requests open at once', async () => {
    const many = head('GET /readyz HTTP/1.1').repeat(limits.pipelinedMax + 1)
    const said = await exchange(system.url, many)
    expect(said.text.split('HTTP/1.1 200').length - 1).toBeLessThanOrEqual(limits.pipelinedMax)
    const few = head('GET /readyz HTTP/1.1').repeat(limits.pipelinedMax)
    const isEnough = (text: string) => text.split('HTTP/1.1 200').length - 1 === limits.pipelinedMax
    expect((await exchange(system.url, few, { isEnough })).ended).toBe(false)
  })

  it('beyond those of the whole server is ended at once, and the others go on', async () => {
    const app = fastify({ forceCloseConnections: true })
    boundConnections(app, { ...limits, connectionsMax: 10 })
    app.get('/', () => 'here')
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const sockets = Array.from({ length: 30 }, () => connect(portOf(url), '127.0.0.1'))
    const closed = countClosed(sockets)
    await eventually(() => closed() === 20, { what: 'those beyond are ended', timeoutMs: 5_000 })
    for (const socket of sockets) socket.destroy()
    await eventually(
      async () => {
        const said = await exchange(url, head('GET / HTTP/1.1', ['Connection: close']))
        return said.text.includes('here')
      },
      { what: 'others are served again', timeoutMs: 5_000 },
    )
    await app.close()
  })

  it('beyond those of its address block is ended at once, and the others go on', async () => {
    const sockets = Array.from({ length: 40 }, () => connect(portOf(system.url), '127.0.0.1'))
    const closed = countClosed(sockets)
    await eventually(() => closed() >= 20, { what: 'half are ended', timeoutMs: 5_000 })
    for (const socket of sockets) socket.destroy()
    await eventually(
      async () => {
        const said = await exchange(system.url, head('GET /livez HTTP/1.1', ['Connection: close']))
        return said.text.includes('alive')
      },
      { what: 'the block is served again', timeoutMs: 5_000 },
    )
  })
})

/** How many of them the other side has ended by now. */
function countClosed(sockets: readonly Socket[]): () => number {
  let closed = 0
  for (const socket of sockets) {
    socket.on('error', () => undefined)
    socket.once('close', () => {
      closed += 1
    })
  }
  return () => closed
}
