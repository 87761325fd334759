/** The ground of a target, as a person asks for it. */

import { localRegions } from '../../regions/local/local-regions.ts'
import { preloadOfClocks } from '../clock/clock-file.ts'
import { composeRegions } from '../compose/places.ts'
import { NotHereError } from '../faults/fault-maker.ts'
import { localFaults } from '../faults/local-faults.ts'
import { struckFaults } from '../faults/struck-faults.ts'
import { openComposeGround } from './compose.ts'
import type { Ground } from './ground.ts'
import { openLocalGround } from './local.ts'

export type GroundWish = {
  readonly target: Ground['target']
  readonly database: 'postgres' | 'cockroach'
  readonly regions: number
  readonly latency: boolean
  /** Of it, what programs need is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly seed: number
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** @throws NotHereError | StartError with one sentence, or the signal's reason */
export async function openGround(wish: GroundWish): Promise<Ground> {
  const { target, database, regions, latency, environment, seed, log, signal } = wish
  if (target === 'compose') {
    if (regions !== composeRegions.length) {
      throw new NotHereError(`On Compose there are ${composeRegions.length} regions.`)
    }
    return await openComposeGround({ seed, log })
  }
  return await openLocalGround({
    environment,
    preloadIn: preloadOfClocks,
    regions,
    latency,
    seed,
    log,
    signal,
    ...(database === 'cockroach'
      ? { cockroach: { regions: localRegions.slice(0, regions).map(({ name }) => name) } }
      : {}),
    makeFaults: (system) => localFaults(system, struckFaults(system, seed)),
  })
}
