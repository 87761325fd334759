/** The SQL book on a real PostgreSQL, as two servers of one region see it. */
import { SqlHoldBook } from '../../server/stores/sql-hold-book/sql-hold-book.ts'
import { openBacking } from './backing.ts'
import type { BookUnderTest } from './contract.ts'

export async function openSqlUnderTest(): Promise<BookUnderTest> {
  const backing = await openBacking()
  let lost = 0
  const onChoiceLost = () => {
    lost += 1
  }
  const server = () => new SqlHoldBook({ db: backing.db, onChoiceLost })
  return {
    backing,
    book: server(),
    other: server(),
    choicesLost: () => lost,
    [Symbol.asyncDispose]: () => backing[Symbol.asyncDispose](),
  }
}
