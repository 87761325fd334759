/** All faults of a local system. What befalls the database and Stripe is made elsewhere. */
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { clockShifted } from './clock-faults.ts'
import type { FaultMaker } from './fault-maker.ts'
import { linkFaulty } from './link-faults.ts'
import { logFull } from './log-faults.ts'
import { redisFull, redisKilled, redisPaused, redisWiped } from './redis-faults.ts'
import { redisOldData } from './redis-old-data.ts'
import { redisWrongBook } from './redis-wrong-book.ts'
import { regionLost, regionPaused } from './region-faults.ts'
import { serverKilled, serverOldVersion, serverPaused } from './server-faults.ts'

export type StruckFaults = Pick<
  FaultMaker,
  'databaseKilled' | 'databaseStalled' | 'databaseStruck' | 'stripeDown' | 'stripeRule'
>

export function localFaults(system: LocalSystem, struck: StruckFaults): FaultMaker {
  return {
    regionLost: (region) => regionLost(system, region),
    regionPaused: (region) => regionPaused(system, region),
    serverKilled: (region) => serverKilled(system, region),
    serverPaused: (region) => serverPaused(system, region),
    serverOldVersion: (region, folder) => serverOldVersion(system, region, folder),
    link: (patterns, fault) => linkFaulty(system, patterns, fault),
    redisKilled: (region) => redisKilled(system, region),
    redisWiped: (region) => redisWiped(system, region),
    redisPaused: (region) => redisPaused(system, region),
    redisFull: (region) => redisFull(system, region),
    redisOldData: (region) => redisOldData(system, region),
    redisWrongBook: (region, share) => redisWrongBook(system, region, share),
    clockShifted: (region, shift) => clockShifted(system, region, shift),
    logFull: (region) => logFull(system, region),
    ...struck,
  }
}
