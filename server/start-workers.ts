/** Starts what a server does beside the calls; each worker is a pass that is repeated. Wiring only. */
import type { Services } from './application/services.ts'
import type { AuditWitness } from './application/witness-audit.ts'
import type { OpenedAuthority } from './open-authority.ts'
import { authorityLimits } from './platform/authority-limits.ts'
import { systemClock } from './platform/clock.ts'
import { clockLimits } from './platform/clock-limits.ts'
import type { OrderId } from './platform/ids.ts'
import { limits } from './platform/limits.ts'
import type { DueScan } from './workers/due-scan.ts'
import { finishOrdersOfAll } from './workers/finish-orders.ts'
import { FollowHolds } from './workers/follow-holds.ts'
import { forgetPersonalData } from './workers/forget-personal-data.ts'
import { keepAuthority } from './workers/keep-authority.ts'
import { Reconciler } from './workers/reconciler.ts'
import { NudgedOrders } from './workers/settle-nudged.ts'
import { watchClock } from './workers/watch-clock.ts'

export type RunningWorkers = AsyncDisposable & {
  /** There may be orders to finish. */
  readonly nudge: () => void
  /** At the next pass and not at once: most fans ask for their order themselves by then. */
  readonly settleSoon: (order: OrderId) => void
}

/** @param witness null: there is no other region whose audit chains could be looked at */
export function startWorkers(
  services: Services,
  authority: OpenedAuthority,
  witness: AuditWitness | null,
): RunningWorkers {
  const { log, region } = services
  const nudged = new NudgedOrders()
  const due = new Map<string, DueScan>()
  const worker = { periodMs: limits.workerPeriodMs, clock: systemClock, log }
  const finisher = new Reconciler({
    ...worker,
    name: 'finish-orders',
    pass: () => finishOrdersOfAll(services, due),
  })
  const settler = new Reconciler({
    ...worker,
    name: 'settle-nudged',
    pass: () => nudged.settle(services),
  })
  const forgetter = new Reconciler({
    ...worker,
    periodMs: limits.forgetPeriodMs,
    name: 'forget-personal-data',
    pass: () => forgetPersonalData(services, region),
  })
  const witnessing =
    witness &&
    new Reconciler({
      ...worker,
      periodMs: limits.witnessPeriodMs,
      name: 'witness-audit',
      pass: () => witness.pass(),
    })
  const clockWatcher = new Reconciler({
    ...worker,
    periodMs: clockLimits.lookPeriodMs,
    name: 'watch-clock',
    pass: () => watchClock(authority.clockWatch),
  })
  const follower = new FollowHolds(services)
  const keepers = new Map<string, Reconciler>()
  for (const home of authority.homes) {
    const pass = () => keepAuthority(authority.pass, home)
    const name = `keep-authority ${home}`
    keepers.set(
      home,
      new Reconciler({ ...worker, periodMs: authorityLimits.leaseRetryMs, name, pass }),
    )
  }
  authority.onKeepSoon((home) => keepers.get(home)?.nudge())
  return {
    nudge: () => finisher.nudge(),
    settleSoon: (order) => nudged.add(order),
    [Symbol.asyncDispose]: async () => {
      for (const each of keepers.values()) await each[Symbol.asyncDispose]()
      await clockWatcher[Symbol.asyncDispose]()
      await follower[Symbol.asyncDispose]()
      await witnessing?.[Symbol.asyncDispose]()
      await forgetter[Symbol.asyncDispose]()
      await settler[Symbol.asyncDispose]()
      await finisher[Symbol.asyncDispose]()
    },
  }
}
