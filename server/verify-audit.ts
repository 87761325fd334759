/**
 * `npm run audit:verify`: checks every hash chain of the audit log of the database of DATABASE_URL,
 * in the regions of REGIONS. Ends with 0 when all are whole, 1 when one is not, 2 when it could not
 * be found out. With REGION_CALL_PUBLIC_KEYS the heads that regions witnessed of one another must be
 * signed by them. docs/audit.md says what is checked, and why heads are to be kept elsewhere.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { askEngine } from '../migrations/engine.ts'
import { type ChainReport, verifyAudit } from './application/verify-audit.ts'
import { readWitnessed, type WitnessedHeads } from './application/witnessed-heads.ts'
import { keySetsByRegion } from './config.ts'
import type { AuditHead } from './domain/audit-chain.ts'
import { type AuditHeads, headsText, readHeads, writeHeads } from './domain/audit-heads.ts'
import { headSignatures } from './gateways/audit-heads/head-signatures.ts'
import { publicKeys } from './keys.ts'
import { systemClock } from './platform/clock.ts'
import { systemRandom } from './platform/random.ts'
import { openDatabase } from './stores/database.ts'

const usage = `Usage: npm run audit:verify -- [--heads <file>] [--save-heads <file>] [--json]

  --heads       compares with heads that were saved before: finds a cut-off end, or a new chain
  --save-heads  writes where the chains end now; keep the file, or its digest, somewhere else
  --json        one JSON document instead of text

Set DATABASE_URL and REGIONS (name=code,…); and REGION_CALL_PUBLIC_KEYS where there are several
regions, so that what they witnessed of one another is known to be theirs.
`

class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Wish = {
  readonly url: string
  readonly regions: readonly string[]
  readonly heads: AuditHeads | null
  readonly saveTo: string | null
  readonly json: boolean
  readonly signatures: ReturnType<typeof headSignatures>
}

try {
  process.exitCode = await run(await readWish())
} catch (cause) {
  const { message } = cause as Error
  process.stderr.write(cause instanceof UsageError ? `${message}\n${usage}` : `${message}\n`)
  process.exitCode = 2
}

async function readWish(): Promise<Wish> {
  const url = process.env['DATABASE_URL']
  const regions = (process.env['REGIONS'] ?? '')
    .split(',')
    .map((pair) => pair.split('=')[0]?.trim())
  const named = regions.filter((name) => name !== undefined && name !== '') as string[]
  if (!url || named.length === 0) throw new UsageError('DATABASE_URL or REGIONS is missing.')
  const values = options()
  return {
    url,
    regions: named,
    heads: values.heads === undefined ? null : await savedHeads(values.heads),
    saveTo: values['save-heads'] ?? null,
    json: values.json === true,
    signatures: headSignatures(witnessKeys()),
  }
}

function witnessKeys() {
  const name = 'REGION_CALL_PUBLIC_KEYS'
  const text = process.env[name]
  if (!text) return new Map()
  const sets = keySetsByRegion.safeParse(text)
  if (!sets.success) throw new UsageError(`${name} ${sets.error.issues[0]?.message}.`)
  return new Map([...sets.data].map(([region, set]) => [region, publicKeys(name, set)]))
}

function options() {
  const text = { type: 'string' } as const
  const known = { heads: text, 'save-heads': text, json: { type: 'boolean' } } as const
  try {
    return parseArgs({ options: known }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message)
  }
}

async function savedHeads(file: string): Promise<AuditHeads> {
  const heads = readHeads(await readFile(file, 'utf8'))
  if (heads === null) throw new Error(`${file} is no file of heads, or was changed since.`)
  return heads
}

/** @returns the program's exit code */
async function run(wish: Wish): Promise<number> {
  await using db = openDatabase({
    url: wish.url,
    poolMax: 1,
    engine: (await askEngine(wish.url)).kind,
    clock: systemClock,
    random: systemRandom,
  })
  const bad: ChainReport[] = []
  const heads: AuditHead[] = []
  const total = { chains: 0, entries: 0 }
  const { regions, signatures } = wish
  const witnessed = await readWitnessed(db, regions, signatures.findingOf)
  const known = [...(wish.heads?.heads ?? []), ...witnessed.heads]
  for await (const report of verifyAudit(db, { regions, heads: known })) {
    total.chains += 1
    total.entries += report.entries
    if (report.fault !== null) bad.push(report)
    else if (report.head !== null) heads.push(report.head)
    if (report.fault !== null && !wish.json) process.stdout.write(`${faultLine(report)}\n`)
  }
  const isWhole = bad.length === 0 && witnessed.forged.length === 0
  const taken = isWhole ? writeHeads(heads, systemClock.nowMs()) : null
  if (wish.saveTo !== null && taken !== null) await writeFile(wish.saveTo, headsText(taken))
  const result = { total, bad, taken, witnessed }
  process.stdout.write(wish.json ? asJson(wish, result) : asText(wish, result))
  return isWhole ? 0 : 1
}

type Result = {
  readonly total: { readonly chains: number; readonly entries: number }
  readonly bad: readonly ChainReport[]
  readonly taken: AuditHeads | null
  readonly witnessed: WitnessedHeads
}

function faultLine({ region, chain, fault }: ChainReport): string {
  return `${region} ${chain}: entry ${fault?.seq} (${fault?.kind}): ${fault?.message}`
}

function asJson({ heads, saveTo }: Wish, { total, bad, taken, witnessed }: Result): string {
  const faults = bad.map(({ region, chain, fault }) => ({ region, chain, ...fault }))
  const saved = saveTo !== null && taken !== null ? { file: saveTo, digest: taken.digest } : null
  const forged = witnessed.forged.map(({ witness, region, chain }) => ({ witness, region, chain }))
  const seen = { heads: witnessed.heads.length, unknownKeys: witnessed.unknown, forged }
  const comparedWith = heads?.takenAt ?? null
  return `${JSON.stringify({ ...total, faults, comparedWith, witnessed: seen, saved })}\n`
}

function asText({ heads, saveTo }: Wish, { total, bad, taken, witnessed }: Result): string {
  const { chains, entries } = total
  const forgeries = witnessed.forged.map(
    ({ witness, region, chain }) =>
      `${region} ${chain}: what ${witness} is said to have witnessed is not signed by it`,
  )
  if (taken === null) {
    const kept = saveTo === null ? '' : ' No heads were saved.'
    return `${[...forgeries, `${bad.length} of ${chains} chains are not whole.${kept}`].join('\n')}\n`
  }
  const isAlone = heads === null && witnessed.heads.length === 0
  const lines = [
    `The audit log is whole: ${entries} entries in ${chains} chains.`,
    ...(isAlone
      ? ['Not compared with saved heads: a cut-off end or a chain written anew would not show.']
      : []),
    ...(heads === null ? [] : [`It contains all heads of ${heads.takenAt}.`]),
    ...witnessedLines(witnessed),
    ...(saveTo === null ? [] : [`Heads are in ${saveTo}; their digest is ${taken.digest}`]),
  ]
  return `${lines.join('\n')}\n`
}

function witnessedLines({ heads, unknown }: WitnessedHeads): string[] {
  if (heads.length === 0) return []
  const lines = [`It contains all ${heads.length} heads that other regions witnessed.`]
  if (unknown > 0) {
    lines.push(`Of these ${unknown} are signed with keys that REGION_CALL_PUBLIC_KEYS has not.`)
  }
  return lines
}
