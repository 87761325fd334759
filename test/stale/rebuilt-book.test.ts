/**
 * A hold book is built from what is true now, however old the copy is that other reads go to. And in
 * all of a sale nothing is written to a copy.
 */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { systemClock } from '../../server/platform/clock.ts'
import type { EventId } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { openDatabase } from '../../server/stores/database.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { buy, seats } from '../sale/buying.ts'
import { eventually } from '../support/eventually.ts'
import { openFrozenCopy } from '../support/frozen-copy.ts'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, refusalOf, region } from '../support/sale-system.ts'
import { skipUnless } from '../support/skip.ts'

it('a book that was lost does not offer what was sold after the copy was made', async (context) => {
  skipUnless(context, redisMissing())
  await using copy = await openFrozenCopy()
  const settings = { DATABASE_STALE_URL: copy.url }
  await using system = await openSaleSystem({ book: 'redis', settings })
  const event = await system.newEvent()
  const [ann, ben] = [await system.fan('ann'), await system.fan('ben')]
  await buy(ann, event, [0])
  await copy.freeze(system.databaseUrl)
  const before = await copy.rows()
  await buy(ann, event, [1])

  await system.redis?.kill()
  await system.redis?.start()
  const looks = () => ben.events.availability.query({ event }).then(Boolean, () => false)
  await eventually(looks, { what: 'the hold book answers again' })
  const place = (unit: number) =>
    ben.holds.place.mutate({ event, key: randomUUID(), seats: seats(unit) })
  expect((await refusalOf(place(0))).code).toBe('SEATS_TAKEN')
  expect((await refusalOf(place(1))).code).toBe('SEATS_TAKEN')
  expect((await buy(ben, event, [2])).state).toBe('paid')

  const sold = await system.sql<{ unit: number; buyers: number }>(
    'select unit::int4 as unit, count(*)::int4 as buyers from tickets group by unit order by unit',
  )
  expect(sold).toEqual([0, 1, 2].map((unit) => ({ unit, buyers: 1 })))
  expect(await copy.rows()).toEqual(before)

  await using db = openDatabase({
    url: system.databaseUrl,
    staleUrl: copy.url,
    poolMax: 2,
    clock: systemClock,
    random: systemRandom,
  })
  const scope = { region, event: event as EventId }
  const unitsBy = async (as: 'fresh' | 'elsewhere') =>
    (await readInventorySnapshot(db, scope, as)).sold.flatMap(({ units }) => units)
  expect(await unitsBy('elsewhere')).toEqual([0])
  expect(new Set(await unitsBy('fresh'))).toEqual(new Set([0, 1, 2]))
})
