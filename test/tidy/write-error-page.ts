/** `npm run docs:errors`: writes docs/errors.md from the table of refusals. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorPage, errorPagePath } from './error-page.ts'
import { projectRoot } from './source.ts'

await writeFile(join(projectRoot, errorPagePath), errorPage())
process.stdout.write(`wrote ${errorPagePath}\n`)
