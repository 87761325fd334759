/**
 * Follows the holds of one home region, one step at a time: asks the authority's servers for what
 * changed and applies it to the copies here. Where the position means nothing any more, a snapshot
 * is taken and it goes on from there. What the authority does not list is kept: it may just have
 * lost it, and will ask for it.
 */
import pLimit from 'p-limit'
import { holdBookLimits } from '../domain/hold-book-limits.ts'
import type {
  BooksPage,
  ChangesAnswer,
  FollowPosition,
  HoldChange,
} from '../domain/hold-replication.ts'
import { RegionCallError } from '../domain/region-caller.ts'
import type { EventId } from '../platform/ids.ts'
import { askRegion } from './ask-region.ts'
import { copyBook } from './copy-book.ts'
import type { FollowNeeds, FollowStep } from './follow-step.ts'
import { booksPage, changesAnswer } from './replication-shapes.ts'

/** `idle`: the home region is ours or nobody's. `watching`: another server of this region follows. */
export type FollowOutcome = 'idle' | 'watching' | 'followed'

type Asked = { readonly home: string; readonly token: string; readonly signal: AbortSignal }

/** @throws RegionCallError | HoldBookUnavailableError: to be tried again */
export async function followHolds(services: FollowNeeds, asked: Asked): Promise<FollowOutcome> {
  const { home, token, signal } = asked
  const { replication, following } = services
  const standing = services.authorities.standing(home)
  if (replication === null || following === null || standing.kind !== 'theirs') {
    following?.table.forget(home)
    return 'idle'
  }
  const lease = { home, epoch: standing.epoch, token }
  const { copies } = replication
  const isLeading = await copies.lead(lease, holdBookLimits.followLeaseMs)
  const position = await copies.position(lease)
  if (!isLeading) {
    following.table.tell(lease, 'watching', position)
    return 'watching'
  }
  const authority = standing.serverRegion
  const step: FollowStep = { services, copies, following, lease, authority, signal }
  if (position === null) await takeSnapshot(step, 'first')
  else await followFrom(step, position)
  return 'followed'
}

async function followFrom(step: FollowStep, position: FollowPosition): Promise<void> {
  const { services, following, lease, authority, signal } = step
  const { home, epoch } = lease
  const sentMs = services.clock.nowMs()
  const startedMs = services.clock.monotonicMs()
  const answer = await askRegion(following.caller, changesAnswer, {
    region: authority,
    procedure: 'internal.changes',
    input: {
      home,
      epoch,
      incarnation: position.incarnation,
      after: position.last,
      limit: holdBookLimits.changesPerAnswerMax,
      waitMs: holdBookLimits.followWaitMs,
    },
    timeoutMs: holdBookLimits.followTimeoutMs,
    signal,
  })
  if (answer.kind === 'reset' && answer.epoch > epoch) {
    throw new RegionCallError(`${authority} knows of a newer authority over ${home}`)
  }
  if (answer.kind === 'reset') return takeSnapshot(step, 'reset')
  if (answer.kind === 'gap' || hasGap(answer.changes, position.last)) {
    return takeSnapshot(step, 'gap')
  }
  // No wait that the answer tells of is longer than the one that was had.
  const waitedMs = Math.min(answer.waitedMs, services.clock.monotonicMs() - startedMs)
  const asOfMs = Math.floor(sentMs + waitedMs - answer.behindMs)
  const to = positionAfter(position, answer, asOfMs)
  await applyChanges(step, position, { to, changes: answer.changes })
}

function hasGap(changes: readonly HoldChange[], after: number): boolean {
  return changes.some(({ n }, index) => n !== after + 1 + index)
}

type Changes = Extract<ChangesAnswer, { kind: 'changes' }>

function positionAfter(
  from: FollowPosition,
  { changes, last: newest }: Changes,
  asOfMs: number,
): FollowPosition {
  const end = changes.at(-1)
  const last = end?.n ?? from.last
  const isSealed = end === undefined ? from.isSealed : end.kind === 'sealed'
  const { incarnation } = from
  return { incarnation, last, asOfMs, behind: Math.max(0, newest - last), isSealed }
}

type Applying = { readonly to: FollowPosition; readonly changes: readonly HoldChange[] }

