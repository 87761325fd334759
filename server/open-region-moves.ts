/** Ties planned moves and the regions' status to the database and to the other regions. Wiring only. */
import { z } from 'zod'
import type { Authorities } from './application/authorities.ts'
import type { HandOverNeeds, Moved } from './application/regions/hand-over.ts'
import { type RegionMoves, regionMoves } from './application/regions/region-moves.ts'
import type { Services } from './application/services.ts'
import type { LeaseBook } from './domain/authority.ts'
import type { FollowStatus } from './domain/hold-replication.ts'
import { refuse } from './domain/refusal.ts'
import { type RegionCall, RegionCallError, type RegionCaller } from './domain/region-caller.ts'
import { authorityLimits } from './platform/authority-limits.ts'
import { systemClock } from './platform/clock.ts'
import type { Topology } from './platform/topology.ts'
import type { Database } from './stores/database.ts'
import { markDrained, unmarkDrained } from './stores/region-leases.ts'
import { followerStatus, movedHome } from './transport/region-shapes.ts'

export type RegionMovesNeeds = Pick<Services, 'log'> & {
  readonly db: Database
  readonly region: string
  readonly leases: LeaseBook
  readonly authorities: Authorities
  readonly topology: Topology | null
  /** Null where there is no other region to ask. */
  readonly caller: RegionCaller | null
  /** Null where holds are in SQL: nothing to seal and to copy. */
  readonly book: HandOverNeeds['book']
  /** Of which home regions this server's own region keeps copies, and how far it is. */
  readonly following: () => readonly FollowStatus[]
  readonly keepSoon: (home: string) => void
  readonly count: HandOverNeeds['count']
}

const statusAnswer = z.object({ draining: z.boolean(), following: z.array(followerStatus) })

export function openRegionMoves(needs: RegionMovesNeeds): RegionMoves {
  const { db, region, leases, authorities, topology, log, count, keepSoon } = needs
  const names = topology?.regions.map((one) => one.name) ?? [region]
  const standIns = new Map(topology?.regions.map((one) => [one.name, one.standIns]))
  const ask = (target: string) => statusOf(needs, target)
  const handOver: HandOverNeeds = {
    region,
    leases,
    authorities,
    leaseLengthMs: topology?.lease.lengthMs ?? 0,
    book: needs.book,
    peers: {
      copiedUpTo: async (target, { home, epoch }) => {
        const said = (await ask(target))?.following
        return said?.find((one) => one.home === home && one.epoch === epoch)?.position ?? null
      },
      tell: async (target, home) => {
        await asking(needs, target, { procedure: 'internal.keepSoon', input: { home } })
      },
    },
    clock: systemClock,
    log,
    count,
  }
  const moves = regionMoves({
    handOver,
    keepSoon,
    status: {
      names,
      leases,
      clock: systemClock,
      ask: async (target) => (await ask(target))?.following ?? null,
    },
    moves: {
      leases,
      homes: names,
      candidatesFor: (home) => [home, ...(standIns.get(home) ?? [])],
      markDrained: (target) => markDrained(db, target),
      unmarkDrained: (target) => unmarkDrained(db, target),
      isReady: async (target) => (await ask(target))?.draining === false,
      handOver: ({ from, ...wish }) =>
        from === region ? moves.handOver(wish) : askToHandOver(needs, from, wish),
    },
  })
  return topology === null ? aloneMoves(moves) : moves
}

/** With one region there is nowhere to move anything to. */
function aloneMoves(moves: RegionMoves): RegionMoves {
  const none = async () =>
    refuse('WRONG_STATE', 'This installation has one region: nothing can be moved.')
  return { ...moves, drain: none, restore: none, handOver: none }
}

type Said = z.output<typeof statusAnswer>

async function statusOf(needs: RegionMovesNeeds, target: string): Promise<Said | null> {
  if (target === needs.region) return { draining: false, following: [...needs.following()] }
  try {
    const question = { procedure: 'internal.status', kind: 'query', input: {} } as const
    return statusAnswer.parse(await asking(needs, target, question))
  } catch {
    return null
  }
}

async function askToHandOver(
  needs: RegionMovesNeeds,
  from: string,
  input: { readonly home: string; readonly to: string },
): Promise<Moved> {
  const timeoutMs = authorityLimits.handOverAskMs
  const question = { procedure: 'internal.handOver', input, timeoutMs }
  const said = await asking(needs, from, question).catch((cause: unknown) => {
    if (!(cause instanceof RegionCallError)) throw cause
    needs.log.warn({ err: cause, from, ...input }, 'a planned move did not come about')
    const { code } = cause
    if (code === 'AUTHORITY_MOVED') return refuse(code, `${from} does not sell ${input.home} now.`)
    const reason = code === null ? 'did not answer' : 'could not hand over'
    return refuse('UNAVAILABLE', `${from} ${reason}. Look at the status, and try again.`)
  })
  return movedHome.parse(said)
}

function asking(
  { caller }: RegionMovesNeeds,
  target: string,
  question: Pick<RegionCall, 'procedure' | 'input'> & Partial<RegionCall>,
): Promise<unknown> {
  if (caller === null) return refuse('UNAVAILABLE', 'No other region can be asked from here.')
  const usual = { kind: 'mutation', timeoutMs: authorityLimits.regionAskTimeoutMs } as const
  return caller.call({ ...usual, ...question, region: target })
}
