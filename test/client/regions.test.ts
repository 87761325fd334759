/** Several regions, as real servers on this machine with ways of different length, and dying. */
import { execFile } from 'node:child_process'
import { setTimeout as wayOf } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { errorOf, event, seats, testClient } from './harness.ts'
import { refusal, result, scriptedServer, type WireServer } from './wire-server.ts'

const place = { event, seats }

/** A region so far away, that answers with its name. */
async function region(name: string, wayMs: number): Promise<WireServer> {
  const server = await scriptedServer(result(name))
  server.way = () => wayOf(wayMs)
  return server
}

/** Connections are taken, and nothing ever comes back. */
const blackHole = () => new Promise<void>(() => undefined)

/** Until the client has measured so often. */
const measured = (server: WireServer, looks: number) =>
  eventually(() => server.looks >= looks, { what: `${looks} looks at a region` })

describe('the nearest region', () => {
  it('is used, in whatever order they are given', async () => {
    await using far = await region('far', 250)
    await using near = await region('near', 0)
    const { client } = testClient([far, near])
    const answers: unknown[] = []
    for (let call = 0; call < 5; call += 1) answers.push(await client.holds.place.mutate(place))
    expect(answers).toEqual(Array(5).fill('near'))
    expect(far.calls).toHaveLength(0)
    await measured(far, 3)
  })

  it('is found although the first of the list swallows everything', async () => {
    await using hole = await region('hole', 0)
    hole.way = blackHole
    await using near = await region('near', 0)
    const { client } = testClient([hole, near])
    expect(await client.holds.place.mutate(place)).toBe('near')
    expect(hole.calls).toHaveLength(0)
  })

  it('is not looked for when the order is the caller’s, or there is one only', async () => {
    await using first = await region('first', 30)
    await using second = await region('second', 0)
    const { client } = testClient([first, second], { nearest: false })
    expect(await client.holds.place.mutate(place)).toBe('first')
    expect(await testClient([first]).client.holds.place.mutate(place)).toBe('first')
    expect(first.looks + second.looks).toBe(0)
  })

  it('that has died is replaced within the call, with the same key, and gone home to later', async () => {
    const near = await region('near', 0)
    const { port } = near
    await using far = await region('far', 150)
    near.headers = { 'x-frontrow-seen': 'order-7' }
    const { client, skip, waits } = testClient([far, near])
    expect(await client.holds.place.mutate(place)).toBe('near')
    await measured(far, 3)
    await near[Symbol.asyncDispose]()

    expect(await client.holds.place.mutate({ ...place, key: 'one-wish-one-key' })).toBe('far')
    expect(waits).toEqual([0])
    expect(far.calls.at(-1)?.input).toEqual({ ...place, key: 'one-wish-one-key' })
    expect(far.seen.at(-1)?.headers['x-frontrow-seen']).toBe('order-7')

    await using back = await region('near', 0)
    await back[Symbol.asyncDispose]().then(() => back.listen(port))
    skip(1_000)
    expect(await client.holds.place.mutate(place)).toBe('far')
    await measured(back, 3)
    expect(await client.holds.place.mutate(place)).toBe('far')
    const answers: unknown[] = []
    for (let tens = 1; tens <= 6; tens += 1) {
      skip(12_500)
      answers.push(await client.holds.place.mutate(place))
      await measured(back, Math.min(5, tens + 1) * 3)
    }
    // Steady after three of them, and measured as nearer a second time after four.
    expect(answers).toEqual(['far', 'far', 'far', 'far', 'near', 'near'])
  })

  it('that falls silent is asked whether it lives, and left before its time is over', async () => {
    await using near = await region('near', 0)
    await using far = await region('far', 150)
    const { client } = testClient([near, far], { deadlineMs: 60_000 })
    expect(await client.holds.place.mutate(place)).toBe('near')
    await measured(near, 3)
    near.way = blackHole
    const beganMs = performance.now()
    expect(await client.holds.place.mutate({ ...place, key: 'one-wish-one-key' })).toBe('far')
    // Its share was 30 s.
    expect(performance.now() - beganMs).toBeLessThan(20_000)
    expect(far.calls).toEqual([near.calls.at(-1)])
  })

  it('that lives and is slow is given its share of the time', async () => {
    await using near = await scriptedServer({ kind: 'silence' })
    await using far = await region('far', 150)
    const options = { nearest: false, deadlineMs: 5_000 }
    const { client } = testClient([near, far], options)
    const beganMs = performance.now()
    expect(await client.holds.place.mutate(place)).toBe('far')
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(2_450)
    expect(near.looks).toBe(1)
    // The other could: it was the region's fault, and it rests.
    expect(await client.holds.place.mutate(place)).toBe('far')
    expect(near.calls).toHaveLength(1)
  })
})

it('regions that live and are slow, all of them, are not blamed', async () => {
  await using near = await scriptedServer({ kind: 'silence' }, result('done'))
  await using far = await scriptedServer({ kind: 'silence' })
  const options = { nearest: false, deadlineMs: 2_000, attemptsMax: 2, stillClock: true }
  const { client } = testClient([near, far], options)
  const error = await errorOf(client.holds.place.mutate(place))
  expect(error).toMatchObject({ code: 'DEADLINE', attempts: 2, outcome: 'unknown' })
  expect(error.message).not.toContain('None of')
  expect(await client.holds.place.mutate(place)).toBe('done')
})

