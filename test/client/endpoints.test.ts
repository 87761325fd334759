import { describe, expect, it } from 'vitest'
import { errorOf, event, seats, testClient } from './harness.ts'
import { type Reply, refusal, result, scriptedServer, type WireServer } from './wire-server.ts'

/** A URL at which nothing listens: its port was just given back. */
async function deadUrl(): Promise<string> {
  const server = await scriptedServer(result('never'))
  const { url } = server
  await server[Symbol.asyncDispose]()
  return url
}

const place = { event, seats }

/** In the order given: on one machine all are equally near. */
const inOrder = { nearest: false }

describe('several endpoints', () => {
  it('the second one answers at once when the first is dead', async () => {
    await using second = await scriptedServer(result('done'))
    const { client, waits } = testClient([await deadUrl(), second], inOrder)
    expect(await client.holds.place.mutate(place)).toBe('done')
    expect(waits).toEqual([0])
  })

  it('a dead one is passed over by the next calls', async () => {
    await using first = await scriptedServer({ kind: 'reset' })
    await using second = await scriptedServer(result('done'))
    const { client } = testClient([first, second], inOrder)
    for (let call = 0; call < 3; call += 1) await client.holds.place.mutate(place)
    expect(first.calls).toHaveLength(1)
    expect(second.calls).toHaveLength(3)
  })

  it('the same key reaches both: two regions see one wish', async () => {
    await using first = await scriptedServer({ kind: 'cut' })
    await using second = await scriptedServer(result('done'))
    const { client } = testClient([first, second], inOrder)
    await client.holds.place.mutate(place)
    expect(second.calls).toEqual(first.calls)
  })

  it('one that is not ready sends its callers to the next', async () => {
    const notReady = refusal('UNAVAILABLE', { status: 503, transient: true, retryAfterMs: 1_000 })
    await using first = await scriptedServer(notReady)
    await using second = await scriptedServer(result('done'))
    const { client, waits } = testClient([first, second], inOrder)
    expect(await client.holds.place.mutate(place)).toBe('done')
    expect(waits).toEqual([0])
  })

  it('one that has a bug is not left: the next would have it too', async () => {
    const body = { error: { code: 0, message: '', data: { httpStatus: 500, refusal: null } } }
    await using first = await scriptedServer({ kind: 'json', status: 500, body }, result('done'))
    await using second = await scriptedServer(result('elsewhere'))
    expect(await testClient([first, second], inOrder).client.holds.place.mutate(place)).toBe('done')
  })

  it('one that answers again is trusted again: a later failure is its first', async () => {
    const reset = { kind: 'reset' } as const
    await using first = await scriptedServer(reset, result('back'), reset, result('back again'))
    await using second = await scriptedServer(result('elsewhere'))
    const { client, skip } = testClient([first, second], inOrder)
    const answers: unknown[] = []
    for (let call = 0; call < 4; call += 1) {
      answers.push(await client.holds.place.mutate(place))
      skip(1_000)
    }
    expect(answers).toEqual(['elsewhere', 'back', 'elsewhere', 'back again'])
  })

  it('one is not left because a caller gave up', async () => {
    await using first = await scriptedServer({ kind: 'silence' }, result('done'))
    await using second = await scriptedServer(result('elsewhere'))
    const { client } = testClient([first, second], inOrder)
    const giveUp = new AbortController()
    const given = errorOf(client.holds.place.mutate(place, { signal: giveUp.signal }))
    await expect.poll(() => first.calls.length).toBe(1)
    giveUp.abort()
    expect(await given).toHaveProperty('code', 'ABORTED')
    expect(await client.holds.place.mutate(place)).toBe('done')
  })

  it('when all are dead, the call backs off and ends', async () => {
    const { client, waits } = testClient([await deadUrl(), await deadUrl()], inOrder)
    const error = await errorOf(client.holds.place.mutate(place))
    expect(error).toMatchObject({ code: 'NETWORK', attempts: 5, outcome: 'refused' })
    expect(waits).toEqual([0, 100, 200, 400])
  })

  it('base URLs may have a path; what is no URL is refused when the client is made', async () => {
    await using server = await scriptedServer(result('done'))
    const { client } = testClient([`${server.url}/tickets/`])
    expect(await client.holds.place.mutate(place)).toBe('done')
    expect(() => testClient(['tickets.example'])).toThrow('"tickets.example" is no http(s) URL')
    expect(() => testClient([])).toThrow('one base URL or more')
  })
})

describe('batches', () => {
  const answers = (server: WireServer) => server.seen.map((request) => request.calls.length)

  it('queries of one tick share a request, ten at most', async () => {
    await using server = await scriptedServer(result('found'))
    const { client } = testClient([server])
    const found = await Promise.all(
      Array.from({ length: 12 }, () => client.events.get.query({ event })),
    )
    expect(found).toEqual(Array(12).fill('found'))
    expect(answers(server)).toEqual(expect.arrayContaining([10, 2]))
  })

  it('mutations go alone', async () => {
    await using server = await scriptedServer(result('done'))
    const { client } = testClient([server])
    await Promise.all([client.holds.place.mutate(place), client.holds.place.mutate(place)])
    expect(answers(server)).toEqual([1, 1])
  })

  it('only what failed in a batch is repeated', async () => {
    const later = refusal('UNAVAILABLE', { status: 503, transient: true })
    const replies: Reply[] = [result('a'), later, refusal('NOT_FOUND', { status: 404 })]
    await using server = await scriptedServer(...replies, result('b'))
    const { client } = testClient([server])
    const [a, b, c] = await Promise.allSettled([
      client.events.get.query({ event }),
      client.events.availability.query({ event }),
      client.events.seatMap.query({ event }),
    ])
    expect([a, b]).toMatchObject([{ value: 'a' }, { value: 'b' }])
    expect(c).toMatchObject({ reason: { code: 'NOT_FOUND', attempts: 1 } })
    expect(server.seen[1]?.calls.map((call) => call.path)).toEqual(['events.availability'])
  })
})
