import { describe, expect, it } from 'vitest'
import { errorOf, event, seats, testClient } from './harness.ts'
import { answeringServer, refusal, result, scriptedServer } from './wire-server.ts'

const notSignedIn = refusal('NOT_SIGNED_IN', { status: 401 })

/** Takes only this token. */
const serverThatTakes = (token: string) =>
  answeringServer((_, { authorization }) =>
    authorization === `Bearer ${token}` ? result('done') : notSignedIn,
  )

describe('access tokens', () => {
  it('a fixed one is sent with each call', async () => {
    await using server = await serverThatTakes('good')
    const { client } = testClient([server], { token: 'good' })
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
    expect(await client.events.get.query({ event })).toBe('done')
  })

  it('none is sent when there is none', async () => {
    await using server = await scriptedServer(result('found'))
    await testClient([server]).client.events.get.query({ event })
    expect(server.seen[0]?.authorization).toBeUndefined()
  })

  it('one that is refused is asked for again once, with the same key and no attempt spent', async () => {
    await using server = await serverThatTakes('token-2')
    let asked = 0
    const { client, waits } = testClient([server], { token: async () => `token-${++asked}` })
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
    expect(asked).toBe(2)
    expect(waits).toEqual([])
    expect(server.calls[1]).toEqual(server.calls[0])
    await client.holds.place.mutate({ event, seats })
    expect(asked).toBe(2)
  })

  it('calls that are refused together ask once together', async () => {
    await using server = await serverThatTakes('token-2')
    let asked = 0
    const { client } = testClient([server], { token: () => `token-${++asked}` })
    const calls = Array.from({ length: 20 }, () => client.holds.place.mutate({ event, seats }))
    expect(await Promise.all(calls)).toEqual(Array(20).fill('done'))
    expect(asked).toBe(2)
  })

  it('a new one that is refused too is the end', async () => {
    await using server = await scriptedServer(notSignedIn)
    const { client } = testClient([server], { token: () => 'bad' })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'NOT_SIGNED_IN', outcome: 'refused' })
    expect(server.calls).toHaveLength(2)
  })

  it('a fixed one that is refused is not sent again', async () => {
    await using server = await scriptedServer(notSignedIn)
    const { client } = testClient([server], { token: 'bad' })
    await errorOf(client.holds.place.mutate({ event, seats }))
    expect(server.calls).toHaveLength(1)
  })

  it('who cannot give one ends the call unsent, and is asked again by the next', async () => {
    await using server = await serverThatTakes('good')
    let asked = 0
    const token = () => {
      asked += 1
      if (asked === 1) throw new Error('the issuer is away')
      return 'good'
    }
    const { client } = testClient([server], { token })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'NOT_SIGNED_IN', outcome: 'refused' })
    expect(server.calls).toHaveLength(0)
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
  })

  it('who never gives one ends the call at its deadline', async () => {
    await using server = await serverThatTakes('good')
    const token = () => new Promise<string>(() => {})
    const { client } = testClient([server], { token, deadlineMs: 100 })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'DEADLINE' })
    expect(server.calls).toHaveLength(0)
  })
})
