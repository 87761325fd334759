/** What befalls the server of a region alone, while its Redis lives. */
import { join } from 'node:path'
import { projectFolder } from '../../regions/local/node-program.ts'
import { commandLineOf } from '../../regions/local/process-identity.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { asleepAt } from './asleep.ts'
import type { Fault } from './fault.ts'
import {
  connectionsOf,
  isReady,
  metricOf,
  pidOf,
  portsOf,
  regionOf,
  settled,
  sleeps,
} from './look.ts'

const callsMetric = 'http_server_request_duration_seconds_count'

/** Its keeper starts it again. Felt: connections with other places that ended with it. */
export function serverKilled(system: LocalSystem, name: string): Fault {
  const region = regionOf(system, name)
  let felt = 0
  const isHealed = async () => region.pids.server !== null && (await isReady(region))
  return {
    kind: 'server.killed',
    where: `${name}/server`,
    said: `the server of ${name} is killed`,
    inject: async () => {
      if (region.pids.server === null) return
      felt = await connectionsOf(system, name)
      await region.crash('server')
    },
    heal: async () => {
      // Of a region that is down all comes with its start.
      if (region.state !== 'down') await settled(`the server of ${name} is ready again`, isHealed)
    },
    isHealed,
    felt: async () => felt,
  }
}

/** Felt: connections that wait for it, because of what was said to it in its sleep. */
export function serverPaused(system: LocalSystem, name: string): Fault {
  const region = regionOf(system, name)
  const asleep = asleepAt(() => portsOf({ url: region.url, redisUrl: null }))
  const isAsleep = () => sleeps(region.pids.server)
  return {
    kind: 'server.paused',
    where: `${name}/server`,
    said: `the server of ${name} sleeps, and its Redis does not`,
    inject: async () => {
      if (region.state !== 'up' || isAsleep()) return
      const pid = await pidOf(region, 'server')
      asleep.begin(await connectionsOf(system, name))
      process.kill(pid, 'SIGSTOP')
      await settled(`the server of ${name} sleeps`, () => sleeps(pid))
    },
    heal: async () => {
      const { server } = region.pids
      if (isAsleep()) asleep.look()
      // In a region that sleeps as a whole it goes on sleeping.
      if (server !== null && region.state === 'up') process.kill(server, 'SIGCONT')
    },
    isHealed: async () => !isAsleep(),
    felt: async () => (isAsleep() ? asleep.look() : asleep.most()),
  }
}

/**
 * It stops in order and runs as another version, until it is healed: then as this one. Felt: HTTP
 * calls that the other version has answered, by its own metrics.
 */
export function serverOldVersion(system: LocalSystem, name: string, folder: string): Fault {
  const region = regionOf(system, name)
  let felt = 0
  const isFrom = (project: string) => {
    const { server } = region.pids
    const command = server === null ? undefined : commandLineOf(server)
    return command?.includes(join(project, 'server/main.ts')) === true
  }
  const look = async () => {
    if (isFrom(folder)) felt = (await metricOf(region, callsMetric)) ?? felt
    return felt
  }
  return {
    kind: 'server.old-version',
    where: `${name}/server`,
    said: `the server of ${name} runs as the version in ${folder}`,
    inject: async () => {
      if (isFrom(folder)) return
      felt = 0
      await region.restartServer({ project: folder })
    },
    heal: async () => {
      await look()
      if (region.state === 'up' && !isFrom(projectFolder)) await region.restartServer()
    },
    isHealed: async () => isFrom(projectFolder),
    felt: look,
  }
}
