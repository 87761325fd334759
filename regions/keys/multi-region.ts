/**
 * `npm run keys:multi-region`: makes .env.multi-region, the settings of the cluster in
 * docker-compose.multi-region.yml, for its owner alone. Run again it only adds what is missing.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { filledExample, readEnv } from './multi-region-env.ts'

const inProject = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const example = readFileSync(inProject('.env.multi-region.example'), 'utf8')
const file = inProject('.env.multi-region')

const known = existsSync(file) ? readEnv(readFileSync(file, 'utf8')) : new Map<string, string>()
const aside = `${file}.${randomUUID()}`
writeFileSync(aside, filledExample(example, known), { mode: 0o600, flag: 'wx' })
renameSync(aside, file)
process.stdout.write(`${known.size === 0 ? 'Made' : 'Completed'} .env.multi-region.\n`)
