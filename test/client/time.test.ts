import { describe, expect, it } from 'vitest'
import { errorOf, event, seats, testClient } from './harness.ts'
import { contention, result, scriptedServer } from './wire-server.ts'

const silence = { kind: 'silence' } as const

describe('time', () => {
  it('a call that gets no answer ends at its deadline, unknown', async () => {
    await using server = await scriptedServer(silence)
    const { client } = testClient([server], { deadlineMs: 100 })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'DEADLINE', attempts: 1, outcome: 'unknown' })
  })

  it('a single call may have a deadline of its own', async () => {
    await using server = await scriptedServer(silence)
    const { client } = testClient([server])
    const context = { deadlineMs: 100 }
    const error = await errorOf(client.events.get.query({ event }, { context }))
    expect(error).toMatchObject({ code: 'DEADLINE', attempts: 1, outcome: 'refused' })
  })

  it('an attempt takes half of the time at most, so that another can still be answered', async () => {
    await using server = await scriptedServer(silence, result('done'))
    const { client } = testClient([server], { deadlineMs: 2_200 })
    expect(await client.holds.place.mutate({ event, seats })).toBe('done')
    expect(server.calls).toHaveLength(2)
    expect(server.calls[1]).toEqual(server.calls[0])
  })

  it('retries share the time: no attempt begins that could not be answered', async () => {
    await using server = await scriptedServer(contention(400))
    const { client, waits } = testClient([server], { deadlineMs: 950, stillClock: true })
    const error = await errorOf(client.holds.place.mutate({ event, seats }))
    expect(error).toMatchObject({ code: 'CONTENTION', attempts: 2 })
    expect(waits).toEqual([450])
  })

  it("the caller's signal ends a call at once, also one of a batch", async () => {
    await using server = await scriptedServer(silence)
    const { client } = testClient([server])
    const giveUp = new AbortController()
    const first = errorOf(client.events.get.query({ event }, { signal: giveUp.signal }))
    const second = errorOf(client.events.get.query({ event }, { context: { deadlineMs: 300 } }))
    await expect.poll(() => server.seen.length).toBe(1)
    giveUp.abort()
    expect(await first).toMatchObject({ code: 'ABORTED', attempts: 1 })
    expect(await second).toMatchObject({ code: 'DEADLINE', attempts: 1 })
  })

  it('a signal that is a time limit is a deadline', async () => {
    await using server = await scriptedServer(silence)
    const { client } = testClient([server])
    const signal = AbortSignal.timeout(50)
    const error = await errorOf(client.holds.place.mutate({ event, seats }, { signal }))
    expect(error).toMatchObject({ code: 'DEADLINE', outcome: 'unknown' })
  })

  it('a call that was given up before it was sent was not sent', async () => {
    await using server = await scriptedServer(result('done'))
    const { client } = testClient([server])
    const signal = AbortSignal.abort()
    const error = await errorOf(client.holds.place.mutate({ event, seats }, { signal }))
    expect(error).toMatchObject({ code: 'ABORTED', attempts: 0, outcome: 'refused' })
    expect(server.calls).toHaveLength(0)
  })

  it('a caller who gives up during a pause gets the call back, refused if it was refused', async () => {
    await using server = await scriptedServer(contention(100))
    const giveUp = new AbortController()
    const { client } = testClient([server], { beforeWait: () => giveUp.abort() })
    const options = { signal: giveUp.signal }
    const error = await errorOf(client.holds.place.mutate({ event, seats }, options))
    expect(error).toMatchObject({ code: 'ABORTED', attempts: 1, outcome: 'refused' })
  })
})
