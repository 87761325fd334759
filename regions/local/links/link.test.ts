/** Links between two places, over real sockets: what passes, how late, and what each fault does. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { waitUntil } from '../wait-until.ts'
import type { LinkFault } from './link-plan.ts'
import { LinkSet } from './link-set.ts'

const withinMs = 20_000
const farMs = 120
const windowBytes = 8 * 1024 * 1024

/** The far side: answers every word with itself, and remembers who came and what was said. */
async function startEcho() {
  const sockets: Socket[] = []
  const heard: string[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      heard.push(chunk.toString())
      socket.write(chunk)
    })
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    heard: () => heard.join(''),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The near side of one connection. */
function speak(port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  const state = { heard: '', error: '', isClosed: false, isEnded: false }
  socket.on('data', (chunk) => {
    state.heard += chunk.toString()
  })
  socket.on('error', (error) => {
    state.error = 'code' in error ? String(error.code) : error.message
  })
  socket.on('end', () => {
    state.isEnded = true
  })
  socket.on('close', () => {
    state.isClosed = true
  })
  return {
    state,
    say: (words: string) => socket.write(words),
    end: () => socket.end(),
    hears: async (words: string) =>
      expect(await waitUntil(() => state.heard === words, withinMs), `hears ${words}`).toBe(true),
    isReset: async () => {
      expect(await waitUntil(() => state.isClosed, withinMs)).toBe(true)
      expect(state.error).toBe('ECONNRESET')
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

async function openLinks(port: number, roundTripMs = 0) {
  const target = { host: '127.0.0.1', port }
  const plan = (from: string, to: string) => ({ from, to, port: 0, target, roundTripMs })
  const set = await LinkSet.open([plan('a', 'b'), plan('b', 'a'), plan('a', 'database')])
  const [link] = set.list('a/b')
  return { set, port: link?.port ?? 0, [Symbol.asyncDispose]: () => set[Symbol.asyncDispose]() }
}

/** Everything that has been under way has arrived once a later link round is over. */
async function aRoundLater(port: number): Promise<void> {
  using other = speak(port)
  other.say('round')
  await other.hears('round')
}

describe('a link', () => {
  it('carries bytes unchanged and in order, both ways at once, under back-pressure', async () => {
    await using echo = await startEcho()
    await using links = await openLinks(echo.port, 6)
    const sent = randomBytes(24 * 1024 * 1024)
    const carry = async () => {
      const socket = connect({ port: links.port, host: '127.0.0.1' })
      const hash = createHash('sha256')
      socket.on('data', (chunk) => hash.update(chunk))
      socket.end(sent)
      await once(socket, 'end')
      return hash.digest('hex')
    }
    const hashes = await Promise.all([carry(), carry(), carry()])
    const whole = createHash('sha256').update(sent).digest('hex')
    expect(hashes).toEqual([whole, whole, whole])
    const bytes = links.set.list('a/b')[0]?.bytes
    expect(bytes).toEqual({ there: 3 * sent.length, back: 3 * sent.length, underWay: 0 })
  })

  it('stops a sender when the window is full, and goes on when it is not', async () => {
    await using echo = await startEcho()
    await using links = await openLinks(echo.port)
    const underWay = () => links.set.list('a/b')[0]?.bytes.underWay ?? 0
    links.set.setFault('a/b', { kind: 'black-hole' })
    const socket = connect({ port: links.port, host: '127.0.0.1' })
    const sentBytes = 48 * 1024 * 1024
    socket.end(Buffer.alloc(sentBytes))
    expect(await waitUntil(() => underWay() > windowBytes, withinMs)).toBe(true)
    // Time in which much more would have come.
    for (let round = 0; round < 50; round += 1) {
      await aRoundLater(links.set.list('b/a')[0]?.port ?? 0)
    }
    expect(underWay()).toBeLessThan(windowBytes * 1.1)
    expect(socket.writableLength).toBeGreaterThan(0)
    links.set.setFault('a/b', null)
    socket.resume()
    await once(socket, 'end')
    expect(socket.bytesRead).toBe(sentBytes)
  })

  it('takes half a round trip each way, and its handshake first', async () => {
    await using echo = await startEcho()
    await using far = await openLinks(echo.port, farMs)
    await using farther = await openLinks(echo.port, farMs * 20)
    using late = speak(farther.port)
    late.say('late')
    using near = speak(far.port)
    const startedAt = performance.now()
    near.say('one')
    expect(await waitUntil(() => echo.heard() === 'one', withinMs)).toBe(true)
    // Never earlier, whatever the machine; and not much later, or the farther one would be first.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(farMs * 1.5)
    await near.hears('one')
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(farMs * 2)
    const warmAt = performance.now()
    near.say(' two')
    await near.hears('one two')
    expect(performance.now() - warmAt).toBeGreaterThanOrEqual(farMs)
    expect(echo.heard()).toBe('one two')
    expect(late.state.heard).toBe('')
  })

  it('passes on the end of either side, and nothing before the words', async () => {
    await using echo = await startEcho()
    await using links = await openLinks(echo.port, 10)
    using near = speak(links.port)
    near.say('last words')
    near.end()
    await near.hears('last words')
    expect(await waitUntil(() => near.state.isClosed, withinMs)).toBe(true)
    expect(near.state).toMatchObject({ isEnded: true, error: '' })
    const gone = () => links.set.list('a/b')[0]?.connections === 0
    expect(await waitUntil(gone, withinMs)).toBe(true)
  })

  it('resets who calls a port that nobody listens on', async () => {
    const echo = await startEcho()
    await echo[Symbol.asyncDispose]()
    await using links = await openLinks(echo.port, 10)
    using near = speak(links.port)
    await near.isReset()
  })

  it('passes on a reset of the far side', async () => {
    await using echo = await startEcho()
    await using links = await openLinks(echo.port, 10)
    using near = speak(links.port)
    near.say('hello')
    await near.hears('hello')
    echo.sockets[0]?.resetAndDestroy()
    await near.isReset()
  })

  it('sends new connections to another target when told so', async () => {
    await using first = await startEcho()
    await using second = await startEcho()
    await using links = await openLinks(first.port)
    links.set.retarget('a/b', { host: '127.0.0.1', port: second.port })
    await aRoundLater(links.port)
    expect([first.heard(), second.heard()]).toEqual(['', 'round'])
  })
})

describe('a fault on a link', () => {
  async function talking(fault: LinkFault) {
    const echo = await startEcho()
    const links = await openLinks(echo.port, 4)
    const near = speak(links.port)
    near.say('one')
    await near.hears('one')
    const struck = (name = 'a/b') => links.set.list(name)[0]?.struck
    expect(struck()).toBe(0)
    links.set.setFault('a/b', fault)
    expect(links.set.isHealed).toBe(false)
    return {
      echo,
      links,
      near,
      struck,
      /** Links that were not meant still carry. */
      beside: () => aRoundLater(links.set.list('b/a')[0]?.port ?? 0),
      heal: () => {
        const before = struck()
        links.set.setFault('*/*', null)
        expect(links.set.isHealed).toBe(true)
        expect([struck(), struck('b/a')], 'what was met stays known').toEqual([before, 0])
      },
      async [Symbol.asyncDispose]() {
        near[Symbol.dispose]()
        await links[Symbol.asyncDispose]()
        await echo[Symbol.asyncDispose]()
      },
    }
  }

  it('cut: resets what stands and what comes, until it is healed', async () => {
    await using it = await talking({ kind: 'cut' })
    await it.near.isReset()
    using next = speak(it.links.port)
    await next.isReset()
    await it.beside()
    expect(it.struck()).toBe(2)
    it.heal()
    await aRoundLater(it.links.port)
    expect(it.struck()).toBe(2)
  })

  it('counts anew when it is set anew, and nothing when nobody meets it', async () => {
    await using it = await talking({ kind: 'cut' })
    await it.near.isReset()
    expect(it.struck()).toBe(1)
    it.links.set.setFault('a/b', { kind: 'half-open' })
    expect(it.struck()).toBe(0)
    it.links.set.setFault('a/b', { kind: 'slow', bytesPerSecond: 1_000 })
    expect(it.struck()).toBe(0)
    it.heal()
    await aRoundLater(it.links.port)
    expect(it.struck()).toBe(0)
  })

  it('black hole: takes connections and passes nothing; healed, all of it comes', async () => {
    await using it = await talking({ kind: 'black-hole' })
    it.near.say(' two')
    using next = speak(it.links.port)
    next.say('new')
    await it.beside()
    expect(it.echo.heard()).toBe('oneround')
    expect([it.near.state.heard, next.state.heard, next.state.isClosed]).toEqual(['one', '', false])
    // Two words, and the opening of a connection.
    expect(it.struck()).toBe(3)
    it.heal()
    await it.near.hears('one two')
    await next.hears('new')
  })

  it('one way: what is said arrives, and no answer; healed, the answer comes', async () => {
    await using it = await talking({ kind: 'one-way', lost: 'back' })
    it.near.say(' two')
    expect(await waitUntil(() => it.echo.heard() === 'one two', withinMs)).toBe(true)
    await it.beside()
    expect(it.near.state.heard).toBe('one')
    expect(it.struck()).toBe(1)
    it.heal()
    await it.near.hears('one two')
  })

  it('one way, the other: nothing that is said arrives', async () => {
    await using it = await talking({ kind: 'one-way', lost: 'there' })
    it.near.say(' two')
    await it.beside()
    expect(it.echo.heard()).toBe('oneround')
    it.heal()
    await it.near.hears('one two')
  })

  it('slow: bytes take their time, in order, and are as quick as ever when healed', async () => {
    await using it = await talking({ kind: 'slow', bytesPerSecond: 2_000 })
    const startedAt = performance.now()
    const words = 'x'.repeat(300)
    it.near.say(words)
    await it.near.hears(`one${words}`)
    expect(it.struck()).toBeGreaterThanOrEqual(2)
    // 150 ms each way at this pace; never less.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(150)
    const more = 'y'.repeat(200_000)
    it.near.say(more)
    // At this pace what is under way would take longer than is waited for.
    const underWay = () => it.links.set.list('a/b')[0]?.bytes.underWay ?? 0
    expect(await waitUntil(() => underWay() > 50_000, withinMs)).toBe(true)
    it.heal()
    await it.near.hears(`one${words}${more}`)
  })

  it('late: comes so much later, and not out of order when that ends', async () => {
    await using it = await talking({ kind: 'late', byMs: 100 * withinMs })
    it.near.say(' two')
    await it.beside()
    expect(it.echo.heard()).toBe('oneround')
    expect(it.struck()).toBe(1)
    it.heal()
    it.near.say(' three')
    await it.near.hears('one two three')
  })

  it('half-open: the far side is gone in silence, and the reset comes with the healing', async () => {
    await using it = await talking({ kind: 'half-open' })
    const [far] = it.echo.sockets
    expect(await waitUntil(() => far?.destroyed === true, withinMs)).toBe(true)
    it.near.say(' two')
    using silent = speak(it.links.port)
    using next = speak(it.links.port)
    next.say('new')
    await it.beside()
    expect(it.near.state).toMatchObject({ heard: 'one', isClosed: false })
    expect(next.state.isClosed).toBe(false)
    expect(it.echo.heard()).toBe('oneround')
    // Two connections that were taken, and a word of each of two.
    expect(it.struck()).toBe(4)
    it.heal()
    await it.near.isReset()
    await next.isReset()
    expect(silent.state.isClosed).toBe(false)
    silent.say('late')
    await silent.isReset()
    await aRoundLater(it.links.port)
  })
})

describe('patterns', () => {
  it('mean one link, all of one end, or all', async () => {
    await using echo = await startEcho()
    await using links = await openLinks(echo.port)
    const names = (pattern: string) => links.set.list(pattern).map(({ name }) => name)
    expect(names('a/b')).toEqual(['a/b'])
    expect(names('a/*')).toEqual(['a/b', 'a/database'])
    expect(names('*/a')).toEqual(['b/a'])
    expect(names('*/*')).toHaveLength(3)
    for (const none of ['', '*', 'a', 'a/c', 'a/b/c']) expect(names(none)).toEqual([])
  })
})
