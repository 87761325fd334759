/**
 * What a local CockroachDB needs before the migrations: its database, the user of the servers, and,
 * where the build can, the regions. A build that cannot place tables in regions is told apart from
 * one that fails: the first is used without localities and says so.
 */
import { Client } from 'pg'
import { StartError } from './start-error.ts'
import { waitUntil } from './wait-until.ts'

const database = 'frontrow'
const user = 'frontrow'
const readyWithinMs = 120_000
const answerWithinMs = 10_000
/** The least for which CockroachDB promises to survive the loss of one. */
const regionsToSurviveOne = 3

/** Insecure: the name is all that is asked. */
export function cockroachUrl(port: number, who: string = user, name: string = database): string {
  return `postgresql://${who}@127.0.0.1:${port}/${name}?sslmode=disable`
}

export type DatabaseWish = {
  readonly port: number
  /** Those of its nodes; a single one is no region, since no other could be told from it. */
  readonly regions: readonly string[]
  readonly log: (line: string) => void
}

/** Safe to repeat. @returns whether tables are placed in regions */
export async function prepareCockroachDatabase(wish: DatabaseWish): Promise<boolean> {
  const client = await connectWhenReady(wish.port)
  try {
    await client.query(`create database if not exists ${database}`)
    await client.query(`create user if not exists ${user}`)
    await client.query(`grant all on database ${database} to ${user}`)
    if (wish.regions.length === 1) return false
    const reason = await addRegions(client, wish.regions)
    if (reason !== null) wish.log(`no table is placed in a region: ${reason}`)
    return reason === null
  } finally {
    await client.end()
  }
}

async function connectWhenReady(port: number): Promise<Client> {
  let last: unknown
  const isReady = await waitUntil(async () => {
    try {
      await using client = await connected(port, answerWithinMs)
      await client.query('select 1')
      return true
    } catch (cause) {
      last = cause
      return false
    }
  }, readyWithinMs)
  if (isReady) return await connected(port)
  throw new StartError(`CockroachDB on port ${port} answers no statement.`, { cause: last })
}

/** Without a bound for statements unless told: a schema change over distances takes its time. */
async function connected(port: number, boundMs?: number): Promise<Client & AsyncDisposable> {
  const client = new Client({
    connectionString: cockroachUrl(port, 'root', 'defaultdb'),
    connectionTimeoutMillis: answerWithinMs,
    ...(boundMs === undefined ? {} : { query_timeout: boundMs }),
  })
  client.on('error', () => undefined)
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

/** How builds say that they cannot: no such syntax, no such feature, no licence, made without. */
const cannot: Readonly<Record<string, string>> = {
  '42601': 'this CockroachDB knows no regions',
  '0A000': 'this CockroachDB knows no regions',
  XXC01: 'this build of CockroachDB has no regions',
  XXC02: 'this CockroachDB wants a licence key for regions',
  '42710': 'the database was made by a CockroachDB without regions',
}

/** Null when the database has all of them; else why it has none, in words. */
export async function addRegions(
  client: Pick<Client, 'query'>,
  regions: readonly string[],
): Promise<string | null> {
  try {
    const { rows } = await client.query<{ region: string }>(
      `show regions from database ${database}`,
    )
    const known = new Set(rows.map(({ region }) => region))
    for (const statement of regionStatements(regions, known)) await client.query(statement)
    return null
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const reason = cannot[code]
    if (reason !== undefined) return reason
    throw new StartError('CockroachDB did not take the regions.', { cause })
  }
}

/** What is missing, one change a statement. */
export function regionStatements(
  regions: readonly string[],
  known: ReadonlySet<string>,
): readonly string[] {
  const missing = regions.filter((region) => !known.has(region))
  const [first] = regions
  const primary = known.size === 0 ? [`set primary region "${first}"`] : []
  const others = missing.filter((region) => known.size > 0 || region !== first)
  const survives = missing.length > 0 && regions.length >= regionsToSurviveOne
  return [
    ...primary,
    ...others.map((region) => `add region "${region}"`),
    ...(survives ? ['survive region failure'] : []),
  ].map((change) => `alter database ${database} ${change}`)
}
