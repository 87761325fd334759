/** Writes docs/access.md from the rules of the router: `npx tsx test/tidy/write-access-page.ts`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accessPage, accessPagePath } from './access-page.ts'
import { projectRoot } from './source.ts'

await writeFile(join(projectRoot, accessPagePath), accessPage())
process.stdout.write(`wrote ${accessPagePath}\n`)
