/**
 * Brings a database to the newest schema. The same files serve CockroachDB and PostgreSQL;
 * `*.crdb.sql` only run on a CockroachDB with regions. Many runners may start at once: one works,
 * the others wait and find nothing left. No DDL is expected to be transactional.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { detectEngine, type Engine } from './engine.ts'
import { claim, makeLockTable, release, renew } from './lock.ts'
import { ensureRegionType } from './region-type.ts'
import { readSteps, type Step } from './steps.ts'

export type MigrateOptions = {
  readonly url: string
  readonly regions: readonly { readonly name: string }[]
  /** Receives one line a fact worth telling. Silent unless given. */
  readonly log?: (line: string) => void
  readonly folder?: URL
}

export type MigrateResult = {
  readonly engine: Engine
  readonly applied: readonly string[]
  /** Steps that only a CockroachDB with regions takes, when this is none. */
  readonly skipped: readonly string[]
}

/** @throws Error when a released step was edited, or the database is too old or unreachable. */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const client = new Client({ connectionString: options.url, application_name: 'frontrow-migrate' })
  client.on('error', () => undefined)
  await client.connect()
  const holder = randomUUID()
  try {
    const engine = await detectEngine(client)
    await makeLockTable(client)
    await claim(client, holder)
    return await applyAll({ client, engine, holder, options })
  } finally {
    // A failed step must not make the next runner wait for the lease.
    await release(client, holder).catch(() => undefined)
    await client.end()
  }
}

type Run = { client: Client; engine: Engine; holder: string; options: MigrateOptions }

async function applyAll({ client, engine, holder, options }: Run): Promise<MigrateResult> {
  const regions = options.regions.map((region) => region.name)
  await ensureRegionType(client, engine, regions)
  const steps = await readSteps(options.folder)
  const wanted = steps.filter((step) => isFor(step, engine))
  const skipped = steps.filter((step) => !wanted.includes(step)).map((step) => step.name)
  if (skipped.length > 0) {
    options.log?.(
      `${nameOf(engine)}: ${skipped.length} steps that place tables in regions are skipped`,
    )
  }
  const done = await appliedChecksums(client)
  const applied: string[] = []
  for (const step of wanted) {
    if (isDone(step, done)) continue
    await renew(client, holder)
    await client.query(step.sql)
    await client.query(
      'insert into migrations (name, checksum) values ($1::text, $2::text) on conflict (name) do nothing',
      [step.name, step.checksum],
    )
    applied.push(step.name)
  }
  options.log?.(`schema is up to date (${applied.length} of ${wanted.length} steps applied now)`)
  return { engine, applied, skipped }
}

function nameOf({ kind, multiRegion }: Engine): string {
  if (kind === 'postgresql') return 'PostgreSQL'
  return multiRegion ? 'CockroachDB before 23.1' : 'CockroachDB without regions'
}

/** Steps that undo `schema_locked` are for versions that know it; the others have nothing to undo. */
function isFor(step: Step, engine: Engine): boolean {
  if (!step.cockroachOnly) return true
  if (!engine.multiRegion) return false
  return engine.schemaLocks || !step.name.endsWith('-unlock.crdb.sql')
}

async function appliedChecksums(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from migrations',
  )
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

function isDone(step: Step, done: ReadonlyMap<string, string>): boolean {
  const checksum = done.get(step.name)
  if (checksum === undefined) return false
  if (checksum !== step.checksum) {
    throw new Error(`${step.name} was edited after it had been applied: write a new step instead`)
  }
  return true
}
