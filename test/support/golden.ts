/** The two committed files that say what the migrations make, and how each of them is written. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { dumpSchema } from './schema-dump.ts'

export const goldenSchemaFile = fileURLToPath(
  new URL('../../migrations/schema.golden.sql', import.meta.url),
)
export const schemaTypesFile = fileURLToPath(
  new URL('../../server/stores/schema-types.ts', import.meta.url),
)

/** The regions of every test database; their names are no part of the golden files. */
export const goldenRegions = [
  { name: 'us-east1', code: 'use1' },
  { name: 'europe-west1', code: 'euw1' },
  { name: 'asia-southeast1', code: 'ase1' },
]

/** The schema of a migrated database as text. */
export async function schemaOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await dumpSchema(client)
  } finally {
    await client.end()
  }
}

/** Kysely's types of a migrated database, by kysely-codegen, as it writes them. */
export async function schemaTypesOf(url: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-types-'))
  const file = join(folder, 'schema-types.ts')
  const types = { int8: 'number', timestamptz: 'Date', crdb_internal_region: 'string' }
  const options = ['--dialect', 'postgres', '--out-file', file, '--exclude-pattern', 'migration*']
  const mapping = ['--type-mapping', JSON.stringify(types)]
  const program = join(
    dirname(createRequire(import.meta.url).resolve('kysely-codegen/package.json')),
    'dist/cli/bin.js',
  )
  try {
    const environment = { ...process.env, DATABASE_URL: url }
    const command = [program, '--url', 'env(DATABASE_URL)', ...options, ...mapping]
    await promisify(execFile)(process.execPath, command, { cwd: folder, env: environment })
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true })
  }
}
