/**
 * When holds may have been lost without anybody being at fault: at a change of authority, and while
 * Redis was harmed. Redis only advises; what is lost there is an apology, and is counted.
 */
import type { FaultRecord } from '../../evidence/evidence.ts'
import type { Evidence } from '../read-evidence.ts'
import type { Chains } from './chains.ts'
import { integer } from './columns.ts'

export type Disturbances = {
  /** Something in this span of time may have cost holds of this home region. */
  readonly between: (home: string, from: number, to: number) => boolean
  /** Redis was harmed at least once. */
  readonly isRedisHarmed: boolean
}

/**
 * A fault is noted beside the moment of it, and a change of authority is heard of after it: what
 * happened so near to one is not held against the system.
 */
const nearMs = 2_000

type Span = { readonly from: number; readonly to: number }

export function disturbancesOf(evidence: Evidence, chains: Chains): Disturbances {
  const harms = harmsOf(evidence.faults)
  const changes = new Map<string, readonly Span[]>()
  for (const [home, chain] of chains.authority) {
    const moved = chain.filter(({ before, after }) => {
      return (
        before !== null && (after === null || integer(before, 'epoch') !== integer(after, 'epoch'))
      )
    })
    changes.set(
      home,
      moved.map(({ at }) => ({ from: at - nearMs, to: at + nearMs })),
    )
  }
  const isBlind = !evidence.run.hasVersions && evidence.faults.some(({ what }) => what === 'inject')
  const meets = (spans: readonly Span[], from: number, to: number) =>
    spans.some((span) => span.from <= to && from <= span.to)
  return {
    between: (home, from, to) =>
      isBlind || meets(harms, from, to) || meets(changes.get(home) ?? [], from, to),
    isRedisHarmed: harms.length > 0,
  }
}

/** A region that is lost or stands still takes its Redis with it. */
function harmsRedis({ kind, where }: FaultRecord): boolean {
  return kind.startsWith('redis.') || kind.startsWith('region.') || where.includes('redis')
}

function harmsOf(faults: readonly FaultRecord[]): Span[] {
  const healed = new Map<number, number>()
  for (const fault of faults) {
    if (fault.what === 'heal') healed.set(fault.id, Math.max(fault.at, healed.get(fault.id) ?? 0))
  }
  return faults
    .filter((fault) => fault.what === 'inject' && harmsRedis(fault))
    .map(({ id, at }) => ({
      from: at - nearMs,
      to: (healed.get(id) ?? Number.POSITIVE_INFINITY) + nearMs,
    }))
}
