/**
 * Opens the door. In a burst all fans stand before it and so many are inside at once: what comes
 * out is the system's capacity. By a schedule each comes at their time, whatever the answers to
 * others: what comes out is how long a fan waits at that rate.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { FanPlan } from './plan-fans.ts'

export type Door = {
  readonly plans: readonly FanPlan[]
  /** Fans inside at once, in a burst; null: by the schedule of the plans. */
  readonly atOnce: number | null
  /** A whole visit. `dueMs`: when it was meant to begin, by `performance.now()`. */
  readonly visit: (plan: FanPlan, dueMs: number) => Promise<void>
  /** Ends the letting in; visits that have begun are not waited for. */
  readonly signal: AbortSignal
}

export type Opening = {
  readonly openedAtMs: number
  /** When the last fan was let in. */
  readonly fullUntilMs: number
  /** When the last fan was done. */
  readonly closedAtMs: number
  /** How much later than scheduled the latest fan came: the generator's own lag. */
  readonly lagMs: number
}

/** @throws the signal's reason */
export async function letIn(door: Door): Promise<Opening> {
  const openedAtMs = performance.now()
  const { fullUntilMs, lagMs } = await (door.atOnce === null
    ? bySchedule(door, openedAtMs)
    : inBurst(door, door.atOnce))
  return { openedAtMs, fullUntilMs, lagMs, closedAtMs: performance.now() }
}

async function inBurst({ plans, visit, signal }: Door, atOnce: number) {
  const queue = plans.values()
  let fullUntilMs = performance.now()
  const enter = async () => {
    // All share one queue: each takes the next fan when their last one is done.
    for (const plan of queue) {
      signal.throwIfAborted()
      fullUntilMs = performance.now()
      await visit(plan, fullUntilMs)
    }
  }
  await orAborted(Promise.all(Array.from({ length: atOnce }, enter)), signal)
  return { fullUntilMs, lagMs: 0 }
}

async function bySchedule({ plans, visit, signal }: Door, openedAtMs: number) {
  let lagMs = 0
  const inside: Promise<void>[] = []
  for (const plan of plans) {
    const dueMs = openedAtMs + plan.arrivesAtMs
    const earlyMs = dueMs - performance.now()
    if (earlyMs > 0) await wait(earlyMs, undefined, { signal })
    lagMs = Math.max(lagMs, performance.now() - dueMs)
    const visiting = visit(plan, dueMs)
    // What it throws is thrown below, when all have come.
    visiting.catch(() => undefined)
    inside.push(visiting)
  }
  const fullUntilMs = performance.now()
  await orAborted(Promise.all(inside), signal)
  return { fullUntilMs, lagMs }
}

function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
