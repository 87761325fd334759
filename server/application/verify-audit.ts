/**
 * Walks all chains of the audit log straight from the database, a stretch at a time, and tells of
 * each whether it is whole. Memory does not grow with their length.
 */
import { type AuditHead, ChainCheck, type ChainFault } from '../domain/audit-chain.ts'
import { present } from '../platform/assert.ts'
import { type ChainPlace, findNextChain, walkEntries } from '../stores/audit-entries.ts'
import type { Database } from '../stores/database.ts'

const entriesAtOnce = 500

export type ChainReport = ChainPlace & {
  /** Entries up to the first fault, or all. */
  readonly entries: number
  /** Of a whole chain: its last entry. */
  readonly head: AuditHead | null
  readonly fault: ChainFault | null
}

export type VerifyInput = {
  readonly regions: readonly string[]
  /**
   * What was kept outside of the database, and what regions witnessed, several of a chain or none;
   * empty: only what the chains say themselves.
   */
  readonly heads: readonly AuditHead[]
}

/** Each chain of these regions, and each that a head names, once. */
export async function* verifyAudit(db: Database, input: VerifyInput): AsyncGenerator<ChainReport> {
  const heads = new Map<string, AuditHead[]>()
  for (const head of input.heads) {
    heads.set(nameOf(head), [...(heads.get(nameOf(head)) ?? []), head])
  }
  const regions = new Set([...input.regions, ...input.heads.map(({ region }) => region)])
  for (const region of regions) {
    for await (const chain of chainsOf(db, region)) {
      const place = { region, chain }
      yield await verifyChain(db, place, heads.get(nameOf(place)) ?? [])
      heads.delete(nameOf(place))
    }
  }
  // Of these nothing is left at all, or nothing was there yet.
  for (const known of heads.values()) {
    const { region, chain } = present(known[0], 'a head of each chain that has some')
    yield await verifyChain(db, { region, chain }, known)
  }
}

async function* chainsOf(db: Database, region: string): AsyncGenerator<string> {
  let after = ''
  for (;;) {
    const chain = await findNextChain(db, { region, after })
    if (chain === null) return
    yield chain
    after = chain
  }
}

/** What looks broken in the copy that may be old is looked at again: it may only be late. */
async function verifyChain(
  db: Database,
  place: ChainPlace,
  known: readonly AuditHead[],
): Promise<ChainReport> {
  const report = await walkChain(db, { place, as: 'scan' }, known)
  return report.fault === null ? report : walkChain(db, { place, as: 'fresh' }, known)
}

async function walkChain(
  db: Database,
  { place, as }: { readonly place: ChainPlace; readonly as: 'scan' | 'fresh' },
  known: readonly AuditHead[],
): Promise<ChainReport> {
  const check = new ChainCheck(known)
  let after = 0
  for (;;) {
    const entries = await walkEntries(db, { ...place, after, limit: entriesAtOnce }, as)
    for (const entry of entries) {
      const fault = check.add(entry)
      if (fault !== null) return { ...place, entries: check.last.seq, head: null, fault }
    }
    const last = entries.at(-1)
    if (last === undefined) break
    after = last.seq
  }
  const { seq, hash } = check.last
  const fault = check.end()
  const head = fault === null && seq > 0 ? { ...place, seq, hash } : null
  return { ...place, entries: seq, head, fault }
}

function nameOf({ region, chain }: ChainPlace): string {
  return `${region}/${chain}`
}
