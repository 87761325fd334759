/** `npm run docs:licences`: writes docs/licences.md from package-lock.json. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installedPackage, readLock } from './installed-packages.ts'
import { licencePage, licencePagePath } from './licence-page.ts'
import { licencesOf } from './licences.ts'
import { projectRoot } from './source.ts'

const page = licencePage(licencesOf(readLock(), installedPackage))
await writeFile(join(projectRoot, licencePagePath), page)
process.stdout.write(`wrote ${licencePagePath}\n`)
