/** `npm run lock:complete`: adds to package-lock.json what lock-file.ts finds missing. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { completeLock, type Lock } from './lock-file.ts'
import { projectRoot } from './source.ts'

const path = join(projectRoot, 'package-lock.json')
const lock = JSON.parse(await readFile(path, 'utf8')) as Lock
await writeFile(path, `${JSON.stringify(completeLock(lock), null, 2)}\n`)
