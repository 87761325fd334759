/** Writes a whole copy under names of its own, in bounded commands, before it is put in its place. */
import type { Redis } from 'ioredis'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type { CopiedBook } from '../../domain/hold-replication.ts'
import { copiedBitmap } from '../../domain/merge-book.ts'
import type { CopyKeys } from './copy-keys.ts'
import { copyRecord } from './hold-records.ts'
import { inWaves } from './in-waves.ts'

/** A member that never goes keeps each key in being. */
const anchor = ''

export async function prepareCopy(redis: Redis, keys: CopyKeys, book: CopiedBook): Promise<void> {
  const [seconds, micros] = await redis.time()
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
  const { holds, sold } = book
  const owners = [...holds, ...sold].flatMap(({ id, units }) =>
    units.map((unit) => [unit, id] as const),
  )
  const records = holds.map((hold) => {
    return [hold.id, `${nowMs + hold.capMs} ${copyRecord(hold)}`] as const
  })
  const due = holds.map(({ id, lifeMs }) => [nowMs + lifeMs, id] as const)
  const ttl = holdBookLimits.preparedTtlMs
  await redis.set(keys.bitmap, Buffer.from(copiedBitmap(book)), 'PX', ttl)
  const ownerParts = [...chunks([[anchor, ''], ...owners])]
  const recordParts = [...chunks([[anchor, ''], ...records])]
  const dueParts = [...chunks([['+inf', anchor], ...due])]
  await inWaves([
    ...ownerParts.map((part) => () => redis.hset(keys.owners, ...part)),
    ...recordParts.map((part) => () => redis.hset(keys.records, ...part)),
    ...dueParts.map((part) => () => redis.zadd(keys.due, ...part)),
    ...[keys.owners, keys.records, keys.due].map((key) => () => redis.pexpire(key, ttl)),
  ])
}

type Pair = readonly [string | number, string]

function* chunks(pairs: readonly Pair[]): Generator<(string | number)[]> {
  const size = holdBookLimits.copiedFieldsPerCommand
  for (let from = 0; from < pairs.length; from += size) {
    yield pairs.slice(from, from + size).flat()
  }
}
