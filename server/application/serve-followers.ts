/**
 * What servers of other regions are told of the holds here: the stream of a home region that is
 * ours, its books, and our copies of theirs when they have lost their own.
 *
 * Who asks about a stream that is here gets it, also when the authority has moved on: what a
 * follower has not got yet of the old one is just what it lacks. Whether it is still of use is the
 * follower's to judge, by the epoch.
 */
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import type {
  BookPage,
  BooksPage,
  ChangesAnswer,
  ChangesQuery,
  CopyPage,
  HoldReplication,
  Tenure,
  UnitsAnswer,
} from '../domain/hold-replication.ts'
import { refuse } from '../domain/refusal.ts'
import type { EventId } from '../platform/ids.ts'
import { saleOf } from './sale-view.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'replication' | 'authorities' | 'regions'>
type BookNeeds = Needs & Pick<Services, 'events' | 'holdBook'>

/** @param follower name of the region that asks */
export async function changesFor(
  services: Needs,
  follower: string,
  query: ChangesQuery,
): Promise<ChangesAnswer> {
  const answer = await orOpened(services, query, (source) => source.changes(query, follower))
  const newest = services.authorities.epochOf(query.home)
  const isOver = answer.kind === 'changes' && answer.changes.length === 0
  if (!isOver || newest === null || newest <= query.epoch) return answer
  return { kind: 'reset', epoch: newest, incarnation: '' }
}

export function booksFor(
  services: Needs,
  tenure: Tenure,
  cursor: string | null,
): Promise<BooksPage> {
  return orOpened(services, tenure, (source) => source.books(tenure, cursor))
}

export type BookQuery = Tenure & { readonly event: EventId; readonly cursor: string | null }

export type CopyQuery = {
  readonly home: string
  readonly event: EventId
  readonly cursor: string | null
}

/** null: there is no book of this event. One that Redis has outlived is built anew first. */
export async function bookFor(services: BookNeeds, query: BookQuery): Promise<BookPage | null> {
  checkHome(services, query)
  const { source } = partsOf(services)
  const page = await source.book(query, query.event, query.cursor)
  if (page !== 'outlived') return page
  // Its first parts were of the book before: whoever asks begins again.
  if (query.cursor !== null) return refuse('AUTHORITY_MOVED', 'The book is being built anew.')
  // Of an event that the catalogue has forgotten (a restored database) there is nothing to follow.
  if ((await services.events.get(query.event)) === null) return null
  await unitsFor(services, query)
  const built = await source.book(query, query.event, query.cursor)
  return built === 'outlived' ? refuse('AUTHORITY_MOVED', 'It was outlived again.') : built
}

export type UnitsQuery = Tenure & { readonly event: EventId }

/**
 * All units of an event that is sold here, two bits each, as its book has them: it is built if there
 * is none, as for a fan who looks here.
 */
export async function unitsFor(services: BookNeeds, query: UnitsQuery): Promise<UnitsAnswer> {
  checkHome(services, query)
  const { scope } = await saleOf(services, query.event)
  if (scope.epoch !== query.epoch) return refuse('AUTHORITY_MOVED', 'The epoch is another one.')
  const { bitmap } = await services.holdBook.availability(scope)
  return { bitmap: Buffer.from(bitmap).toString('base64') }
}

/** null: nothing of this event is copied here. */
export async function copyFor(services: Needs, query: CopyQuery): Promise<CopyPage | null> {
  checkHome(services, query)
  const newest = { home: query.home, epoch: Number.MAX_SAFE_INTEGER }
  return partsOf(services).copies.holds(newest, query.event, query.cursor)
}

/** A stream that has not begun begins with the first question, if it is ours to begin. */
async function orOpened<Answer>(
  services: Needs,
  tenure: Tenure,
  ask: (source: HoldReplication) => Promise<Answer | null>,
): Promise<Answer> {
  checkHome(services, tenure)
  const { source } = partsOf(services)
  const answer = await ask(source)
  if (answer !== null) return answer
  const standing = services.authorities.standing(tenure.home)
  if (standing.kind === 'ours' && standing.epoch === tenure.epoch) {
    await source.open({ home: tenure.home, epoch: tenure.epoch })
    const begun = await ask(source)
    if (begun !== null) return begun
  }
  const who =
    standing.kind === 'theirs'
      ? { serverRegion: standing.serverRegion, epoch: standing.epoch }
      : undefined
  return refuse('AUTHORITY_MOVED', 'The holds of this home region are not kept here.', who)
}

function checkHome({ regions }: Needs, asked: { readonly home: string; readonly event?: EventId }) {
  const { home, event } = asked
  const isHere = regions.has(home) && (event === undefined || regions.homeOf('evt', event) === home)
  if (!isHere) refuse('NOT_FOUND', 'There is no such home region, or the event is not of it.')
}

function partsOf({ replication }: Needs): NonNullable<Services['replication']> {
  if (replication !== null) return replication
  throw new HoldBookUnavailableError('holds are kept in SQL here: there is nothing to follow')
}
