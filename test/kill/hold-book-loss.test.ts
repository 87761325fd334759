/** Redis is killed and wiped while fans buy: holds are lost, and no seat is sold twice. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { FrontrowError } from '../../client/index.ts'
import type { Acknowledged } from '../support/agreement.ts'
import { redisMissing } from '../support/redis.ts'
import { persist } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { Crowd } from './crowd.ts'
import { type Fan, openProcessSystem, type ProcessSystem } from './process-system.ts'

const losses = 3
const salesBetween = 20
const seats = 20
/** What the slower of two fans who hold the same seat may be told. */
const lost: ReadonlySet<string> = new Set(['SEATS_TAKEN', 'ORDER_ENDED'])

describeUnless(redisMissing(), 'the loss of the hold book', () => {
  it.each([
    ['kill -9 of Redis', killRedis],
    ['FLUSHALL', flush],
  ])('by %s sells nothing twice', { timeout: 180_000 }, async (_, lose) => {
    await using system = await openProcessSystem({ book: 'redis' })
    const crowd = await Crowd.gather(system, { fans: 16, events: 4 })
    for (let loss = 0; loss < losses; loss += 1) {
      await crowd.progress(salesBetween)
      await lose(system)
    }
    await crowd.progress(salesBetween)
    await crowd.stop()
    await system.settle()
    const { acknowledged, refused } = crowd
    process.stdout.write(`${acknowledged.length} acknowledged, ${refused} refused\n`)
    expect(await system.faults(acknowledged)).toEqual([])
  })

  it('the lost hold and the one after it cannot both be sold', { timeout: 120_000 }, async () => {
    await using system = await openProcessSystem({ book: 'redis' })
    const event = await system.newEvent({ limitPerBuyer: seats })
    const before = await holdEach(system, event, 'early')
    await flush(system)
    const after = await holdEach(system, event, 'late')
    // Without a book every token is as good as any other: SQL alone decides.
    await system.redis?.kill()
    const answers = await Promise.all([...before, ...after].map(pay))
    await system.redis?.start()
    await system.settle()
    const acknowledged = answers.filter((answer) => answer !== null)
    expect(acknowledged).toHaveLength(seats)
    expect(await system.faults(acknowledged)).toEqual([])
  })
})

type Held = { readonly fan: Fan; readonly event: string; readonly token: string }

/** Each of a fan's own hold of one seat. */
async function holdEach(system: ProcessSystem, event: string, name: string): Promise<Held[]> {
  const fan = await system.fan(name, 'patient')
  return await Promise.all(
    Array.from({ length: seats }, async (_, unit) => {
      const wish = { event, key: randomUUID(), seats: { kind: 'units' as const, units: [unit] } }
      // The book may be loading, or the connection coming back.
      const { token } = await persist(() => fan.client.holds.place.mutate(wish))
      return { fan, event, token }
    }),
  )
}

/** @returns what the fan was told is paid, or null for a refusal */
async function pay({ fan, token }: Held): Promise<Acknowledged | null> {
  const { checkout } = fan.client
  try {
    const { order } = await checkout.start.mutate({ holdToken: token })
    const wish = { order: order.id, key: randomUUID(), paymentMethod: 'pm_card_visa' }
    const paid = (await checkout.confirm.mutate(wish)).order
    if (paid.state !== 'paid') throw new Error(`${paid.id} is ${paid.state}`)
    return { order: paid.id, units: paid.lines.map(({ unit }) => unit) }
  } catch (cause) {
    if (cause instanceof FrontrowError && lost.has(cause.code)) return null
    throw cause
  }
}

async function killRedis({ redis }: ProcessSystem): Promise<void> {
  await redis?.kill()
  await redis?.start()
}

async function flush({ redis }: ProcessSystem): Promise<void> {
  const connection = new Redis(redis?.url ?? '')
  await connection.flushall()
  connection.disconnect()
}
