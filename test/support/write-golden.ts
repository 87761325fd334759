/** `npm run db:golden`: writes the golden schema and Kysely's types from the migrations. */
import { writeFile } from 'node:fs/promises'
import { migrate } from '../../migrations/migrate.ts'
import { createEmptyDatabase } from './empty-database.ts'
import {
  goldenRegions,
  goldenSchemaFile,
  schemaOf,
  schemaTypesFile,
  schemaTypesOf,
} from './golden.ts'

await using database = await createEmptyDatabase()
await migrate({ url: database.url, regions: goldenRegions })
await writeFile(goldenSchemaFile, await schemaOf(database.url))
await writeFile(schemaTypesFile, await schemaTypesOf(database.url))
process.stdout.write(`wrote ${goldenSchemaFile}\nwrote ${schemaTypesFile}\n`)
