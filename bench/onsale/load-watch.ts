/** What the machine did while fans bought: this program's own share, and everybody's together. */
import { cpus } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

export type Load = {
  readonly seconds: number
  /** CPU seconds of this program. */
  readonly generatorCpuSeconds: number
  /** CPU seconds of all programs on this machine, ours or not. */
  readonly machineCpuSeconds: number
  /** 1 is every CPU busy all the time. */
  readonly machineBusyShare: number
  /** How late this program's own event loop was: a part of every duration it measured. */
  readonly generatorDelayP99Ms: number
}

/** @returns a function that ends the watch */
export function watchLoad(): () => Load {
  const startedAtMs = performance.now()
  const [own, all] = [process.cpuUsage(), machineTimesMs()]
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  return () => {
    delay.disable()
    const used = process.cpuUsage(own)
    const now = machineTimesMs()
    const busyMs = now.busy - all.busy
    return {
      seconds: (performance.now() - startedAtMs) / 1000,
      generatorCpuSeconds: (used.user + used.system) / 1e6,
      machineCpuSeconds: busyMs / 1000,
      machineBusyShare: busyMs / Math.max(1, busyMs + now.idle - all.idle),
      generatorDelayP99Ms: delay.percentile(99) / 1e6,
    }
  }
}

function machineTimesMs(): { busy: number; idle: number } {
  const times = cpus().map((cpu) => cpu.times)
  return {
    busy: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0),
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
  }
}
