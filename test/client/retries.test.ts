import { describe, expect, it } from 'vitest'
import { errorOf, event, seats, testClient } from './harness.ts'
import {
  answeringServer,
  bug,
  contention,
  type Reply,
  refusal,
  result,
  scriptedServer,
} from './wire-server.ts'

const keysOf = (server: { calls: readonly { input: unknown }[] }) =>
  server.calls.map((call) => (call.input as { key?: string }).key)

describe('transient refusals', () => {
  it('are repeated after the wait that the server asks for, with the same input and key', async () => {
    await using server = await scriptedServer(contention(200), contention(700), result({ id: 'x' }))
    const { client, waits } = testClient([server])
    expect(await client.holds.place.mutate({ event, seats })).toEqual({ id: 'x' })
    expect(waits).toEqual([200 + 50, 700 + 100])
    expect(server.calls).toHaveLength(3)
    expect(new Set(server.calls.map((call) => JSON.stringify(call)))).toHaveProperty('size', 1)
    expect(keysOf(server)[0]).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('end with the last refusal after so many attempts; nothing was done', async () => {
    await using server = await scriptedServer(contention(0))
    const { client } = testClient([server], { attemptsMax: 3 })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'CONTENTION', attempts: 3, outcome: 'refused' })
    expect(server.calls).toHaveLength(3)
  })

  it('are not waited for when the wait is longer than the time that is left', async () => {
    await using server = await scriptedServer(contention(60_000))
    const { client, waits } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'CONTENTION', attempts: 1, retryAfterMs: 60_000 })
    expect(waits).toEqual([])
  })

  it('are repeated for mutations that this client does not know: nothing was done', async () => {
    await using server = await scriptedServer(contention(0), result('done'))
    const { client } = testClient([server])
    expect(await newer(client).refunds.make.mutate({})).toBe('done')
  })
})

describe('final refusals', () => {
  it('are not repeated, and say what they are', async () => {
    const details = { units: [1] }
    await using server = await scriptedServer(refusal('SEATS_TAKEN', { details }))
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats, key: 'my-own-key' }))
    expect(error).toMatchObject({
      name: 'FrontrowError',
      code: 'SEATS_TAKEN',
      message: 'refused: SEATS_TAKEN',
      transient: false,
      details,
      requestId: 'req_1',
      attempts: 1,
      outcome: 'refused',
      path: 'holds.place',
      key: 'my-own-key',
    })
    expect(server.calls).toHaveLength(1)
  })

  it('name the faulty fields of the input', async () => {
    const issues = [{ path: 'seats.units', message: 'names a unit twice' }]
    await using server = await scriptedServer(refusal('BAD_INPUT', { status: 400, issues }))
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'BAD_INPUT', issues })
  })

  it('are also read when they were given before any procedure', async () => {
    const plain = { code: 'TOO_LARGE', message: 'Too large.', transient: false }
    const body = { error: { message: 'Too large.', data: { refusal: plain, issues: null } } }
    await using server = await scriptedServer({ kind: 'json', status: 413, body })
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'TOO_LARGE', message: 'Too large.', outcome: 'refused' })
    expect(server.calls).toHaveLength(1)
  })
})

describe('faults', () => {
  const faults: readonly (readonly [string, Reply])[] = [
    ['an answer that is cut in the middle', { kind: 'cut' }],
    ['a connection that dies without a byte', { kind: 'reset' }],
    ["a proxy's page with status 502", { kind: 'proxy', status: 502 }],
    [
      "a proxy's own JSON with status 503",
      { kind: 'proxy', status: 503, body: '{"no":"upstream"}' },
    ],
    ['a bug of the server', bug()],
  ]
  it.each(faults)('%s: the mutation is repeated with the same key', async (_, fault) => {
    await using server = await scriptedServer(fault, fault, result('done'))
    const { client, waits } = testClient([server])
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
    expect(server.calls).toHaveLength(3)
    expect(new Set(keysOf(server))).toHaveProperty('size', 1)
    expect(waits).toEqual([50, 100])
  })

  it.each(faults)('%s: a query is repeated', async (_, fault) => {
    await using server = await scriptedServer(fault, result('found'))
    const { client } = testClient([server])
    expect(await client.events.get.query({ event })).toBe('found')
  })

  it('a connection that is refused, until the server is up', async () => {
    await using server = await scriptedServer(result('done'))
    const { port } = server
    await server[Symbol.asyncDispose]()
    let waited = 0
    const beforeWait = async () => {
      waited += 1
      if (waited === 2) await server.listen(port)
    }
    const { client } = testClient([`http://127.0.0.1:${port}`], { beforeWait })
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
    expect(waited).toBe(2)
  })

  it('a page with status 404 is final: the address is wrong', async () => {
    await using server = await scriptedServer({ kind: 'proxy', status: 404 })
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'NETWORK', attempts: 1, outcome: 'refused' })
  })

  it("a proxy's 429 is repeated after its retry-after", async () => {
    const busy: Reply = { kind: 'proxy', status: 429, headers: { 'retry-after': '3' } }
    await using server = await scriptedServer(busy, result('done'))
    const { client, waits } = testClient([server])
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
    expect(waits).toEqual([3_050])
  })

  it('a mutation that this client does not know is not repeated after a lost answer', async () => {
    await using server = await scriptedServer({ kind: 'reset' }, result('done'))
    const { client } = testClient([server])
    const error = await errorOf(newer(client).refunds.make.mutate({}))
    expect(error).toMatchObject({ code: 'NETWORK', attempts: 1, outcome: 'unknown' })
  })
})

describe('the retry budget', () => {
  it('ends retries when nothing succeeds any more, and not before', async () => {
    await using server = await scriptedServer(contention(0))
    const { client } = testClient([server], { attemptsMax: 5 })
    const place = () => errorOf(client.holds.place.mutate({ event, seats }))
    const attempts: number[] = []
    for (let call = 0; call < 27; call += 1) attempts.push((await place()).attempts)
    // 500 tokens pay for 100 retries: 25 calls of four retries each.
    expect(attempts).toEqual([...Array(25).fill(5), 1, 1])
  })

  it('is filled by successes: five pay for one retry', async () => {
    let replies: Reply[] = []
    await using server = await answeringServer(() => replies.shift() ?? contention(0))
    const { client } = testClient([server], { attemptsMax: 5 })
    const place = () => client.holds.place.mutate({ event, seats })
    for (let call = 0; call < 25; call += 1) await errorOf(place())
    replies = Array(5).fill(result('done'))
    for (let call = 0; call < 5; call += 1) await place()
    expect(await errorOf(place())).toHaveProperty('attempts', 2)
  })
})

/** A procedure of a newer server, as somebody who goes around the types would call it. */
function newer(client: unknown) {
  type Newer = { refunds: { make: { mutate: (input: object) => Promise<unknown> } } }
  const { holds } = client as { holds: unknown }
  // tRPC's proxy takes any path: holds.refunds.make stands for what the types do not know.
  return holds as Newer
}
