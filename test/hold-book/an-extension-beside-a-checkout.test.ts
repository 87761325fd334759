/**
 * A fan's tab extends a hold while another one begins its checkout. The extension that had read the
 * hold before was told `extended`, with the checkout's time for its own; it is at its cap by then.
 */
import { expect, it } from 'vitest'
import { GuardFailedError } from '../../server/stores/outcome.ts'
import { extendHold } from '../../server/stores/sql-hold-book/change-hold.ts'
import { seatMapOf } from './seat-maps.ts'
import { openSqlUnderTest } from './sql-under-test.ts'
import { hold, unitsWish } from './wishes.ts'

it('an extension does not take a checkout’s time for its own', async () => {
  await using tested = await openSqlUnderTest()
  const { backing, book } = tested
  const scope = await backing.newEvent(seatMapOf([{ kind: 'standing', units: 4 }]))
  const read = await hold(book, scope, unitsWish(scope, [1], { key: 'a' }))
  await book.reserve(scope, read, 600_000)
  const late = extendHold(backing.db, scope, { hold: read, ttlMs: 60_000 })
  await expect(late).rejects.toThrow(GuardFailedError)
  expect((await book.extend(scope, read.id, 60_000)).kind).toBe('at-cap')
})
