/** A whole region is lost, or sleeps. */
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { asleepAt } from './asleep.ts'
import type { Fault } from './fault.ts'
import {
  connectionsOf,
  isReady,
  meantLinks,
  patternsOf,
  pidOf,
  portsOf,
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

/** Felt: connections that wait for it, because of what was said to it in its sleep. */
export function regionPaused(system: LocalSystem, name: string): Fault {
  const region = regionOf(system, name)
  const asleep = asleepAt(() => portsOf(region))
  return {
    kind: 'region.paused',
    where: name,
    said: `${name} sleeps, with its connections open`,
    inject: async () => {
      if (region.state !== 'up') return
      await pidOf(region, 'server')
      asleep.begin(await connectionsOf(system, name))
      await region.pause()
    },
    heal: async () => {
      if (region.state === 'paused') asleep.look()
      await region.resume()
    },
    isHealed: async () => region.state !== 'paused' && !sleeps(region.pids.server),
    felt: async () => (region.state === 'paused' ? asleep.look() : asleep.most()),
  }
}