/** Books that were built anew, or that are missing here, are fetched whole before. */
async function applyChanges(
  step: FollowStep,
  from: FollowPosition,
  { to, changes }: Applying,
): Promise<void> {
  checkHomes(
    step,
    changes.flatMap((change) => ('event' in change ? [change.event] : [])),
  )
  const built = new Map(
    changes.flatMap((one) => (one.kind === 'book' ? [[one.event, one.n] as const] : [])),
  )
  let absent = new Set(await fetchBooks(step, new Set(built.keys())))
  // What was before a book was built, was of another one.
  const ofLivingBooks = changes.filter(
    (one) => !('event' in one) || one.n > (built.get(one.event) ?? 0),
  )
  const isOf = (change: HoldChange, events: ReadonlySet<EventId>) =>
    'event' in change && events.has(change.event)
  // Twice: with what is missing fetched, and without what nobody has.
  for (let round = 0; round < 3; round += 1) {
    const present = ofLivingBooks.filter((change) => !isOf(change, absent))
    const outcome = await step.copies.apply(step.lease, from, { to, changes: present })
    if (outcome.kind === 'applied') return step.following.table.tell(step.lease, 'following', to)
    if (outcome.kind === 'lost') return step.following.table.tell(step.lease, 'watching')
    absent = new Set([...absent, ...(await fetchBooks(step, new Set(outcome.events)))])
  }
  throw new RegionCallError('copies of books go away as they come')
}

async function takeSnapshot(step: FollowStep, why: 'first' | 'reset' | 'gap'): Promise<void> {
  const { services, copies, following, lease, authority, signal } = step
  const { home, epoch } = lease
  services.metrics.count('frontrow.follow.snapshots', { why })
  following.table.tell(lease, 'snapshot')
  const asOfMs = services.clock.nowMs()
  const ask = (cursor: string | null) =>
    askRegion(following.caller, booksPage, {
      region: authority,
      procedure: 'internal.books',
      input: { home, epoch, cursor },
      timeoutMs: holdBookLimits.followTimeoutMs,
      signal,
    })
  const first = await ask(null)
  const events = new Set(first.events)
  let page: BooksPage = first
  for (let pages = 1; page.nextCursor !== null; pages += 1) {
    if (pages > holdBookLimits.booksPagesMax) throw new RegionCallError('a list without an end')
    page = await ask(page.nextCursor)
    if (page.incarnation !== first.incarnation) throw new RegionCallError('it was wiped meanwhile')
    for (const event of page.events) events.add(event)
  }
  checkHomes(step, [...events])
  await fetchBooks(step, events)
  const { incarnation, last } = first
  const to = { incarnation, last, asOfMs, behind: 0, isSealed: false }
  const outcome = await copies.apply(lease, null, { to, changes: [] })
  following.table.tell(lease, outcome.kind === 'applied' ? 'following' : 'watching', to)
}

/**
 * Ends only when nothing of it goes on: a fetch that is left behind by the failure of another one
 * would put its old book over the copy that the next attempt has fetched.
 *
 * @returns events that have no book there
 */
async function fetchBooks(step: FollowStep, events: ReadonlySet<EventId>): Promise<EventId[]> {
  const gate = pLimit(holdBookLimits.followParallelMax)
  const failed = new AbortController()
  const signal = AbortSignal.any([step.signal, failed.signal])
  const fetchOne = async (event: EventId) => {
    signal.throwIfAborted()
    return (await copyBook({ ...step, signal }, event)) === 'absent' ? [event] : []
  }
  const fetching = [...events].map((event) => gate(fetchOne, event))
  const fetched = Promise.all(fetching)
  // The first failure is what is told; the others end by it.
  await fetched.catch((cause: unknown) => failed.abort(cause))
  await Promise.allSettled(fetching)
  return (await fetched).flat()
}

/** A region speaks only of the home region that it has the authority over. */
function checkHomes({ services, lease }: FollowStep, events: readonly EventId[]): void {
  const isForeign = events.some((event) => services.regions.homeOf('evt', event) !== lease.home)
  if (isForeign) throw new RegionCallError(`an event is not of ${lease.home}`)
}
