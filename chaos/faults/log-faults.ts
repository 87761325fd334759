/** The log of a region's server takes nothing more, as if the disk under it were full. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { Fault } from './fault.ts'
import { NotHereError } from './fault-maker.ts'
import { grown, metricOf, pidOf, regionOf } from './look.ts'

const lostMetric = 'frontrow_log_lost_lines_total'

/**
 * By a limit on how long files of this process may be (EFBIG, where a full disk says ENOSPC). Felt:
 * lines that the server says it lost.
 */
export function logFull(system: LocalSystem, name: string): Fault {
  const region = regionOf(system, name)
  if (spawnSync('prlimit', ['--version']).status !== 0) {
    throw new NotHereError('A log can be made full where there is prlimit, of util-linux.')
  }
  let before = 0
  let felt = 0
  const isLimited = () => {
    const { server } = region.pids
    return server !== null && limitOf(server).soft !== limitOf(server).hard
  }
  return {
    kind: 'log.full',
    where: `${name}/server`,
    said: `nothing more can be written to the log of ${name}'s server`,
    inject: async () => {
      if (isLimited()) return
      const pid = await pidOf(region, 'server')
      before = (await metricOf(region, lostMetric)) ?? 0
      felt = 0
      setLimit(pid, String(statSync(region.logFile).size))
    },
    heal: async () => {
      const { server } = region.pids
      if (server !== null && isLimited()) setLimit(server, limitOf(server).hard)
    },
    isHealed: async () => region.pids.server !== null && !isLimited(),
    felt: async () => {
      const lost = await metricOf(region, lostMetric)
      if (lost !== null) felt = grown(before, lost)
      return felt
    },
  }
}

/** The soft limit alone, which whoever owns the process may lift again. */
function setLimit(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
}

/** As prlimit takes them. A process that is gone has none. */
function limitOf(pid: number): { readonly soft: string; readonly hard: string } {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8')
    const [, soft = '', hard = ''] = /^Max file size\s+(\S+)\s+(\S+)/m.exec(limits) ?? []
    return { soft, hard }
  } catch {
    return { soft: '', hard: '' }
  }
}
