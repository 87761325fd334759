/**
 * Gives the authority over a home region to another region, on purpose: this server's region has
 * it. The hold book is sealed, the other region copies the rest, and only then authority and epoch
 * change in one statement. Nothing is lost, and sales pause from the seal to that statement.
 *
 * Whatever goes wrong in between, the seal is taken off and selling goes on here; should this
 * server die, the seal runs out by itself.
 */
import type { LeaseBook } from '../../domain/authority.ts'
import { RefusedError, refusal, refuse } from '../../domain/refusal.ts'
import { authorityLimits } from '../../platform/authority-limits.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Count } from '../../platform/metric-counters.ts'
import type { Authorities } from '../authorities.ts'

export type Tenure = { readonly home: string; readonly epoch: number }

export type HandOverNeeds = {
  readonly region: string
  readonly leases: LeaseBook
  readonly authorities: Authorities
  readonly leaseLengthMs: number
  /** Null where holds are in SQL: then there is nothing to copy. */
  readonly book: {
    /** @returns number of the last change that there will be */
    readonly seal: (tenure: Tenure) => Promise<number>
    readonly unseal: (tenure: Tenure) => Promise<void>
    readonly lastChange: (tenure: Tenure) => Promise<number | null>
  } | null
  readonly peers: {
    /** Number of the last change that this region has copied; null where it copies nothing. */
    readonly copiedUpTo: (region: string, tenure: Tenure) => Promise<number | null>
    /** The authority over `home` is theirs now: to be kept at once. */
    readonly tell: (region: string, home: string) => Promise<void>
  }
  readonly clock: Pick<Clock, 'monotonicMs' | 'wait'>
  readonly log: Readonly<Record<'info' | 'warn', Tell>>
  readonly count: Count
}

type Tell = (facts: Record<string, unknown>, message: string) => void

export type Moved = {
  readonly home: string
  readonly from: string
  readonly to: string
  readonly epoch: number
  /** From the seal to the statement that moved the authority. */
  readonly pausedMs: number
}

/**
 * @throws RefusedError AUTHORITY_MOVED it is not ours to give; UNAVAILABLE the other region does
 * not follow closely enough, and selling goes on here
 */
export async function handOver(
  needs: HandOverNeeds,
  { home, to }: { readonly home: string; readonly to: string },
): Promise<Moved> {
  const standing = needs.authorities.standing(home)
  if (standing.kind !== 'ours') return refuse('AUTHORITY_MOVED', 'This region does not sell it.')
  const tenure = { home, epoch: standing.epoch }
  await assertFollows(needs, to, tenure)
  const startedMs = needs.clock.monotonicMs()
  needs.authorities.ceased(home, tenure.epoch)
  try {
    const last = await needs.book?.seal(tenure)
    if (last !== undefined) await copied(needs, { to, tenure, last })
    const epoch = await move(needs, tenure, to)
    needs.authorities.heard(home, { serverRegion: to, epoch })
    const pausedMs = Math.round(needs.clock.monotonicMs() - startedMs)
    needs.count('frontrow.authority.changes', { how: 'handed over' })
    needs.log.info({ home, to, epoch, pausedMs }, 'handed the sales of a region over')
    await needs.peers.tell(to, home).catch((err: unknown) => {
      needs.log.warn({ err, home, to }, 'the new authority will find out by itself')
    })
    return { home, from: needs.region, to, epoch, pausedMs }
  } catch (cause) {
    await needs.book?.unseal(tenure).catch((err: unknown) => {
      needs.log.warn({ err, home }, 'a hold book stays sealed for some seconds')
    })
    needs.authorities.resumed(home, tenure.epoch)
    throw cause
  }
}

/** Before anything stops: a region that copies nothing, or is far behind, would lose holds. */
async function assertFollows(needs: HandOverNeeds, to: string, tenure: Tenure): Promise<void> {
  if (needs.book === null) return
  const [last, copiedUpTo] = await Promise.all([
    needs.book.lastChange(tenure),
    needs.peers.copiedUpTo(to, tenure),
  ])
  const behind = (last ?? 0) - (copiedUpTo ?? Number.NEGATIVE_INFINITY)
  if (last === null || behind <= authorityLimits.handOverBehindMax) return
  throw behindRefusal(to)
}

async function copied(
  { peers, clock }: HandOverNeeds,
  wish: { readonly to: string; readonly tenure: Tenure; readonly last: number },
): Promise<void> {
  const endMs = clock.monotonicMs() + authorityLimits.handOverCopyMs
  for (;;) {
    const copiedUpTo = await peers.copiedUpTo(wish.to, wish.tenure)
    if (copiedUpTo !== null && copiedUpTo >= wish.last) return
    if (clock.monotonicMs() >= endMs) throw behindRefusal(wish.to)
    await clock.wait(authorityLimits.handOverLookMs)
  }
}

async function move(
  { leases, region, leaseLengthMs }: HandOverNeeds,
  { home, epoch }: Tenure,
  to: string,
): Promise<number> {
  const moved = await leases.handOver({ home, region, epoch, lengthMs: leaseLengthMs }, to)
  return moved ?? refuse('AUTHORITY_MOVED', 'The authority has moved in the meantime.')
}

function behindRefusal(to: string): RefusedError {
  const text = `${to} has not copied the holds so far. Nothing was moved; try again in a moment.`
  return new RefusedError(refusal('UNAVAILABLE', text))
}
