/**
 * The suites that must pass on a real CockroachDB as they do on PostgreSQL: stores, races and sales.
 * Each runs as a program of its own against one cluster, which is started by whoever calls.
 */
import { join } from 'node:path'
import { run } from '../run/child.ts'
import { projectRoot } from '../tidy/source.ts'

/** Parts of paths, as vitest takes them. */
export const suites = [
  'test/migrations.test.ts',
  'test/catalogue/publishing.test.ts',
  'test/hold-book/sql-hold-book.test.ts',
  'test/hold-book/race.test.ts',
  'test/hold-book/an-extension-beside-a-checkout.test.ts',
  'test/hold-book/model.test.ts',
  'test/sale/changes.test.ts',
  'test/sale/flows.test.ts',
  'test/sale/late-money-over-the-limit.test.ts',
  'test/sale/late-statement.test.ts',
  'test/sale/model.test.ts',
  'test/sale/reconcile.test.ts',
  'test/sale/refused-start.test.ts',
  'test/sale/stale-token.test.ts',
  'test/sale/statements.test.ts',
  'test/sale/stripe-faults.test.ts',
  'test/sale/unknown-outcomes.test.ts',
  'test/sale/webhooks.test.ts',
  'test/sale/worker.test.ts',
  'test/kill/races.test.ts',
] as const

/** What stands beside those and says nothing of a CockroachDB. */
export const notForCockroach: Readonly<Record<string, string>> = {
  'test/sale/plans.test.ts': 'reads the plans of PostgreSQL',
  'test/hold-book/plans.test.ts': 'reads the plans of PostgreSQL',
  'test/hold-book/redis-hold-book.test.ts': 'is about Redis, whatever the database',
  'test/hold-book/redis-loss.test.ts': 'is about Redis, whatever the database',
}

const suiteDeadlineMs = 20 * 60_000
/** Every test file migrates its databases there, where PostgreSQL copies a template. */
const testTimeoutMs = 5 * 60_000
const hookTimeoutMs = 10 * 60_000

/** Null when the suite passed, else what it ended with; its output is passed on. */
export function runSuite(databaseUrl: string, pattern: string): Promise<string | null> {
  return run({
    program: join(projectRoot, 'node_modules', '.bin', 'vitest'),
    parameters: [
      'run',
      '--project=system',
      '--maxWorkers=1',
      `--testTimeout=${testTimeoutMs}`,
      `--hookTimeout=${hookTimeoutMs}`,
      pattern,
    ],
    environment: {
      FRONTROW_TEST_DATABASE_URL: databaseUrl,
      // Those of a run around this one are not this one's.
      TEST_POSTGRES_URL: undefined,
      STATEMENT_LOG: undefined,
      TALLY_FILE: undefined,
      VITEST: undefined,
    },
    deadlineMs: suiteDeadlineMs,
  })
}

/** What makes a cluster of a test quick; a build that does not know one of them goes without. */
export const quickSettings = [
  'set cluster setting sql.stats.automatic_collection.enabled = false',
  "set cluster setting kv.range_merge.queue_interval = '50ms'",
  "set cluster setting jobs.registry.interval.gc = '30s'",
  "set cluster setting jobs.registry.interval.cancel = '180s'",
] as const
