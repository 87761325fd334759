/**
 * Large bodies from raw sockets: who may not bring one is told before it comes, few come at once,
 * and what a crowd sends slowly fits into a small process.
 */
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../server/platform/limits.ts'
import { openProcessSystem, type ProcessSystem } from '../kill/process-system.ts'
import { eventually } from '../support/eventually.ts'
import { apiAt, tokenFor } from '../support/sale-system.ts'
import { answerIn, exchange, head, portOf } from './raw-socket.ts'

const heapMegabytes = 192
/** What the crowds below send is more than this by far. */
const grownMegabytesMax = 320
const crowd = 40
const megabyte = 1024 * 1024

let system: ProcessSystem
let organisation: string
const sockets = new Set<Socket>()
beforeAll(async () => {
  const settings = {
    NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`,
    LOG_LEVEL: 'error',
  }
  system = await openProcessSystem({ book: 'sql', settings })
  const root = apiAt(system.url, await tokenFor(system.url, { name: 'root', admin: true }))
  const made = await root.admin.organisations.create.mutate({ key: randomUUID(), name: 'Hall Ltd' })
  organisation = made.id
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await system?.[Symbol.asyncDispose]()
})

const importing = 'POST /trpc/admin.seatMaps.import HTTP/1.1'
const json = 'Content-Type: application/json'
const ofLength = (bytes: number) => `Content-Length: ${bytes}`

async function bearer(name: string, standing: object = {}): Promise<string> {
  return `Authorization: Bearer ${await tokenFor(system.url, { name, ...standing })}`
}
const manager = (name: string) => bearer(name, { roles: { [organisation]: 'manager' } })

/** The answer to headers whose body never comes. */
async function turnedAway(lines: readonly string[]) {
  const bytes = head(importing, [json, ofLength(limits.seatMapBodyBytesMax), ...lines])
  const said = await exchange(system.url, bytes)
  expect(said.ended).toBe(true)
  return answerIn(said)
}

async function key(scopes: ('catalogue:read' | 'catalogue:write')[]): Promise<string> {
  const roles = { [organisation]: 'owner' }
  const owner = apiAt(system.url, await tokenFor(system.url, { name: 'keeper', roles }))
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const wish = { organisation, key: randomUUID(), name: 'a program', scopes, expiresAt }
  const { text } = await owner.admin.keys.create.mutate(wish)
  return `Authorization: Bearer ${text}`
}

describe('before a seat map comes', () => {
  it('nobody is turned away', async () => {
    expect(await turnedAway([])).toMatchObject({ status: 401, code: 'NOT_SIGNED_IN' })
  })

  it('whoever has no fitting role on any organisation is, and a key without the scope', async () => {
    const others = [
      await bearer('a-fan'),
      await bearer('a-door', { roles: { [organisation]: 'door' } }),
      await key(['catalogue:read']),
    ]
    for (const who of others) {
      expect(await turnedAway([who])).toMatchObject({ status: 403, code: 'NOT_ALLOWED' })
    }
  })

  it('a key with the scope and a manager are heard', async () => {
    for (const who of [await key(['catalogue:write']), await manager('a-manager')]) {
      const bytes = head(importing, ['Connection: close', json, ofLength(2), who])
      const answer = answerIn(await exchange(system.url, `${bytes}{}`))
      expect(answer).toMatchObject({ status: 400 })
      expect(answer.body).toContain('organisation')
    }
  })
})

describe('a seat map', () => {
  it('has so many bytes', async () => {
    const who = await manager('a-manager')
    const sent = (length: number, body: Buffer) => {
      const lines = ['Connection: close', json, ofLength(length), who]
      return exchange(system.url, Buffer.concat([Buffer.from(head(importing, lines)), body]))
    }
    const most = limits.seatMapBodyBytesMax
    const body = Buffer.alloc(most, 'x')
      .fill('"', 0, 1)
      .fill('"', most - 1)
    const fits = answerIn(await sent(most, body))
    expect(fits).toMatchObject({ status: 400, code: 'BAD_INPUT' })
    expect(fits.body).toContain('expected object, received string')
    const tooLarge = answerIn(await sent(most + 1, Buffer.alloc(0)))
    expect(tooLarge).toMatchObject({ status: 413, code: 'TOO_LARGE' })
    expect(tooLarge.body).toContain(String(most))
  })

  it('may not grow without end in chunks', async () => {
    const who = await manager('a-manager')
    const chunk = `100000\r\n${'x'.repeat(megabyte)}\r\n`
    const start = head(importing, [json, 'Transfer-Encoding: chunked', who])
    const said = await exchange(system.url, start + chunk.repeat(25))
    expect(answerIn(said)).toMatchObject({ status: 413, code: 'TOO_LARGE' })
  })
})

/** Sends this and goes on holding the connection; `text` is what comes back. */
function hold(parts: readonly (string | Buffer)[]) {
  const socket = connect(portOf(system.url), '127.0.0.1')
  sockets.add(socket)
  const held = { socket, text: '', closed: false }
  socket.on('error', () => undefined)
  socket.on('data', (part) => {
    held.text += part.toString('latin1')
  })
  socket.on('close', () => {
    held.closed = true
  })
  for (const part of parts) socket.write(part)
  return held
}

async function residentMegabytes(): Promise<number> {
  const text = await (await fetch(system.lives.server.metricsUrl)).text()
  return Number(/^process_memory_usage_bytes\S* (\S+)/m.exec(text)?.[1]) / megabyte
}

describe('of a crowd that sends slowly', () => {
  it('so many seat maps are read at once, and one of each caller', async () => {
    const before = await residentMegabytes()
    const managers = await Promise.all(
      Array.from({ length: crowd }, (_, at) => manager(`slow-${at}`)),
    )
    const most = limits.seatMapBodyBytesMax
    const part = Buffer.alloc(most - megabyte, 'x')
    const slow = managers.map((who) => hold([head(importing, [json, ofLength(most), who]), part]))
    await eventually(
      () => slow.filter(({ text }) => text !== '').length === crowd - limits.uploadsMax,
      {
        what: 'all but a few are refused',
        timeoutMs: 30_000,
      },
    )
    for (const { text } of slow.filter(({ text: said }) => said !== '')) {
      const answer = answerIn({ text, ended: true })
      expect(answer).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(answer.headers['connection']).toBe('close')
    }
    expect((await residentMegabytes()) - before).toBeLessThan(grownMegabytesMax)
    await expectHonest()

    for (const { socket } of slow) socket.destroy()
    const again = await manager('again')
    const statusOfAnother = async () => {
      const bytes = head(importing, ['Connection: close', json, ofLength(2), again])
      return answerIn(await exchange(system.url, `${bytes}{}`)).status
    }
    await eventually(async () => (await statusOfAnother()) === 400, {
      what: 'places are free again',
      timeoutMs: 10_000,
    })
    const first = hold([head(importing, [json, ofLength(most), again]), part])
    await eventually(async () => (await statusOfAnother()) === 429, {
      what: 'the second of the same caller is refused',
      timeoutMs: 10_000,
    })
    expect(first.text).toBe('')
    first.socket.destroy()
    await eventually(async () => (await statusOfAnother()) === 400, {
      what: 'the place is free again',
      timeoutMs: 10_000,
    })
  })

  it('so many bytes of calls are held, and small calls always come in', async () => {
    const before = await residentMegabytes()
    const place = 'POST /trpc/holds.place HTTP/1.1'
    const part = Buffer.alloc(limits.bodyBytesMax - 1_024, 'x')
    const fit = Math.floor(limits.bodyBytesHeldMax / part.length)
    const many = 2 * fit
    const slow = Array.from({ length: many }, () =>
      hold([head(place, [json, ofLength(limits.bodyBytesMax)]), part]),
    )
    const refused = () => slow.filter(({ text }) => text !== '')
    // Those that came halfway when it was full are refused as well.
    await eventually(() => refused().length >= many - fit, {
      what: 'those that do not fit are refused',
      timeoutMs: 30_000,
    })
    for (const { text } of refused()) {
      const answer = answerIn({ text, ended: true })
      expect(answer).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
      expect(answer.headers['connection']).toBe('close')
    }
    expect((await residentMegabytes()) - before).toBeLessThan(grownMegabytesMax)
    await expectHonest()
    for (const { socket } of slow) socket.destroy()
    await eventually(
      async () => {
        const body = `"${'x'.repeat(limits.bodyBytesMax - 2)}"`
        const bytes = head(place, ['Connection: close', json, ofLength(body.length)])
        return answerIn(await exchange(system.url, bytes + body)).status !== 429
      },
      { what: 'large calls come in again', timeoutMs: 10_000 },
    )
  })
})

async function expectHonest(): Promise<void> {
  const fan = apiAt(system.url, await tokenFor(system.url, { name: 'ann' }))
  expect(await fan.orders.list.query({})).toMatchObject({ items: [] })
}
