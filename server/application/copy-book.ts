/** Fetches one event's book from the authority, part by part, and puts it in the place of its copy. */
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { holdBookLimits } from '../domain/hold-book-limits.ts'
import type { CopiedHold, SoldUnits } from '../domain/hold-replication.ts'
import { RegionCallError } from '../domain/region-caller.ts'
import type { EventId } from '../platform/ids.ts'
import { askRegion } from './ask-region.ts'
import type { FollowStep } from './follow-step.ts'
import { bookPage } from './replication-shapes.ts'

/** `absent`: there is no book there, and what is copied here stays as it is. */
export async function copyBook(step: FollowStep, event: EventId): Promise<'copied' | 'absent'> {
  const { copies, following, lease, authority, signal } = step
  const { home, epoch } = lease
  const holds: CopiedHold[] = []
  const sold: SoldUnits[] = []
  let bitmap: Uint8Array = new Uint8Array()
  let cursor: string | null = null
  for (let pages = 0; pages === 0 || cursor !== null; pages += 1) {
    if (pages > holdBookLimits.bookPagesMax) throw new RegionCallError('a book without an end')
    const page: Page | null = await askRegion(following.caller, bookPage.nullable(), {
      region: authority,
      procedure: 'internal.book',
      input: { home, epoch, event, cursor },
      timeoutMs: holdBookLimits.followTimeoutMs,
      signal,
    })
    if (page === null) return 'absent'
    holds.push(...page.holds)
    sold.push(...page.sold)
    if (page.bitmap !== null) bitmap = Buffer.from(page.bitmap, 'base64')
    cursor = page.nextCursor
  }
  // A large snapshot takes longer than a lease.
  const isLeading = await copies.lead(lease, holdBookLimits.followLeaseMs)
  if (isLeading && (await copies.install(lease, { event, holds, sold, bitmap }))) return 'copied'
  throw new HoldBookUnavailableError('another server of this region follows by now')
}

type Page = NonNullable<ReturnType<typeof bookPage.parse>>
