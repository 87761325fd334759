/** What admins and other regions ask of the regions: how they stand, and planned moves. */
import type { HandOverNeeds, Moved } from './hand-over.ts'
import { handOver } from './hand-over.ts'
import { drainRegion, type MoveNeeds, type MoveResult, restoreRegion } from './move-region.ts'
import { type RegionsStatus, regionsStatus, type StatusNeeds } from './regions-status.ts'

export type RegionMoves = {
  readonly status: () => Promise<RegionsStatus>
  /** @throws RefusedError BAD_INPUT | UNAVAILABLE | AUTHORITY_MOVED */
  readonly drain: (wish: {
    readonly region: string
    readonly to: string | null
  }) => Promise<MoveResult>
  readonly restore: (wish: { readonly region: string }) => Promise<MoveResult>
  /** Of what this server's own region has. */
  readonly handOver: (wish: { readonly home: string; readonly to: string }) => Promise<Moved>
  /** Looks at the lease of `home` at once: it was given to this region. */
  readonly keepSoon: (home: string) => void
}

export type RegionMovesParts = {
  readonly moves: MoveNeeds
  readonly handOver: HandOverNeeds
  readonly status: StatusNeeds
  readonly keepSoon: (home: string) => void
}

export function regionMoves(parts: RegionMovesParts): RegionMoves {
  return {
    status: () => regionsStatus(parts.status),
    drain: (wish) => drainRegion(parts.moves, wish),
    restore: (wish) => restoreRegion(parts.moves, wish),
    handOver: (wish) => handOver(parts.handOver, wish),
    keepSoon: parts.keepSoon,
  }
}
