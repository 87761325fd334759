/** The Redis book keeps the contract, on a real Redis. */
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import { contract } from './contract.ts'
import { openRedisUnderTest } from './redis-under-test.ts'

describeUnless(redisMissing(), 'the Redis hold book', () => contract(openRedisUnderTest))
