/**
 * The cluster as a drill sees it: through the balancer of any region that answers, for the one that
 * was asked last may just have been lost.
 */
import pg from 'pg'
import { snapshotOf, sqlOf } from '../../bench/failover/open-system.ts'
import type { Snapshot, Sql } from '../ground/ground.ts'

/** One whose nodes sleep takes the connection and never answers. */
const answersWithinMs = 3_000
const statementWithinMs = 60_000
/** So that the database tells our connections from those of the servers. */
const applicationName = 'drill'

export type LivingSql = { readonly sql: Sql; readonly snapshot: Snapshot; end: () => Promise<void> }

/** @param connections to the same database by other ways, the first that answers is taken */
export function openLivingSql(connections: readonly pg.PoolConfig[]): LivingSql {
  const pools = connections.map((connection) => {
    const pool = new pg.Pool({
      max: 4,
      application_name: applicationName,
      connectionTimeoutMillis: answersWithinMs,
      query_timeout: statementWithinMs,
      ...connection,
    })
    pool.on('error', () => undefined)
    // One that breaks between being handed out and its next statement would end the process.
    pool.on('connect', (client) => client.on('error', () => undefined))
    return pool
  })
  const living = async (): Promise<pg.Pool> => {
    const causes: unknown[] = []
    for (const pool of pools) {
      try {
        await answers(pool)
        return pool
      } catch (cause) {
        causes.push(cause)
      }
    }
    throw new AggregateError(causes, 'The database answers through no region.')
  }
  return {
    sql: async (text, values) => await sqlOf(await living())(text, values),
    snapshot: async (read) => await snapshotOf(await living(), read),
    end: async () => {
      await Promise.all(pools.map((pool) => pool.end()))
    },
  }
}

async function answers(pool: pg.Pool): Promise<void> {
  // The types know a time for each statement on the connection alone; the program takes it here.
  const asked: pg.QueryConfig & { readonly query_timeout: number } = {
    text: 'select 1',
    query_timeout: answersWithinMs,
  }
  await pool.query(asked)
}
