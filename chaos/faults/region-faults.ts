/** A whole region is lost, or sleeps. */
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { Fault } from './fault.ts'
import {
  connectionsOf,
  isReady,
  meantLinks,
  patternsOf,
  pidOf,
  regionOf,
  settled,
  sleeps,
} from './look.ts'

/** Felt: connections that the loss reset, and those that were tried and reset since. */
export function regionLost(system: LocalSystem, name: string): Fault {
  const region = regionOf(system, name)
  const links = () => meantLinks(system, patternsOf(name))
  const isHealed = async () =>
    region.state === 'up' &&
    (await links()).every(({ fault }) => fault?.kind !== 'cut') &&
    (await isReady(region))
  return {
    kind: 'region.lost',
    where: name,
    said: `${name} is lost: its processes are killed, and nothing reaches it`,
    inject: () => region.kill(),
    heal: async () => {
      await region.start()
      await settled(`${name} is ready`, isHealed)
    },
    isHealed,
    felt: async () => (await links()).reduce((sum, { struck }) => sum + struck, 0),
  }
}

/** Felt: connections of other places with it that stood open when it fell asleep. */
export function regionPaused(system: LocalSystem, name: string): Fault {
  const region = regionOf(system, name)
  let felt = 0
  return {
    kind: 'region.paused',
    where: name,
    said: `${name} sleeps, with its connections open`,
    inject: async () => {
      if (region.state !== 'up') return
      await pidOf(region, 'server')
      felt = await connectionsOf(system, name)
      await region.pause()
    },
    heal: () => region.resume(),
    isHealed: async () => region.state !== 'paused' && !sleeps(region.pids.server),
    felt: async () => felt,
  }
}
