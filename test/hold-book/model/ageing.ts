/**
 * The clocks of both books are those of Redis and of the database, which no test can turn. So time
 * is made to pass by making everything that ends end so much sooner, in SQL and in Redis, while
 * nobody else is at work.
 */
import type { Redis } from 'ioredis'
import type { HoldScope } from '../../../server/domain/hold-book.ts'
import { bookKeys } from '../../../server/gateways/redis-hold-book/keys.ts'
import type { Backing } from '../backing.ts'

export async function ageSql({ fixtures }: Backing, scope: HoldScope, ms: number): Promise<void> {
  const earlier = (column: string) => `${column} = ${column} - $3::int8 * interval '1 millisecond'`
  const values = [scope.region, scope.event, ms]
  const where = 'where region = $1 and event_id = $2'
  await fixtures.query(`update claims set ${earlier('expires_at')} ${where}`, values)
  await fixtures.query(`update orders set ${earlier('expires_at')} ${where}`, values)
  await fixtures.query(
    `update holds set ${earlier('expires_at')}, ${earlier('cap_at')}, ${earlier('created_at')} ${where}`,
    values,
  )
}

export async function ageRedis(redis: Redis, scope: HoldScope, ms: number): Promise<void> {
  const { due, records } = bookKeys(scope)
  const aged = redis.multi()
  for (const id of await redis.zrange(due, '0', '-1')) if (id !== '') aged.zincrby(due, -ms, id)
  for (const [id, text] of Object.entries(await redis.hgetall(records))) {
    if (!text.startsWith('{')) continue
    const record = JSON.parse(text) as { cap: number }
    aged.hset(records, id, JSON.stringify({ ...record, cap: record.cap - ms }))
  }
  await aged.exec()
}
