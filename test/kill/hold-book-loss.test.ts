/** Redis is killed and wiped while fans buy: holds are lost, and no seat is sold twice. */
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import { Crowd } from './crowd.ts'
import { openProcessSystem, type ProcessSystem } from './process-system.ts'

const losses = 3
const salesBetween = 20

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
})

async function killRedis({ redis }: ProcessSystem): Promise<void> {
  await redis?.kill()
  await redis?.start()
}

async function flush({ redis }: ProcessSystem): Promise<void> {
  const connection = new Redis(redis?.url ?? '')
  await connection.flushall()
  connection.disconnect()
}
