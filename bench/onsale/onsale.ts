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
import { runSale, type SaleThatRan, type Venue, waysOf } from './run-sale.ts'
import { bringSystem, type SalePlace, type SystemUnderSale } from './system-under-sale.ts'
import { together, type Verdict, verdictOn } from './verdict.ts'

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
  const own = { environment, log: progress.note, signal, regions: wish.regions }
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
  const { places, simulatorUrl, said } = system
  const atOnce = arrivals === null ? asked : null
  const beganAtMs = performance.now()
  const venues: Venue[] = []
  for (const place of places) {
    progress.note(`putting the arena on sale at ${place.urls[0]}`)
    venues.push(await openVenue(place, venues))
  }
  const canAuthenticate = simulatorUrl !== null
  if (!canAuthenticate) {
    progress.note('no 3-D Secure: nobody can answer the bank without the address of a simulator')
  }
  const plans = planFans({ fans, seed, arrivalsPerSecond: arrivals, canAuthenticate })
  const sale = await runSale({
    venues,
    simulatorUrl,
    plans,
    seed,
    atOnce,
    progress,
    signal,
  })
  const { figures, groups, opening, load } = sale
  const verdict = await judge({ venues, seed, sale, system, progress })
  const seconds = (fromMs: number, toMs: number) => (toMs - fromMs) / 1000
  return {
    fans,
    seed,
    atOnce,
    load,
    arrivalsPerSecond: arrivals,
    system: said,
    units: venues.reduce((sum, { event }) => sum + event.units, 0),
    currency: venues[0]?.event.currency ?? '',
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
    groups: venues.length > 1 ? groups : [],
    verdict,
  }
}

type Judging = {
  readonly venues: readonly Venue[]
  readonly seed: number
  readonly sale: SaleThatRan
  readonly system: SystemUnderSale
  readonly progress: Progress
}

/** Each event by itself: every fan came for one of them. */
async function judge({ venues, seed, sale, system, progress }: Judging): Promise<Verdict> {
  const { stories, noticed, clientOf } = sale
  const { databaseUrl, simulatorUrl } = system
  const verdicts = []
  // What fans noticed is said once, whichever event it was about.
  const isOne = venues.length === 1
  for (const { name, event } of venues) {
    const own = stories.filter(({ fan }) => waysOf({ venues, seed }, fan).to.event === event)
    const findings = await collectFindings({
      event,
      stories: own,
      clientOf,
      databaseUrl,
      simulatorUrl,
      noticed: isOne ? noticed : [],
      progress,
    })
    verdicts.push({ of: name, verdict: verdictOn(findings) })
  }
  return isOne ? together(verdicts) : together(verdicts, noticed)
}

/** An event is at home where it is made, and gives the place its name. */
async function openVenue(place: SalePlace, others: readonly Venue[]): Promise<Venue> {
  const [url] = place.urls
  const event = await publish(url)
  const isNew = others.every(({ name }) => name !== event.homeRegion)
  return { ...place, event, name: isNew ? event.homeRegion : `${event.homeRegion} (${url})` }
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
