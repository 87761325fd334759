/**
 * 64 clients on two servers fight for 200 units, 100,000 attempts with Redis and 20,000 with SQL. An independent
 * model judges: what was surely held by one fan, from the answer that granted it to the call that
 * gave it back, was never granted to another; and in the end book and database agree with it.
 *
 * FRONTROW_RACE_ATTEMPTS=100000 runs the whole of it in SQL too; FRONTROW_RACE_SEED another course.
 */
import { expect, it } from 'vitest'
import type { Hold } from '../../server/domain/hold.ts'
import { stateAt } from '../../server/domain/units.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import type { BookUnderTest } from './contract.ts'
import { race } from './race.ts'
import { auditBook } from './redis-audit.ts'
import { openRedisUnderTest } from './redis-under-test.ts'
import { openSqlUnderTest } from './sql-under-test.ts'

const wished = process.env['FRONTROW_RACE_ATTEMPTS']
/** Each hold in SQL is a commit: the whole race there takes minutes on two cores. */
const attempts = { redis: Number(wished ?? 100_000), sql: Number(wished ?? 20_000) }
const seed = Number(process.env['FRONTROW_RACE_SEED'] ?? 1)
const timeoutMs = 15 * 60_000

/** Runs the race and compares the end with SQL and with the book. */
async function judge(tested: BookUnderTest): Promise<Awaited<ReturnType<typeof race>>> {
  const result = await race(tested, { attempts: attempts[tested.book.kind], seed })
  const { scope, sold, living, faults, outcomes } = result
  process.stdout.write(`${tested.book.kind}: seed ${seed}, ${JSON.stringify(outcomes)}\n`)
  expect(faults).toEqual([])
  const owners = await readClaims(tested, scope.event)
  const inSql = [...owners.entries()].filter(([, claim]) => claim.state === 'sold')
  expect(new Map(inSql.map(([unit, claim]) => [unit, claim.order]))).toEqual(sold)
  const expected = new Map([...sold.keys()].map((unit) => [unit, 'sold']))
  for (const hold of living) {
    const found: Hold | null = await tested.book.find(scope, hold.id)
    expect(found?.units).toEqual(hold.units)
    for (const unit of hold.units) expected.set(unit, 'held')
  }
  // Short holds run out, and other servers' holds are seen, within moments.
  const units = Array.from({ length: scope.seatMap.units }, (_, unit) => unit)
  const shown = async () => {
    const { bitmap } = await tested.other.availability(scope)
    return units.map((unit) => stateAt(bitmap, unit))
  }
  await expect
    .poll(shown, { timeout: 15_000 })
    .toEqual(units.map((unit) => expected.get(unit) ?? 'free'))
  return result
}

async function readClaims(tested: BookUnderTest, event: string) {
  const { rows } = await tested.backing.fixtures.query<{
    unit: number
    state: string
    order_id: string
  }>('select unit, state, order_id from claims where region = $1 and event_id = $2', [
    'us-east1',
    event,
  ])
  return new Map(rows.map((row) => [row.unit, { state: row.state, order: row.order_id }]))
}

describeUnless(redisMissing(), 'a race in the Redis book', () => {
  it(
    'holds no unit twice',
    async () => {
      await using tested = await openRedisUnderTest()
      const { scope } = await judge(tested)
      expect(await auditBook(tested.redis, scope)).toEqual([])
    },
    timeoutMs,
  )
})

describeUnless(null, 'a race in the SQL book', () => {
  it(
    'holds no unit twice',
    async () => {
      await using tested = await openSqlUnderTest()
      const { scope, living } = await judge(tested)
      const held = living.flatMap((hold) => hold.units.map((unit) => [unit, hold.id] as const))
      const owners = await readClaims(tested, scope.event)
      for (const [unit, id] of held) expect(owners.get(unit)?.order).toBe(id)
    },
    timeoutMs,
  )
})
