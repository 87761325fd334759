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
import { startTestServices } from './services.ts'

await using running = await startTestServices()
await using database = await createEmptyDatabase(running.services.databaseUrl)
await migrate({ url: database.url, regions: goldenRegions })
await writeFile(goldenSchemaFile, await schemaOf(database.url))
await writeFile(schemaTypesFile, await schemaTypesOf(database.url))
process.stdout.write(`wrote ${goldenSchemaFile}\nwrote ${schemaTypesFile}\n`)
