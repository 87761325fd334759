/**
 * What checking an access token costs beside a plain query: server CPU for each `events.list` of
 * no events (the cheapest call that there is), asked by nobody, with a token that is remembered,
 * and with one never seen before, in turns against a system of its own; and the check
 * alone, in this process. Judged is the pair of one round, so that a busy machine bends both: what
 * a call with a remembered token uses beyond the same call by nobody, as a share of the latter. The
 * median of the rounds must be under 5%; ends with 1 when it is not. A check of a token that this
 * server has not seen is said beside it: it comes once in the token's five minutes.
 *
 *   npm run bench:tokens
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, importJWK, type JWK } from 'jose'
import pLimit from 'p-limit'
import { startLocal } from '../regions/local/start-local.ts'
import { accessIssuer } from '../server/application/access-issuer.ts'
import { systemClock } from '../server/platform/clock.ts'
import { systemRandom } from '../server/platform/random.ts'
import { accessTokens } from '../server/transport/access-tokens.ts'
import { fetchToken } from './onsale/identities.ts'

const rounds = 30
const callsATurn = 200
/** New tokens are dear to make, and their cost is large: some rounds are enough. */
const roundsWithNew = 10
const warmUpCalls = 1_500
const atOnce = 8
const coldChecks = 2_000
const rememberedChecks = 200_000
const targetShare = 0.05

type Kind = 'nobody' | 'remembered' | 'new'
type Cost = Readonly<Record<'nobody' | 'remembered', number>> & { readonly new: number | null }

const alone = await checkAlone()
const dataFolder = mkdtempSync(join(tmpdir(), 'frontrow-bench-'))
try {
  await using system = await startLocal({ dataFolder, demo: false })
  await measure(system)
} finally {
  rmSync(dataFolder, { recursive: true, force: true })
}

async function measure({ url, metricsUrl }: { readonly url: string; readonly metricsUrl: string }) {
  const remembered = await fetchToken(url, { name: 'remembered' })
  const cpuOf = async (tokens: readonly (string | null)[]) => {
    const before = await serverCpuMs(metricsUrl)
    const limit = pLimit(atOnce)
    await limit.map(tokens, (token) => listEvents(url, token))
    return ((await serverCpuMs(metricsUrl)) - before) / tokens.length
  }
  await cpuOf(repeated(remembered, warmUpCalls))
  const measured: Cost[] = []
  for (let round = 0; round < rounds; round += 1) {
    const [plain, known] = [repeated(null, callsATurn), repeated(remembered, callsATurn)]
    const fresh = round < roundsWithNew ? await newTokens(url, round) : null
    // There and back again: what drifts weighs on both alike.
    const first = await cpuOf(plain)
    const both = (await cpuOf(known)) + (await cpuOf(known))
    const nobody = (first + (await cpuOf(plain))) / 2
    measured.push({
      nobody,
      remembered: both / 2,
      new: fresh === null ? null : await cpuOf(fresh),
    })
  }
  report(measured)
}

function report(measured: readonly Cost[]): void {
  const values = (kind: Kind) => measured.flatMap((cost) => cost[kind] ?? [])
  print(`server CPU for a call, ms; ${rounds} rounds of ${callsATurn} calls a turn`)
  for (const kind of ['nobody', 'remembered', 'new'] as const) {
    const all = values(kind)
    const [least, most] = [Math.min(...all), Math.max(...all)].map((ms) => ms.toFixed(3))
    print(`  ${kind.padEnd(12)}${median(all).toFixed(3)}  (${least} to ${most})`)
  }
  print('beyond the call by nobody of the same round: median, and the middle half of the rounds')
  const paired = (kind: Kind) =>
    measured.flatMap((cost) => {
      const ms = cost[kind]
      return ms === null ? [] : [ms / cost.nobody - 1]
    })
  for (const kind of ['remembered', 'new'] as const) {
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(paired(kind), part))
    print(`  ${kind.padEnd(12)}${percent(middle)}  (${percent(low)} to ${percent(high)})`)
  }
  const query = median(values('nobody'))
  print('the check alone, CPU ms, and as a share of a plain query')
  for (const [name, ms] of Object.entries(alone)) {
    print(`  ${name.padEnd(12)}${ms.toFixed(4)}  ${percent(ms / query)}`)
  }
  const isReached = median(paired('remembered')) < targetShare
  const verdict = isReached ? 'reached' : 'missed'
  print(`a remembered token under ${percent(targetShare)} of a plain query's CPU: ${verdict}`)
  if (!isReached) process.exitCode = 1
}

/** CPU of one check in this process: of tokens never seen, and of one that is remembered. */
async function checkAlone(): Promise<{ readonly remembered: number; readonly new: number }> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK
  const key = { kid: 'one', key: (await importJWK(jwk, 'EdDSA')) as CryptoKey }
  const issuer = 'bench'
  const { d: _, ...shown } = jwk
  const issue = accessIssuer({ key, issuer, clock: systemClock, random: systemRandom })
  const checker = accessTokens({
    keys: [{ ...shown, kid: 'one' }],
    issuer,
    nowMs: systemClock.nowMs,
  })
  const fresh: string[] = []
  for (let n = 0; n < coldChecks; n += 1) {
    fresh.push((await issue.issue({ subject: `usr_${n}`, session: 'ses' })).token)
  }
  const [known = ''] = fresh
  const cpuMs = async (times: number, token: (n: number) => string) => {
    const before = process.cpuUsage()
    for (let n = 0; n < times; n += 1) {
      if ((await checker.verify(token(n))) === null) throw new Error('a good token was refused')
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000 / times
  }
  const cold = await cpuMs(coldChecks, (n) => fresh[n] ?? '')
  return { new: cold, remembered: await cpuMs(rememberedChecks, () => known) }
}

/** Signed by the server before the round, so that it costs the round nothing. */
async function newTokens(url: string, round: number): Promise<string[]> {
  const names = Array.from({ length: callsATurn }, (_, n) => ({ name: `fan-${round}-${n}` }))
  return pLimit(atOnce).map(names, (identity) => fetchToken(url, identity))
}

async function listEvents(url: string, token: string | null): Promise<void> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/trpc/events.list?input=%7B%7D`, { headers })
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`events.list answered with status ${answer.status}`)
}

/** What the server itself says that it used since its start. */
async function serverCpuMs(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const samples = [...text.matchAll(/^process_cpu_time_seconds_total\{.*\} ([\d.e+-]+)/gm)]
  if (samples.length === 0) throw new Error('the server tells no CPU time')
  return samples.reduce((sum, [, seconds]) => sum + Number(seconds) * 1_000, 0)
}

function repeated<Value>(value: Value, times: number): Value[] {
  return Array.from({ length: times }, () => value)
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN
}

function percent(share = Number.NaN): string {
  return `${(share * 100).toFixed(2)}%`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