it('measuring keeps no process alive', async () => {
  await using hole = await region('hole', 0)
  hole.way = blackHole
  await using near = await region('near', 0)
  const program = `
    import { createClient } from './client/index.ts'
    const client = createClient({ endpoints: ${JSON.stringify([hole.url, near.url])} })
    process.stdout.write(await client.holds.place.mutate(${JSON.stringify(place)}))
  `
  const parameters = ['--import', 'tsx', '--input-type=module', '--eval', program]
  // Longer than a look may take, and shorter than the time to the next round.
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { timeout: 60_000 })
  expect(stdout).toBe('near')
})

describe('when all regions are dead', () => {
  it('one error says so: nothing was done when nobody could be reached', async () => {
    const servers = await Promise.all([region('a', 0), region('b', 0), region('c', 0)])
    for (const server of servers) await server[Symbol.asyncDispose]()
    const urls = await Promise.all(servers.map(() => deadUrl()))
    const { client } = testClient(urls)
    const error = await errorOf(client.holds.place.mutate(place))
    expect(error).toMatchObject({ code: 'NETWORK', outcome: 'refused', transient: true })
    expect(error.message).toMatch(/^None of 3 endpoints answers\. The server cannot be reached\.$/)
  })

  it('it may have been done when they took the call and fell silent', async () => {
    await using a = await region('a', 0)
    await using b = await region('b', 0)
    const { client } = testClient([a, b], { deadlineMs: 2_400 })
    await client.holds.place.mutate(place)
    a.way = blackHole
    b.way = blackHole
    const error = await errorOf(client.holds.place.mutate({ ...place, key: 'one-wish-one-key' }))
    expect(error).toMatchObject({ code: 'DEADLINE', outcome: 'unknown', key: 'one-wish-one-key' })
    const sent = [...a.calls, ...b.calls].filter(({ input }) => keyOf(input) === 'one-wish-one-key')
    expect(sent.length).toBeGreaterThanOrEqual(2)
    expect(new Set(sent.map(({ input }) => JSON.stringify(input))).size).toBe(1)
  })

  it('done is done: a region that comes back in time answers the same call', async () => {
    const lost = await region('lost', 0)
    const { port, url } = lost
    await lost[Symbol.asyncDispose]()
    const back = await region('back', 0)
    await back[Symbol.asyncDispose]()
    let isBack = false
    const beforeWait = async (ms: number) => {
      if (ms > 0 && !isBack) await back.listen(port)
      isBack ||= ms > 0
    }
    const { client } = testClient([await deadUrl(), url], { beforeWait })
    expect(await client.holds.place.mutate(place)).toBe('back')
    await back[Symbol.asyncDispose]()
  })
})

describe('a region that refuses', () => {
  const passing = (code: string) =>
    refusal(code, { status: 503, transient: true, retryAfterMs: 500 })

  it('because it is not ready is left for the next, and rests if that one is', async () => {
    await using first = await scriptedServer(passing('UNAVAILABLE'))
    await using second = await scriptedServer(result('done'))
    const { client, waits } = testClient([first, second], { nearest: false })
    for (let call = 0; call < 3; call += 1) await client.holds.place.mutate(place)
    expect(waits).toEqual([0])
    expect([first.calls.length, second.calls.length]).toEqual([1, 3])
  })

  it('because what was asked for is out of reach everywhere is not blamed', async () => {
    await using first = await scriptedServer(passing('UNAVAILABLE'), result('done'))
    await using second = await scriptedServer(passing('UNAVAILABLE'))
    const { client, waits } = testClient([first, second], { nearest: false })
    for (let call = 0; call < 3; call += 1) await client.holds.place.mutate(place)
    expect(waits).toEqual([0, 500 + 100])
    expect([first.calls.length, second.calls.length]).toEqual([4, 1])
  })

  it('because nobody sells yet is waited for, not left', async () => {
    await using first = await scriptedServer(passing('NO_AUTHORITY'), result('done'))
    await using second = await scriptedServer(result('elsewhere'))
    const { client, waits } = testClient([first, second], { nearest: false })
    expect(await client.holds.place.mutate(place)).toBe('done')
    expect(waits).toEqual([500 + 50])
    expect(second.calls).toHaveLength(0)
  })

  it('and keeps hearing of nobody who sells is left: it may be cut off from the others', async () => {
    await using first = await scriptedServer(passing('NO_AUTHORITY'))
    await using second = await scriptedServer(result('elsewhere'))
    const { client, waits } = testClient([first, second], { nearest: false })
    expect(await client.holds.place.mutate(place)).toBe('elsewhere')
    expect(waits).toEqual([500 + 50, 500 + 100])
    expect(await client.holds.place.mutate(place)).toBe('elsewhere')
    expect(first.calls).toHaveLength(2)
  })

  it('because the authority has just moved is asked again', async () => {
    await using first = await scriptedServer(passing('AUTHORITY_MOVED'), result('done'))
    await using second = await scriptedServer(result('elsewhere'))
    const { client, waits } = testClient([first, second], { nearest: false })
    expect(await client.holds.place.mutate(place)).toBe('done')
    expect(waits).toEqual([500 + 50])
  })
})

function keyOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'key' in input ? input.key : null
}

/** A URL at which nothing listens: its port was just given back. */
async function deadUrl(): Promise<string> {
  const server = await scriptedServer(result('never'))
  const { url } = server
  await server[Symbol.asyncDispose]()
  return url
}
