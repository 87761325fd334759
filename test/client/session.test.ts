/** What a client sends beside its calls: how long it waits, and what it has seen. */
import { describe, expect, it } from 'vitest'
import type { OlderAnswer } from '../../client/index.ts'
import { event, seats, testClient } from './harness.ts'
import { contention, result, scriptedServer, type WireServer } from './wire-server.ts'

const place = { event, seats }
const deadlineOf = (server: WireServer, request: number) =>
  Number(server.seen[request]?.headers['x-frontrow-deadline-ms'])

describe('the time that is left', () => {
  it('is sent with each attempt: its own share', async () => {
    await using server = await scriptedServer(contention(4_000), result('done'))
    const { client } = testClient([server], { deadlineMs: 10_000, stillClock: true })
    await client.holds.place.mutate(place)
    expect(deadlineOf(server, 0)).toBe(5_000)
    expect(deadlineOf(server, 1)).toBe(Math.floor((10_000 - 4_050) / 2))
  })

  it('is all of it when no other attempt follows', async () => {
    await using server = await scriptedServer(result('done'))
    const options = { deadlineMs: 10_000, stillClock: true, attemptsMax: 1 }
    await testClient([server], options).client.holds.place.mutate(place)
    expect(deadlineOf(server, 0)).toBe(10_000)
  })

  it('of a batch is the smallest', async () => {
    await using server = await scriptedServer(result('found'))
    const { client } = testClient([server], { token: 'access', stillClock: true })
    await Promise.all([
      client.events.get.query({ event }),
      client.events.get.query({ event }, { context: { deadlineMs: 6_000 } }),
    ])
    expect(server.seen).toHaveLength(1)
    expect(deadlineOf(server, 0)).toBe(3_000)
  })

  it('is not sent with queries of nobody: each would cost browsers a preflight', async () => {
    await using server = await scriptedServer(result('found'))
    await testClient([server]).client.events.get.query({ event })
    const own = Object.keys(server.seen[0]?.headers ?? {}).filter((name) => name.startsWith('x-'))
    expect(own).toEqual([])
  })
})

describe('what was seen', () => {
  it('goes with each later call, and may be kept and given back by a page', async () => {
    await using server = await scriptedServer(result('done'))
    const { client } = testClient([server])
    server.headers = { 'x-frontrow-seen': 'v1' }
    await client.holds.place.mutate(place)
    server.headers = {}
    await client.events.get.query({ event })
    expect(client.session.seen).toBe('v1')
    const later = testClient([server]).client
    later.session.seen = client.session.seen
    await later.events.get.query({ event })
    const sent = server.seen.map(({ headers }) => headers['x-frontrow-seen'])
    expect(sent).toEqual([undefined, 'v1', 'v1'])
  })

  it('is kept from refusals, too', async () => {
    await using server = await scriptedServer(contention(0))
    server.headers = { 'x-frontrow-seen': 'v2' }
    const { client } = testClient([server], { attemptsMax: 1 })
    await client.holds.place.mutate(place).catch(() => undefined)
    expect(client.session.seen).toBe('v2')
  })

  it('and an answer that is older is told of, and given all the same', async () => {
    await using server = await scriptedServer(result('found'))
    const older: OlderAnswer[] = []
    const { client } = testClient([server], { onOlder: (answer) => older.push(answer) })
    await client.events.get.query({ event })
    expect(older).toEqual([])
    server.headers = { 'x-frontrow-older': 'true' }
    expect(await client.events.get.query({ event })).toBe('found')
    expect(older).toEqual([{ path: 'events.get', input: { event } }])
  })
})
