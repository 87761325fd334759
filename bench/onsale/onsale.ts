/**
 * One whole run: a system, an event, a crowd, the verdict, the report. What it starts it takes
 * away, also when it is interrupted.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { createClient } from '../../client/index.ts'
import { collectFindings } from './collect-findings.ts'
import type { CommandLine } from './command-line.ts'
import { fetchToken } from './identities.ts'
import { planFans } from './plan-fans.ts'
import type { Progress } from './progress.ts'
import { makeOrganiser, publishArena } from './publish-arena.ts'
import { jsonReport, type Run, textReport } from './report.ts'
import { runSale } from './run-sale.ts'
import { bringSystem, type SystemUnderSale } from './system-under-sale.ts'
import { verdictOn } from './verdict.ts'

export type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly progress: Progress
  readonly say: (text: string) => void
  readonly signal: AbortSignal
}

/** The exit code of a run that came to its end. */
export function exitCodeOf(verdict: { readonly disagreements: readonly string[] }): 0 | 1 {
  return verdict.disagreements.length === 0 ? 0 : 1
}

/** @returns the exit code. @throws StartError | NotDrivableError, or the signal's reason */
export async function onsale(wish: CommandLine, around: Surroundings): Promise<0 | 1> {
  const { environment, progress, signal, say } = around
  const own = { environment, log: progress.note, signal }
  await using system = await bringSystem(wish.outside, own)
  const run = await unlessEnded(sell(wish, system, around), { system, signal })
  if (wish.json !== null) {
    await writeFile(wish.json, `${JSON.stringify(jsonReport(run), null, 2)}\n`)
  }
  say(`\n${textReport(run)}\n`)
  return exitCodeOf(run.verdict)
}

async function sell(
  { fans, seed, arrivals, atOnce: asked }: CommandLine,
  system: SystemUnderSale,
  { progress, signal }: Surroundings,
): Promise<Run> {
  const { url, simulatorUrl, databaseUrl, said } = system
  const atOnce = arrivals === null ? asked : null
  const beganAtMs = performance.now()
  progress.note(`putting the arena on sale at ${url}`)
  const event = await publish(url)
  const canAuthenticate = simulatorUrl !== null
  if (!canAuthenticate) {
    progress.note('no 3-D Secure: nobody can answer the bank without the address of a simulator')
  }
  const plans = planFans({ fans, seed, arrivalsPerSecond: arrivals, canAuthenticate })
  const sale = await runSale({
    url,
    simulatorUrl,
    event,
    plans,
    seed,
    atOnce,
    progress,
    signal,
  })
  const { stories, figures, noticed, opening, load, clientOf } = sale
  const findings = await collectFindings({
    event,
    stories,
    clientOf,
    databaseUrl,
    simulatorUrl,
    noticed,
    progress,
  })
  const seconds = (fromMs: number, toMs: number) => (toMs - fromMs) / 1000
  return {
    fans,
    seed,
    atOnce,
    load,
    arrivalsPerSecond: arrivals,
    system: said,
    units: event.units,
    currency: event.currency,
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      node: process.versions.node,
    },
    durations: {
      prepareSeconds: seconds(beganAtMs, opening.openedAtMs),
      saleSeconds: seconds(opening.openedAtMs, opening.closedAtMs),
      settleSeconds: seconds(opening.closedAtMs, performance.now()),
    },
    lagMs: opening.lagMs,
    figures,
    verdict: verdictOn(findings),
  }
}

/** The token comes first: whether there is an issuer at all is worth a sentence of its own. */
async function publish(url: string) {
  const clientWith = (token: string) => createClient({ endpoints: [url], token })
  const root = await fetchToken(url, { name: 'onsale-root', admin: true })
  const organisation = await makeOrganiser(clientWith(root))
  const organiser = { name: 'onsale-organiser', roles: { [organisation]: 'manager' } }
  return publishArena(clientWith(await fetchToken(url, organiser)), organisation)
}

/** The work, or a rejection as soon as the system gives up or somebody interrupts. */
function unlessEnded<Result>(
  work: Promise<Result>,
  { system, signal }: { readonly system: SystemUnderSale; readonly signal: AbortSignal },
): Promise<Result> {
  const gaveUp = system.gaveUp.then((sentence) => {
    throw new Error(sentence)
  })
  const interrupted = new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason as Error)
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })
  return Promise.race([work, gaveUp, interrupted])
}
