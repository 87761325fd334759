/** The SQL book keeps the contract, on a real PostgreSQL. */
import { describe } from 'vitest'
import { SqlHoldBook } from '../../server/stores/sql-hold-book/sql-hold-book.ts'
import { openBacking } from './backing.ts'
import { type BookUnderTest, contract } from './contract.ts'

async function openSqlUnderTest(): Promise<BookUnderTest> {
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

describe('the SQL hold book', () => contract(openSqlUnderTest))
