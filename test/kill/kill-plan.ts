/**
 * Which steps are killed in which round. Starting a server costs seconds, so that as many sales as
 * possible are stopped at once, each at its own step; what stops all others needs a round alone.
 */
import { limits } from '../../server/platform/limits.ts'
import type { KillPoint, Step } from './kill-points.ts'
import type { PlannedSale, Trace } from './rounds.ts'

export type Round = readonly PlannedSale[]

/** Each side of each step; of a fan's call only the lost answer, for a lost call is no call. */
export function pointsOf(steps: readonly Step[]): KillPoint[] {
  return steps.flatMap((step) => {
    const after = { ...step, side: 'after' as const }
    return step.link === 'fan' ? [after] : [{ ...step, side: 'before' as const }, after]
  })
}

/** Every point by itself, once with a fan who comes back and once with one who does not. */
export function wholeWalk(trace: Trace): Round[] {
  return pointsOf([...trace.request, ...trace.worker]).flatMap((point) => [
    [{ point, returns: true }],
    [{ point, returns: false }],
  ])
}

/**
 * In the same number of kills as a build can bear: all points that can be had at once, the pass of
 * the worker over them in portions, and one by one those of Redis' scripts (it has one connection)
 * and of the worker's statements about all duties.
 */
export function shortWalk(trace: Trace): Round[] {
  const request = pointsOf(trace.request.filter(({ link }) => link !== 'redis'))
  const worker = pointsOf(trace.worker.filter(({ link }) => link !== 'redis'))
  const ofAll = worker.filter(({ label }) => label.startsWith('outbox.'))
  const ofOne = worker.filter(({ label }) => !label.startsWith('outbox.'))
  const steps = [...trace.request, ...trace.worker]
  const hasRedis = steps.some(({ link }) => link === 'redis')
  const scripts = steps.filter((step, index) => isScript(step) && isLastOrConverts(steps, index))
  const alone = hasRedis ? scripts.map((step) => ({ ...step, side: 'after' as const })) : ofAll
  return [
    request.flatMap((point) => [
      { point, returns: true },
      { point, returns: false },
    ]),
    ...portions(ofOne, limits.workerParallelMax).map((points) =>
      points.map((point) => ({ point, returns: true })),
    ),
    ...alone.map((point, index) => [{ point, returns: index % 2 === 0 }]),
  ]
}

function isScript({ link, label }: Step): boolean {
  return link === 'redis' && ['place', 'install', 'reserve', 'convert'].includes(label)
}

/** The first call of `place` only finds that the event's book is not loaded. */
function isLastOrConverts(steps: readonly Step[], index: number): boolean {
  const step = steps[index]
  const later = steps.slice(index + 1)
  return step?.label === 'convert' || !later.some(({ label }) => label === step?.label)
}

function portions<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
