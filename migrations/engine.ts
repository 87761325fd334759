/** Which database answers: asked once, never configured, so that it cannot be said wrong. */
import { Client } from 'pg'

export type Engine =
  | { readonly kind: 'postgresql'; readonly version: string; readonly multiRegion: false }
  | { readonly kind: 'cockroachdb'; readonly version: string; readonly multiRegion: boolean }

/** PostgreSQL before 17 does not use arrays as index conditions without fresh statistics. */
const postgresqlMajorMin = 17

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
    return { kind: 'cockroachdb', version, multiRegion: await isMultiRegion(client) }
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
