/** A page of a chain's entries of all regions, newest first by the clocks of their servers. */
import type { AuditEntry } from '../domain/audit-entry.ts'
import { present } from '../platform/assert.ts'
import { listNewestEntries } from '../stores/audit-entries.ts'
import { badCursor, type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

/** Later than any: the first page has nothing before it. */
const end = Number.MAX_SAFE_INTEGER

/** @param chain an organisation's id, or `platformChain` */
export async function listAuditEntries(
  { db, regions }: Pick<Services, 'db' | 'regions'>,
  chain: string,
  input: PageInput,
): Promise<Page<AuditEntry>> {
  const limit = rowsToRead(input)
  const names = regions.all.map(({ name }) => name)
  const before = readPageCursor(input, names.length)?.map(seqOf) ?? names.map(() => end)
  const perRegion = await Promise.all(
    names.map((region, index) => {
      const place = { region, chain, before: present(before[index], 'its place'), limit }
      return listNewestEntries(db, place)
    }),
  )
  const merged = newestFirst(perRegion).slice(0, limit)
  const taken = merged.slice(0, input.limit)
  const places = names.map((region, index) => {
    const last = taken.filter((entry) => entry.region === region).at(-1)
    return String(last?.seq ?? before[index])
  })
  return pageOf(merged, input, () => places)
}

/** Merges without changing the order within a region, where the numbers count and not the clocks. */
function newestFirst(perRegion: readonly AuditEntry[][]): AuditEntry[] {
  const rest = perRegion.map((entries) => [...entries])
  const merged: AuditEntry[] = []
  for (;;) {
    const heads = rest.filter((entries) => entries.length > 0)
    const [first] = heads.sort((one, other) => atOf(other) - atOf(one))
    const next = first?.shift()
    if (next === undefined) return merged
    merged.push(next)
  }
}

function atOf([head]: readonly AuditEntry[]): number {
  return present(head, 'an entry').atMs
}

function seqOf(text: string): number {
  return /^[1-9][0-9]{0,15}$/.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : badCursor()
}
