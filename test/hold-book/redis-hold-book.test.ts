/** The Redis book keeps the contract, on a real Redis. */
import { describe } from 'vitest'
import { contract } from './contract.ts'
import { findRedisServer } from './redis-process.ts'
import { openRedisUnderTest } from './redis-under-test.ts'

const missing = findRedisServer() === null
if (missing) process.stdout.write('SKIPPED: the Redis hold book. No redis-server: npm run setup.\n')

describe.skipIf(missing)('the Redis hold book', () => contract(openRedisUnderTest))
