/** One connection for one command, and a sentence for whatever keeps it from being made. */
import { Client, DatabaseError } from 'pg'
import { detectEngine } from '../../../migrations/engine.ts'
import { CommandError } from '../command-error.ts'
import type { Query, Row } from './cluster-state.ts'

const connectTimeoutMs = 10_000

/**
 * Hands on how to ask a CockroachDB.
 * @throws CommandError when nobody answers, or when it is none
 */
export async function withCockroach<T>(
  url: string,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: 'frontrow-regions',
    connectionTimeoutMillis: connectTimeoutMs,
    // A schema change may take minutes without a byte.
    keepAlive: true,
  })
  // A query that was cut off says so itself.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    throw unreachable(url, cause)
  }
  try {
    await requireCockroach(client)
    return await work((sql) => ask(client, sql))
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause
    throw new CommandError(`The database refused: ${cause.message}.`, { cause })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The database's own errors come through as they are; anything else is the connection's. */
async function ask(client: Client, sql: string): Promise<readonly Row[]> {
  try {
    return (await client.query<Row>(sql)).rows
  } catch (cause) {
    if (cause instanceof DatabaseError) throw cause
    const sentence =
      'The connection to the database was lost: run this again, it goes on from what is done.'
    throw new CommandError(sentence, { cause })
  }
}

async function requireCockroach(client: Client): Promise<void> {
  const { kind, version } = await detectEngine(client).catch((cause: unknown) => {
    throw cause instanceof DatabaseError ? cause : new CommandError((cause as Error).message)
  })
  if (kind === 'cockroachdb') return
  throw new CommandError(
    `This database is ${version.split(' on ')[0]}, which has no regions: there is nothing to apply.`,
  )
}

/** Says where, never as whom: the address may hold a password. */
function unreachable(url: string, cause: unknown): CommandError {
  const { host } = URL.canParse(url) ? new URL(url) : { host: '' }
  const reason = cause instanceof DatabaseError ? `: ${cause.message}` : ': nobody answers there'
  return new CommandError(`No connection to the database at ${host || 'that address'}${reason}.`, {
    cause,
  })
}
