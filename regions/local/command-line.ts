/** What `npm start -- …` understands. */
import { parseArgs } from 'node:util'

export const usage = `Usage: npm start -- [options]

Starts a whole Frontrow on this machine, and stops it on Ctrl-C: PostgreSQL, Redis where there is
one, a simulator of Stripe, a sink that shows all mails, and one regional server with demo data.

  --port <number>   where the API listens (default 4000); metrics on the next port, if it is free
  --data <folder>   where everything is kept (default .frontrow/data)
  --database <name> postgresql (default) or cockroach: this machine's own cockroach program, from
                    the PATH or COCKROACH_BINARY, with data of its own
  --watch           shows sales, refusals, holds and latency below, as they happen
  --fresh           empties that folder first; refuses when it is not Frontrow's
  --help

With DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, or SMTP_URL and MAIL_FROM
in the environment, these are used, each in the place of a part of its own. REGION and REGIONS choose the region.
`

const defaultPort = '4000'
const defaultData = '.frontrow/data'
const portMax = 65_535

const databases = ['postgresql', 'cockroach'] as const
export type LocalDatabase = (typeof databases)[number]

export type CommandLine = {
  readonly port: number
  readonly data: string
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
  const database = databases.find((name) => name === values.database)
  if (database === undefined) {
    throw new UsageError(`--database must be ${databases.join(' or ')}, not "${values.database}".`)
  }
  const { data, fresh, watch, help } = values
  return { port, data, fresh, watch, help, database }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: defaultPort },
        data: { type: 'string', default: defaultData },
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
