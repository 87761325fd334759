/** The whole database is killed, or sleeps. The links to it stay as they are. */
import pg from 'pg'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { waitUntil } from '../../regions/local/wait-until.ts'
import type { Fault } from './fault.ts'
import { NotHereError } from './fault-maker.ts'
import { keptFault } from './kept-fault.ts'
import { sleptService } from './slept-service.ts'

const where = 'database'
/** Recovery after a kill during a heavy load takes its time. */
const againWithinMs = 120_000
const answersWithinMs = 3_000
const usualPort = 5432

type Database = Pick<LocalSystem, 'pids' | 'databaseUrl'>

/** SIGKILL for the server; its keeper starts it again, and healing waits for that. */
export function databaseKilled(system: Database): Fault {
  ours(system)
  let lost = 0
  const answers = () => connections(system.databaseUrl).then((found) => found !== null)
  return keptFault({
    kind: 'database.killed',
    where,
    said: 'the database is killed and starts again over what was written',
    set: async () => {
      lost = (await connections(system.databaseUrl)) ?? 0
      const { postgres } = system.pids
      // It is down already, and is being started.
      if (postgres !== null) process.kill(postgres, 'SIGKILL')
      const isGone = () => system.pids.postgres !== postgres || postgres === null
      await waitUntil(isGone, answersWithinMs)
    },
    clear: async () => {
      if (await waitUntil(answers, againWithinMs)) return
      throw new Error('The database did not come back after it was killed.')
    },
    isHealed: answers,
    felt: async () => lost,
  })
}

/** All of its processes sleep: truer than silent links, for new connections wait in it too. */
export function databaseStalled(system: Database): Fault {
  ours(system)
  return sleptService({
    kind: 'database.stalled',
    where,
    said: 'the database sleeps; what it was asked is done when it wakes',
    pid: () => system.pids.postgres,
    port: Number(new URL(system.databaseUrl).port || usualPort),
  })
}

function ours({ pids }: Database): void {
  if (pids.postgres !== null) return
  throw new NotHereError('The database is not ours (DATABASE_URL): it cannot be killed or stopped.')
}

/** Of the servers, while the database answers; null: it does not. */
async function connections(url: string): Promise<number | null> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: answersWithinMs,
    query_timeout: answersWithinMs,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int4 as count from pg_stat_activity where application_name like 'frontrow%'`,
    )
    return rows[0]?.count ?? 0
  } catch {
    return null
  } finally {
    await client.end().catch(() => undefined)
  }
}
