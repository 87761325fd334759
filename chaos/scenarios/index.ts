/** All scenarios, as `npm run chaos -- list` shows them. */
import type { Scenario } from '../scenario.ts'
import { cancelledEvent } from './cancelled-event.ts'
import { clockJumps } from './clock-jumps.ts'
import { databaseLoss } from './database-loss.ts'
import { evacuation } from './evacuation.ts'
import { loadStep } from './load-step.ts'
import { logFull } from './log-full.ts'
import { oneWayPartition } from './one-way-partition.ts'
import { partition } from './partition.ts'
import { pausedAuthority } from './paused-authority.ts'
import { redisLoss } from './redis-loss.ts'
import { redisOldData } from './redis-old-data.ts'
import { redisWrongBook } from './redis-wrong-book.ts'
import { regionLoss } from './region-loss.ts'
import { retries } from './retries.ts'
import { rollingRestart } from './rolling-restart.ts'
import { searchAway } from './search-away.ts'
import { serverKills } from './server-kills.ts'
import { silentDatabase } from './silent-database.ts'
import { slowLinks } from './slow-links.ts'
import { stripeOutage } from './stripe-outage.ts'
import { stripeWebhooks } from './stripe-webhooks.ts'
import { swizzleClog } from './swizzle-clog.ts'
import { unknownOutcomes } from './unknown-outcomes.ts'

export const scenarios: readonly Scenario[] = [
  regionLoss,
  pausedAuthority,
  evacuation,
  partition,
  oneWayPartition,
  swizzleClog,
  slowLinks,
  redisLoss,
  redisOldData,
  redisWrongBook,
  databaseLoss,
  unknownOutcomes,
  retries,
  silentDatabase,
  stripeOutage,
  stripeWebhooks,
  cancelledEvent,
  searchAway,
  serverKills,
  rollingRestart,
  logFull,
  clockJumps,
  loadStep,
]
