/** What `npm start -- …` understands. */
import { parseArgs } from 'node:util'
import { localRegionsMax } from './local-regions.ts'

export const usage = `Usage: npm start -- [options]

Starts a whole Frontrow on this machine, and stops it on Ctrl-C: PostgreSQL, Redis where there is
one, a simulator of Stripe, a sink that shows all mails, and one regional server with demo data.
With --regions 3 it is three regions on this machine: docs/several-regions-locally.md.

  --port <number>   where the API listens (default 4000); metrics on the next port, if it is free;
                    further regions on the ports after these
  --data <folder>   where everything is kept (default .frontrow/data)
  --regions <1-3>   so many regions, each with its own server and Redis, over one database
  --no-latency      their links carry bytes at once, not as late as between real regions
  --commit-latency  each region's link to the database is as late as a commit that survives the loss
                    of a region: the round trip to the nearest other one
  --database <name> postgresql (default) or cockroach: this machine's own cockroach program, from
                    the PATH or COCKROACH_BINARY, with data of its own
  --watch           shows sales, refusals, holds and latency below, as they happen
  --fresh           empties that folder first; refuses when it is not Frontrow's
  --help

With DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, or SMTP_URL and MAIL_FROM
in the environment, these are used, each in the place of a part of its own. REGION and REGIONS choose the
region of a single one.
`

const defaultPort = '4000'
const defaultData = '.frontrow/data'
const portMax = 65_535

const databases = ['postgresql', 'cockroach'] as const
export type LocalDatabase = (typeof databases)[number]

export type CommandLine = {
  readonly port: number
  readonly data: string
  readonly regions: number
  /** Between regions. */
  readonly latency: boolean
  /** To the database. */
  readonly commitLatency: boolean
  readonly fresh: boolean
  readonly watch: boolean
  readonly database: LocalDatabase
  readonly help: boolean
}

/** The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parsed(args)
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port < 1 || port > portMax) {
    throw new UsageError(
      `--port must be a whole number from 1 to ${portMax}, not "${values.port}".`,
    )
  }
  if (values.data === '') throw new UsageError('--data must name a folder.')
  const { data, fresh, watch, help } = values
  const database = databaseOf(values.database)
  return { port, data, ...regionsOf(values), database, fresh, watch, help }
}

function databaseOf(wish: string): LocalDatabase {
  const database = databases.find((name) => name === wish)
  if (database !== undefined) return database
  throw new UsageError(`--database must be ${databases.join(' or ')}, not "${wish}".`)
}

type RegionValues = {
  readonly regions: string
  readonly 'no-latency': boolean
  readonly 'commit-latency': boolean
}

function regionsOf(values: RegionValues) {
  const regions = Number(values.regions)
  if (!/^\d$/.test(values.regions) || regions < 1 || regions > localRegionsMax) {
    throw new UsageError(
      `--regions must be a whole number from 1 to ${localRegionsMax}, not "${values.regions}".`,
    )
  }
  const [isQuick, isCommitLate] = [values['no-latency'], values['commit-latency']]
  if (regions === 1 && (isQuick || isCommitLate)) {
    throw new UsageError('--no-latency and --commit-latency are of several regions: say --regions.')
  }
  if (isQuick && isCommitLate) {
    throw new UsageError('--no-latency and --commit-latency contradict each other.')
  }
  return { regions, latency: regions > 1 && !isQuick, commitLatency: isCommitLate }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: defaultPort },
        data: { type: 'string', default: defaultData },
        regions: { type: 'string', default: '1' },
        'no-latency': { type: 'boolean', default: false },
        'commit-latency': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        database: { type: 'string', default: databases[0] },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(reason, { cause })
  }
}
