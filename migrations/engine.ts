/** Which database answers: asked once, never configured, so that it cannot be said wrong. */
import { Client } from 'pg'

export type Engine =
  | { readonly kind: 'postgresql'; readonly version: string; readonly multiRegion: false }
  | {
      readonly kind: 'cockroachdb'
      readonly version: string
      /** The database that was asked has regions. */
      readonly multiRegion: boolean
      /** Tables know `schema_locked`, which new ones have from 26.1 on. */
      readonly schemaLocks: boolean
    }

/** PostgreSQL before 17 does not use arrays as index conditions without fresh statistics. */
const postgresqlMajorMin = 17

export type CockroachVersion = { readonly major: number; readonly minor: number }

/** Frontrow's statements were measured on it: docs/cockroachdb.md. */
export const oldestCockroach: CockroachVersion = { major: 21, minor: 1 }
const firstWithSchemaLocks: CockroachVersion = { major: 23, minor: 1 }

/** Of a text such as "CockroachDB CCL v26.2.5 (…)"; null for a build that does not say. */
export function cockroachVersion(text: string): CockroachVersion | null {
  const match = /\bv(\d+)\.(\d+)\./.exec(text)
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) }
}

/** A build that does not say its version is somebody's own, of today's sources. */
export function isAtLeast(version: CockroachVersion | null, oldest: CockroachVersion): boolean {
  if (version === null) return true
  if (version.major !== oldest.major) return version.major > oldest.major
  return version.minor >= oldest.minor
}

/** @throws Error when the database does not answer, or is too old */
export async function askEngine(url: string): Promise<Engine> {
  const client = new Client({ connectionString: url, application_name: 'frontrow' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await detectEngine(client)
  } finally {
    await client.end()
  }
}

/** @throws Error for a PostgreSQL that is too old, saying which one is needed. */
export async function detectEngine(client: Client): Promise<Engine> {
  const { rows } = await client.query<{ version: string }>('select version() as version')
  const version = rows[0]?.version ?? ''
  if (version.includes('CockroachDB')) {
    const schemaLocks = isAtLeast(cockroachVersion(version), firstWithSchemaLocks)
    return { kind: 'cockroachdb', version, multiRegion: await isMultiRegion(client), schemaLocks }
  }
  const major = Number(/^PostgreSQL (\d+)/.exec(version)?.[1] ?? 0)
  if (major < postgresqlMajorMin) {
    throw new Error(
      `This database is ${version.split(' on ')[0] || 'of an unknown kind'}; ` +
        `Frontrow needs CockroachDB, or PostgreSQL ${postgresqlMajorMin} or later.`,
    )
  }
  return { kind: 'postgresql', version, multiRegion: false }
}

/** True when the database has regions. A core without the feature answers with an error. */
async function isMultiRegion(client: Client): Promise<boolean> {
  try {
    const { rowCount } = await client.query('show regions from database')
    return (rowCount ?? 0) > 0
  } catch {
    return false
  }
}
