/** Whether a follower's copy says the same as the book, read part by part as followers do. */
import type { CopiedHold, Tenure } from '../../server/domain/hold-replication.ts'
import type { EventId } from '../../server/platform/ids.ts'
import type { RegionUnderTest } from './regions-under-test.ts'

export type Said = {
  readonly bitmap: string
  readonly holds: readonly Omit<CopiedHold, 'lifeMs' | 'capMs'>[]
}

export async function bookSays(
  { replication }: RegionUnderTest,
  tenure: Tenure,
  event: EventId,
): Promise<Said | null> {
  const holds: CopiedHold[] = []
  let bitmap = ''
  let cursor: string | null = null
  do {
    const page = await replication.source.book(tenure, event, cursor)
    if (page === null || page === 'outlived') return null
    holds.push(...page.holds)
    bitmap = page.bitmap ?? bitmap
    cursor = page.nextCursor
  } while (cursor !== null)
  return { bitmap, holds: sorted(holds) }
}

export async function copySays(
  { replication }: RegionUnderTest,
  tenure: Tenure,
  event: EventId,
): Promise<Said | null> {
  const units = await replication.copies.bitmap(tenure, event)
  if (units === null) return null
  const holds: CopiedHold[] = []
  let cursor: string | null = null
  do {
    const page = await replication.copies.holds(tenure, event, cursor)
    if (page === null) return null
    holds.push(...page.holds)
    cursor = page.nextCursor
  } while (cursor !== null)
  return { bitmap: Buffer.from(units.bitmap).toString('base64'), holds: sorted(holds) }
}

function sorted(holds: readonly CopiedHold[]): Said['holds'] {
  const said = holds.map(({ lifeMs: _life, capMs: _cap, ...rest }) => rest)
  return said.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
