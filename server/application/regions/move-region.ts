/**
 * Planned moves, asked of any server: a region is emptied before work on it, and gets its own
 * events back afterwards. Each home region is handed over by a server of the region that has it.
 */
import type { Lease, LeaseBook } from '../../domain/authority.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Moved } from './hand-over.ts'

export type MoveNeeds = {
  readonly leases: LeaseBook
  /** Home regions, and for each who may have it, the home region first. */
  readonly homes: readonly string[]
  readonly candidatesFor: (home: string) => readonly string[]
  readonly markDrained: (region: string) => Promise<void>
  readonly unmarkDrained: (region: string) => Promise<void>
  /** Asks a server of `from` to hand `home` over; this one does it itself where it stands there. */
  readonly handOver: (wish: {
    readonly from: string
    readonly home: string
    readonly to: string
  }) => Promise<Moved>
  /** Whether a server of this region answers and takes new work. */
  readonly isReady: (region: string) => Promise<boolean>
}

export type MoveResult = { readonly moved: readonly Moved[] }

/**
 * Takes all authority from a region, and keeps it from taking any until it is restored. Repeated,
 * it moves what is left.
 * @param wish.to the region that gets it; the first stand-in that is ready unless told
 */
export async function drainRegion(
  needs: MoveNeeds,
  wish: { readonly region: string; readonly to: string | null },
): Promise<MoveResult> {
  assertKnown(needs, wish.region)
  if (wish.to !== null) assertTarget(needs, wish.region, wish.to)
  await needs.markDrained(wish.region)
  const moved: Moved[] = []
  for (const home of await homesOf(needs, wish.region)) {
    const to = wish.to ?? (await firstReady(needs, home, wish.region))
    moved.push(await needs.handOver({ from: wish.region, home, to }))
  }
  return { moved }
}

/** Lets a region take authority again, and gives it that over its own events. */
export async function restoreRegion(
  needs: MoveNeeds,
  { region }: { readonly region: string },
): Promise<MoveResult> {
  assertKnown(needs, region)
  await needs.unmarkDrained(region)
  const lease = await needs.leases.find(region)
  if (lease === null || lease.serverRegion === region) return { moved: [] }
  const moved = await needs.handOver({ from: lease.serverRegion, home: region, to: region })
  return { moved: [moved] }
}

async function homesOf({ leases, homes }: MoveNeeds, region: string): Promise<string[]> {
  const all = await Promise.all(homes.map((home) => leases.find(home)))
  const isTheirs = (lease: Lease | null | undefined) => lease?.serverRegion === region
  return homes.filter((_, at) => isTheirs(all[at]))
}

async function firstReady(needs: MoveNeeds, home: string, from: string): Promise<string> {
  const drained = await needs.leases.drained()
  for (const candidate of needs.candidatesFor(home)) {
    if (candidate === from || drained.has(candidate)) continue
    if (await needs.isReady(candidate)) return candidate
  }
  return refuse('UNAVAILABLE', `No region is ready to take over for ${home}. Nothing was moved.`)
}

function assertKnown({ homes }: MoveNeeds, region: string): void {
  if (homes.includes(region)) return
  refuse('BAD_INPUT', `region: must be one of ${homes.join(', ')}`)
}

function assertTarget(needs: MoveNeeds, region: string, to: string): void {
  assertKnown(needs, to)
  if (to === region) refuse('BAD_INPUT', 'to: must be another region than the one that is emptied')
}
