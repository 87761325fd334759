/**
 * Answers that come before the body does: at once, readable by whoever still sends, and at the cost
 * of a few seconds of a connection at most.
 */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../server/platform/limits.ts'
import { eventually } from '../support/eventually.ts'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'
import { head, portOf } from './raw-socket.ts'

const bounds = { lingerMs: 1_500, lingerSilenceMs: 400 }
/** Far above both, and far below the request's own time. */
const longMs = 10_000

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem({ bounds })
})
afterAll(() => system[Symbol.asyncDispose]())

const json = 'Content-Type: application/json'
const odd = 'Content-Type: text/plain'
const ofLength = (bytes: number) => `Content-Length: ${bytes}`
const place = 'POST /trpc/holds.place HTTP/1.1'
const livez = head('GET /livez HTTP/1.1')
const large = 200_000
const endless = 1_000_000_000

function open() {
  const socket = connect({ port: portOf(system.url), host: '127.0.0.1', allowHalfOpen: true })
  const seen = { text: '', ended: false, closed: false, faults: [] as string[] }
  socket.on('data', (part) => {
    seen.text += part.toString('latin1')
  })
  socket.on('end', () => {
    seen.ended = true
  })
  socket.on('error', ({ message }) => seen.faults.push(message))
  socket.on('close', () => {
    seen.closed = true
  })
  const until = (what: string, isSo: () => boolean) =>
    eventually(async () => isSo(), { what, timeoutMs: longMs })
  return {
    socket,
    seen,
    until,
    statuses: () =>
      [...seen.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)),
    answers: (count: number) =>
      until(`${count} answers`, () => (seen.text.match(/HTTP\/1\.1 /g) ?? []).length >= count),
    write: (part: string | Buffer) =>
      new Promise<void>((resolve) => {
        socket.write(part, () => resolve())
      }),
  }
}

/** Heads after which nobody wants the body. */
const refused: Readonly<Record<string, { readonly lines: readonly string[]; status: number }>> = {
  'of another type': { lines: [odd, ofLength(endless)], status: 415 },
  compressed: { lines: [json, 'Content-Encoding: gzip', ofLength(endless)], status: 415 },
  'too large': { lines: [json, ofLength(endless)], status: 413 },
  'of another type, in chunks': { lines: [odd, 'Transfer-Encoding: chunked'], status: 415 },
}

describe('a large body', () => {
  it.each(Object.keys(refused))('is refused before it comes: %s', async (form) => {
    const { lines = [], status } = refused[form] ?? {}
    const caller = open()
    await caller.write(head(place, lines))
    await caller.until('the end of the answers', () => caller.seen.ended)
    expect(caller.statuses()).toEqual([status])
    expect(caller.seen.text.toLowerCase()).toContain('connection: close')
    caller.socket.destroy()
  })

  it.each(Object.keys(refused))('may go on for a while, and reads its answer: %s', async (form) => {
    const { lines = [], status } = refused[form] ?? {}
    const caller = open()
    await caller.write(head(place, lines))
    await caller.until('the end of the answers', () => caller.seen.ended)
    const isChunked = lines.some((line) => line.includes('chunked'))
    const piece = 'x'.repeat(large)
    for (let sent = 0; sent < 50; sent += 1) {
      await caller.write(isChunked ? `${large.toString(16)}\r\n${piece}\r\n` : piece)
    }
    caller.socket.end()
    await caller.until('the connection ends', () => caller.seen.closed)
    expect(caller.seen.faults).toEqual([])
    expect(caller.statuses()).toEqual([status])
  })

  // Sent whole and read halfway: the next request behind it must not wait for the time of this one.
  it('that nobody reads holds up nothing', async () => {
    const caller = open()
    const body = 'x'.repeat(large)
    await caller.write(head(place, [odd, ofLength(body.length)]) + body + livez)
    await caller.until('an end or a next answer', () => {
      return caller.seen.ended || caller.statuses().length === 2
    })
    expect(caller.statuses()[0]).toBe(415)
    caller.socket.destroy()
  })

  it('is nobody’s request, whatever is in it and behind it', async () => {
    const caller = open()
    await caller.write(head(place, [odd, ofLength(large)]))
    await caller.until('the end of the answers', () => caller.seen.ended)
    await caller.write('x'.repeat(large) + livez + livez)
    caller.socket.end()
    await caller.until('the connection ends', () => caller.seen.closed)
    expect(caller.statuses()).toEqual([415])
  })

  it('of one who falls silent costs a moment', async () => {
    const caller = open()
    await caller.write(head(place, [odd, ofLength(endless)]))
    await caller.until('the end of the answers', () => caller.seen.ended)
    const dribble = setInterval(() => caller.socket.write('x'), 1.5 * bounds.lingerSilenceMs)
    await caller.until('it is let go', () => caller.seen.closed)
    clearInterval(dribble)
  })

  it('of one who never stops costs a moment more', async () => {
    const caller = open()
    await caller.write(head(place, [odd, ofLength(endless)]))
    const dribble = setInterval(() => caller.socket.write('x'), bounds.lingerSilenceMs / 8)
    const startedMs = performance.now()
    await caller.until('it is let go', () => caller.seen.closed)
    clearInterval(dribble)
    expect(performance.now() - startedMs).toBeGreaterThan(2 * bounds.lingerSilenceMs)
  })
})

describe('a small body', () => {
  const small = '{"odd":1}'
  it('is read over, and the connection goes on', async () => {
    const caller = open()
    const asked = head(place, [odd, ofLength(small.length)])
    for (let round = 1; round <= 3; round += 1) {
      await caller.write(asked)
      await caller.answers(round)
      await caller.write(small)
    }
    await caller.write(livez)
    await caller.answers(4)
    expect(caller.statuses()).toEqual([415, 415, 415, 200])
    caller.socket.destroy()
  })

  it('as large as small ones may be is as well', async () => {
    const caller = open()
    const body = 'x'.repeat(limits.bodyBytesSmallMax)
    await caller.write(head(place, [odd, ofLength(body.length)]) + body + livez)
    await caller.answers(2)
    expect(caller.statuses()).toEqual([415, 200])
    caller.socket.destroy()
  })

  it('that never comes costs a moment', async () => {
    const caller = open()
    await caller.write(head(place, [odd, ofLength(small.length)]))
    await caller.until('the connection ends', () => caller.seen.ended)
    expect(caller.statuses()).toEqual([415])
    caller.socket.destroy()
  })
})

describe('what is no HTTP', () => {
  it('is told so, also to one who goes on', async () => {
    const caller = open()
    await caller.write('HELO frontrow.test\r\n')
    await caller.until('the end of the answers', () => caller.seen.ended)
    for (let sent = 0; sent < 50; sent += 1) await caller.write('x'.repeat(large))
    await caller.write(livez)
    caller.socket.end()
    await caller.until('the connection ends', () => caller.seen.closed)
    expect(caller.seen.faults).toEqual([])
    expect(caller.statuses()).toEqual([400])
  })
})
