/** The port of metrics, from a raw socket: slow, deaf, idle and many connections, and odd requests. */
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../../server/platform/limits.ts'
import {
  type MetricBounds,
  type MetricServer,
  startMetricServer,
} from '../../server/platform/metric-server.ts'
import { eventually } from '../support/eventually.ts'
import { answerIn, exchange, head } from './raw-socket.ts'

const impatient: Partial<MetricBounds> = {
  headersTimeoutMs: 200,
  keepAliveMs: 200,
  idleConnectionMs: 400,
  connectionsCheckMs: 50,
  metricAnswerMs: 800,
  metricConnectionsMax: 5,
}

let server: MetricServer | undefined
afterEach(async () => {
  await server?.[Symbol.asyncDispose]()
  server = undefined
})

async function start(
  bounds: Partial<MetricBounds>,
  text: () => Promise<string> = () => Promise.resolve('sales_total 1'),
): Promise<string> {
  server = await startMetricServer({ host: '127.0.0.1', port: 0, text, bounds })
  return `http://127.0.0.1:${server.port}`
}

const closing = 'Connection: close'
const scrape = head('GET /metrics HTTP/1.1', [closing])

describe('on the port of metrics, a connection', () => {
  it('that dribbles its headers is ended', async () => {
    const url = await start(impatient)
    const dribble = { piece: 'X-A: b\r\n', everyMs: 20 }
    const said = await exchange(url, 'GET /metrics HTTP/1.1\r\nHost: a\r\n', { dribble })
    expect(answerIn(said).status).toBe(408)
  })

  it('that dribbles a body is ended', async () => {
    const url = await start(impatient)
    const dribble = { piece: 'x', everyMs: 20 }
    const lines = ['Content-Length: 100000']
    const said = await exchange(url, head('GET /metrics HTTP/1.1', lines), { dribble })
    expect(said.ended).toBe(true)
  })

  it.each(['', head('GET /metrics HTTP/1.1')])(
    'that says nothing more is ended: %j',
    async (said) => {
      const url = await start(impatient)
      expect((await exchange(url, said)).ended).toBe(true)
    },
  )

  it('that does not read its answer is ended', async () => {
    const large = 'x'.repeat(64 * 1024 * 1024)
    const url = await start({ ...impatient, idleConnectionMs: 0 }, () => Promise.resolve(large))
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(head('GET /metrics HTTP/1.1'))
    socket.pause()
    await eventually(
      async () => {
        const others = impatient.metricConnectionsMax ?? 0
        const tries = Array.from({ length: others }, () => exchange(url, head('GET / HTTP/1.1')))
        return (await Promise.all(tries)).every(({ text }) => text.includes('404'))
      },
      { what: 'its place is free for another one', timeoutMs: 5_000 },
    )
    socket.destroy()
  })

  it('whose answer does not come is ended', async () => {
    const never = new Promise<string>(() => undefined)
    const url = await start({ ...impatient, idleConnectionMs: 0 }, () => never)
    expect(await exchange(url, scrape)).toEqual({ text: '', ended: true })
  })

  it('has one request open at once', async () => {
    const url = await start({})
    const said = await exchange(url, head('GET /metrics HTTP/1.1').repeat(20))
    expect(said.ended).toBe(true)
    expect(said.text.split('HTTP/1.1 200').length - 1).toBeLessThanOrEqual(1)
  })

  it('beyond the bound is ended at once, and the others go on', async () => {
    const url = await start({ ...impatient, idleConnectionMs: 60_000, headersTimeoutMs: 60_000 })
    const port = Number(new URL(url).port)
    const sockets = Array.from({ length: 15 }, () => connect(port, '127.0.0.1'))
    let closed = 0
    for (const socket of sockets) {
      socket.on('error', () => undefined)
      socket.once('close', () => {
        closed += 1
      })
    }
    await eventually(() => closed === 10, { what: 'those beyond are ended', timeoutMs: 5_000 })
    for (const socket of sockets) socket.destroy()
    await eventually(async () => (await exchange(url, scrape)).text.includes('sales_total'), {
      what: 'a scrape is answered again',
      timeoutMs: 5_000,
    })
  })
})

describe('on the port of metrics, a request', () => {
  it('has so many header bytes', async () => {
    const url = await start({})
    const long = `X-Long: ${'x'.repeat(limits.headerBytesMax)}`
    expect(answerIn(await exchange(url, head('GET /metrics HTTP/1.1', [long]))).status).toBe(431)
  })

  it('is for /metrics alone, and only reads', async () => {
    const url = await start({})
    const status = async (line: string) =>
      answerIn(await exchange(url, head(`${line} HTTP/1.1`, [closing]))).status
    expect(await status('GET /metrics')).toBe(200)
    expect(await status('GET /livez')).toBe(404)
    expect(await status('GET /metrics/../livez')).toBe(404)
    expect(await status('POST /metrics')).toBe(405)
    expect(await status('DELETE /metrics')).toBe(405)
  })

  it('that comes with others costs one writing down', async () => {
    let asked = 0
    let tell: (text: string) => void = () => undefined
    const told = new Promise<string>((resolve) => {
      tell = resolve
    })
    const url = await start({}, () => {
      asked += 1
      return told
    })
    const scrapes = Array.from({ length: 10 }, () => exchange(url, scrape))
    await eventually(() => asked > 0, { what: 'the first has asked', timeoutMs: 5_000 })
    // Came after them all, and so is answered after most of them have asked.
    await exchange(url, head('GET / HTTP/1.1', [closing]))
    tell('sales_total 1')
    for (const said of await Promise.all(scrapes)) expect(said.text).toContain('sales_total 1')
    expect(asked).toBeLessThan(5)
  })
})
