/**
 * Whether time tells a stranger that a thing exists: orders, tickets, holds, drafts, venues and all
 * else of somebody and of nobody, asked for in random order by one caller, over HTTP, against a
 * system of its own. For each procedure: both medians, and how often a foreign one took longer than
 * a missing one (the Mann-Whitney statistic as a share: 0.5 is a coin's flip). One of each is asked
 * for, equally often: a server that remembers what it was asked for answers the second time sooner,
 * whether there is such a thing or not.
 *
 * A procedure tells when both are so: the difference is no chance (two-sided, 1% over all procedures
 * by Bonferroni), and it is large enough to be of use, a share beyond 0.5 ± 0.06: whoever asks once
 * then guesses right in more than 56 of 100. Ends with 1 when one tells.
 *
 *   npm run bench:foreign-ids
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocal } from '../regions/local/start-local.ts'
import { mannWhitney } from './foreign/mann-whitney.ts'
import { type Asked, makeThings } from './foreign/things.ts'

/** Whoever changes something leaves two audit entries each time: dearer, so fewer. */
const pairsOf = { query: 2_000, mutation: 1_000 } as const
const warmUp = 100
const chanceMax = 0.01
const shareMin = 0.06

type Kind = 'foreign' | 'missing'

const dataFolder = mkdtempSync(join(tmpdir(), 'frontrow-bench-'))
try {
  await using system = await startLocal({ dataFolder, demo: false })
  const { url, mailUrl } = system
  if (mailUrl === null) throw new Error('Letters go out: unset SMTP_URL and MAIL_FROM.')
  await judge(url, await makeThings({ url, mailUrl }))
} finally {
  rmSync(dataFolder, { recursive: true, force: true })
}

async function judge(url: string, things: readonly Asked[]): Promise<void> {
  print(`${pairsOf.query} pairs of each query, ${pairsOf.mutation} of each mutation; ms`)
  print(`${'asked for'.padEnd(26)}  foreign  missing  foreign slower         p`)
  const telling: string[] = []
  for (const asked of things) {
    const took = await timeBoth(url, asked)
    const { share, p } = mannWhitney(took.foreign, took.missing)
    const tells = Math.abs(share - 0.5) > shareMin && p * things.length < chanceMax
    if (tells) telling.push(asked.path)
    const medians = [took.foreign, took.missing].map((all) => median(all).toFixed(3).padStart(8))
    const cells = [...medians, share.toFixed(3).padStart(15), p.toExponential(1).padStart(9)]
    print(`${asked.path.padEnd(26)} ${cells.join(' ')}${tells ? '  tells' : ''}`)
  }
  const rule = `0.5 ± ${shareMin} with p under ${chanceMax} over all ${things.length}`
  print(
    telling.length === 0
      ? `nobody can tell: none is beyond ${rule}`
      : `told by its time, beyond ${rule}: ${telling.join(', ')}`,
  )
  if (telling.length > 0) process.exitCode = 1
}

async function timeBoth(url: string, asked: Asked): Promise<Readonly<Record<Kind, number[]>>> {
  const took: Record<Kind, number[]> = { foreign: [], missing: [] }
  const token = await asked.token()
  for (let pair = -warmUp; pair < pairsOf[asked.type]; pair += 1) {
    const order: readonly Kind[] =
      Math.random() < 0.5 ? ['foreign', 'missing'] : ['missing', 'foreign']
    for (const kind of order) {
      const ms = await timed(url, { ...asked, token }, asked[kind])
      if (pair >= 0) took[kind].push(ms)
    }
  }
  return took
}

type Call = Omit<Asked, 'token'> & { readonly token: string }

async function timed(url: string, { path, type, token, status }: Call, input: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify(input)
  const target = `${url}/trpc/${path}`
  const startedMs = performance.now()
  const answer =
    type === 'query'
      ? await fetch(`${target}?input=${encodeURIComponent(body)}`, { headers })
      : await fetch(target, { method: 'POST', headers, body })
  const text = await answer.text()
  const ms = performance.now() - startedMs
  if (answer.status !== status) throw new Error(`${path}: ${answer.status}, not ${status}: ${text}`)
  return ms
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
