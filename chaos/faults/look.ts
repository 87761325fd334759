/** What the faults of a local system look at, and how they wait for it. */

import type { LinkState } from '../../regions/local/links/link-plan.ts'
import { isAsleep } from '../../regions/local/process-identity.ts'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { waitUntil } from '../../regions/local/wait-until.ts'
import { readSamples, total } from '../../regions/local/watch/metric-samples.ts'
import { NotHereError } from './fault-maker.ts'

/** A server that is started again on a crowded machine: as long as the launcher waits for it. */
const settledWithinMs = 120_000
const answerWithinMs = 2_000

/** @throws NotHereError */
export function regionOf({ regions }: LocalSystem, name: string): DrillRegion {
  const region = regions[name]
  if (region !== undefined) return region
  const names = Object.keys(regions).join(', ')
  throw new NotHereError(`There is no region ${name} here: ${names || 'there are not several'}.`)
}

/** @throws NotHereError */
export function linksOf({ links }: LocalSystem): NonNullable<LocalSystem['links']> {
  if (links !== null) return links
  throw new NotHereError('Links are between several regions, and here is only one.')
}

/** Whoever leads to a region or leaves it, fans of other places too. */
export function patternsOf(region: string): readonly string[] {
  return [`${region}/*`, `*/${region}`]
}

/** Each link once, however many of the patterns mean it. */
export async function meantLinks(
  system: LocalSystem,
  patterns: readonly string[],
): Promise<readonly LinkState[]> {
  const links = linksOf(system)
  const lists = await Promise.all(patterns.map((pattern) => links.list(pattern)))
  return [...new Map(lists.flat().map((link) => [link.name, link])).values()]
}

/** Those on which the processes of a region are called. */
export function portsOf({ url, redisUrl }: Pick<DrillRegion, 'url' | 'redisUrl'>): number[] {
  return [url, redisUrl].flatMap((one) => (one === null ? [] : [Number(new URL(one).port)]))
}

export async function connectionsOf(system: LocalSystem, region: string): Promise<number> {
  const links = await meantLinks(system, patternsOf(region))
  return links.reduce((sum, { connections }) => sum + connections, 0)
}

export async function isReady({ url }: DrillRegion): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerWithinMs) })).ok
  } catch {
    return false
  }
}

export function sleeps(pid: number | null): boolean {
  return pid !== null && isAsleep(pid)
}

/** @returns the sum of all series of this name; null: the server does not answer */
export async function metricOf({ metricsUrl }: DrillRegion, name: string): Promise<number | null> {
  try {
    const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(answerWithinMs) })
    return total(readSamples(await answer.text()), name)
  } catch {
    return null
  }
}

/** What was counted since a look; a process that was started again began at zero. */
export function grown(before: number, now: number): number {
  return now < before ? now : now - before
}

/** @throws Error when it is not so in time */
export async function settled(what: string, holds: () => boolean | Promise<boolean>) {
  if (await waitUntil(holds, settledWithinMs)) return
  throw new Error(`Within ${settledWithinMs} ms this did not happen: ${what}`)
}

/** Of a process that may just be started again. @throws Error when it is not */
export async function pidOf(region: DrillRegion, part: 'server' | 'redis'): Promise<number> {
  await settled(`${part} of ${region.name} runs`, () => region.pids[part] !== null)
  const pid = region.pids[part]
  if (pid === null) throw new Error(`The ${part} of ${region.name} has just ended.`)
  return pid
}
