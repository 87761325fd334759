/** The SQL book keeps the contract, on a real PostgreSQL. */
import { describe } from 'vitest'
import { contract } from './contract.ts'
import { openSqlUnderTest } from './sql-under-test.ts'

describe('the SQL hold book', () => contract(openSqlUnderTest))
