import { TRPCClientError } from '@trpc/client'
import { describe, expect, it } from 'vitest'
import { FrontrowError } from '../../client/index.ts'
import { errorOf, event, seats, testClient } from './harness.ts'
import { answeringServer, contention, refusal, result, scriptedServer } from './wire-server.ts'

const cut = { kind: 'cut' } as const

describe('a write that ends without an answer', () => {
  it('is unknown when its answers were lost, and says with which key to ask', async () => {
    await using server = await scriptedServer(cut)
    const { client } = testClient([server], { attemptsMax: 3 })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'NETWORK', attempts: 3, outcome: 'unknown' })
    expect(error.key).toMatch(/^[0-9a-f-]{36}$/)
    expect(error.message).toContain(`key ${error.key}`)
    expect(error.message).toContain('orders.getByKey')
  })

  it('is unknown when the server itself does not know', async () => {
    const unknown = refusal('OUTCOME_UNKNOWN', { status: 503, transient: true, retryAfterMs: 10 })
    await using server = await scriptedServer(unknown)
    const { client } = testClient([server], { attemptsMax: 2 })
    const error = await errorOf(client.checkout.start.mutate({ holdToken: 't' }))
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', attempts: 2, outcome: 'unknown' })
    expect(error.message).toContain('orders.getByKey')
  })

  it('is refused when the repetition of a lost attempt is refused by key', async () => {
    await using server = await scriptedServer(cut, refusal('SEATS_TAKEN'))
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'SEATS_TAKEN', attempts: 2, outcome: 'refused' })
  })

  it('stays unknown when the repetition was refused before anybody looked at the key', async () => {
    await using server = await scriptedServer(cut, refusal('SALE_CLOSED'))
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'SALE_CLOSED', attempts: 2, outcome: 'unknown' })
  })

  it('stays unknown when a later attempt was only sent away', async () => {
    await using server = await scriptedServer(cut, contention(0))
    const { client } = testClient([server], { attemptsMax: 2 })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'CONTENTION', outcome: 'unknown' })
  })

  it('is refused when nothing was ever sent', async () => {
    await using server = await scriptedServer(result('done'))
    const { url } = server
    await server[Symbol.asyncDispose]()
    const { client } = testClient([url], { attemptsMax: 2 })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'NETWORK', attempts: 2, outcome: 'refused' })
    await server.listen()
  })

  it('a query is never unknown: it did nothing', async () => {
    await using server = await scriptedServer(cut)
    const { client } = testClient([server], { attemptsMax: 2 })
    const error = await errorOf(client.events.get.query({ event }))
    expect(error).toMatchObject({ code: 'NETWORK', attempts: 2, outcome: 'refused' })
  })
})

describe('errors', () => {
  it('are FrontrowErrors and TRPCClientErrors, with the cause and data kept', async () => {
    await using server = await scriptedServer(refusal('SOLD_OUT'))
    const error = await errorOf(testClient([server]).client.holds.place.mutate({ event, seats }))
    expect(error).toBeInstanceOf(FrontrowError)
    expect(error).toBeInstanceOf(TRPCClientError)
    expect(error.data?.refusal?.code).toBe('SOLD_OUT')
    expect(error.cause).toBeInstanceOf(TRPCClientError)
  })

  it('say INTERNAL for what cannot even be sent', async () => {
    await using server = await scriptedServer(result('done'))
    const units = [1n as unknown as number]
    const { client } = testClient([server])
    const error = await errorOf(client.holds.place.mutate({ event, seats: { ...seats, units } }))
    expect(error).toMatchObject({ code: 'INTERNAL', attempts: 1, outcome: 'refused' })
    expect(server.calls).toHaveLength(0)
  })
})

describe('idempotency keys', () => {
  it('are made anew for each wish, and only where the procedure takes one', async () => {
    await using server = await answeringServer(() => result('done'))
    let made = 0
    const { client } = testClient([server], { keys: () => `key-number-${++made}` })
    await client.holds.place.mutate({ event, seats })
    await client.holds.place.mutate({ event, seats })
    await client.holds.release.mutate({ event, hold: 'ord_use1_x' })
    expect(server.calls.map((call) => call.input)).toEqual([
      { event, seats, key: 'key-number-1' },
      { event, seats, key: 'key-number-2' },
      { event, hold: 'ord_use1_x' },
    ])
  })

  it('of the caller are sent as they are', async () => {
    await using server = await scriptedServer(result('done'))
    const { client } = testClient([server])
    const key = client.newKey()
    await client.holds.place.mutate({ event, seats, key })
    expect(server.calls[0]?.input).toMatchObject({ key })
  })
})
