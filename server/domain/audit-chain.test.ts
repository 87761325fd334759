/** The form that is hashed, fixed for ever; and every way of tampering with a chain, found. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditHead, ChainCheck, type ChainFault } from './audit-chain.ts'
import { type AuditEntry, addressDigest, auditHash, noHash } from './audit-entry.ts'
import { headsText, readHeads, writeHeads } from './audit-heads.ts'

const salt = '00'.repeat(16)
const chain = 'org_01j8zzzzzzzzzzzzzzzzzzzzzz'
const region = 'us-east1'

function entryAfter(last: AuditEntry | null, change: Partial<AuditEntry> = {}): AuditEntry {
  const entry = {
    region,
    chain,
    seq: (last?.seq ?? 0) + 1,
    atMs: 1_790_000_000_000,
    phase: 'begun',
    begunSeq: null,
    action: 'admin.venues.update',
    actor: { kind: 'person', id: 'usr_use1_01j8zzzzzzzzzzzzzzzzzzzzzz' },
    address: '192.0.2.7',
    addressSalt: salt,
    addressDigest: addressDigest('192.0.2.7', salt),
    requestId: 'request-1',
    subjects: ['ven_01j8zzzzzzzzzzzzzzzzzzzzzz'],
    reason: null,
    input: { name: 'Hall' },
    before: { name: 'Hell' },
    after: null,
    outcome: null,
    previousHash: last?.hash ?? noHash,
    ...change,
  } as const
  return { ...entry, hash: auditHash(entry) }
}

function chainOf(length: number, change: Partial<AuditEntry> = {}): AuditEntry[] {
  const entries: AuditEntry[] = []
  while (entries.length < length) entries.push(entryAfter(entries.at(-1) ?? null, change))
  return entries
}

function faultIn(entries: readonly AuditEntry[], head: AuditHead | null = null): ChainFault | null {
  const check = new ChainCheck(head === null ? [] : [head])
  for (const entry of entries) {
    const fault = check.add(entry)
    if (fault !== null) return fault
  }
  return check.end()
}

const found = (entries: readonly AuditEntry[], head: AuditHead | null = null) => {
  const fault = faultIn(entries, head)
  return fault === null ? null : `${fault.kind} ${fault.seq}`
}

const headAt = (entries: readonly AuditEntry[], seq: number): AuditHead => {
  const hash = entries[seq - 1]?.hash ?? ''
  return { region, chain, seq, hash }
}

const changed = (entries: readonly AuditEntry[], seq: number, change: Partial<AuditEntry>) =>
  entries.map((entry) => (entry.seq === seq ? { ...entry, ...change } : entry))

describe('the hash of an entry', () => {
  it('is the one that docs/audit.md describes, worked out by another program', () => {
    expect(entryAfter(null).hash).toBe(
      '1fd5c808d169d1e92abdbc4206d2ecf68d7b890d3accbb3ac6ec83845c98de15',
    )
  })

  it('does not cover the address itself, so that it can be emptied', () => {
    const entries = chainOf(3)
    expect(found(changed(entries, 2, { address: null, addressSalt: null }))).toBeNull()
  })
})

describe('a chain', () => {
  it('that nobody touched is whole, with and without a head', () => {
    const entries = chainOf(9)
    expect(found(entries)).toBeNull()
    expect(found(entries, headAt(entries, 9))).toBeNull()
    expect(found(entries, headAt(entries, 4))).toBeNull()
    expect(found([])).toBeNull()
  })

  it('tells each column that was changed', () => {
    const other: Partial<AuditEntry> = {
      region: 'europe-west1',
      chain: 'platform',
      atMs: 1_790_000_000_001,
      phase: 'ended',
      begunSeq: 1,
      action: 'admin.venues.create',
      actor: { kind: 'machine', id: 'usr_use1_01j8zzzzzzzzzzzzzzzzzzzzzz' },
      addressDigest: addressDigest('192.0.2.8', salt),
      requestId: 'request-2',
      subjects: [],
      reason: 'none',
      input: { name: 'Hall', more: 1 },
      before: null,
      after: { name: 'Hall' },
      outcome: 'done',
      previousHash: '1'.repeat(64),
      hash: '2'.repeat(64),
    }
    const entries = chainOf(5)
    for (const name of Object.keys(other) as (keyof AuditEntry)[]) {
      expect([name, found(changed(entries, 3, { [name]: other[name] }))]).toEqual([
        name,
        'changed 3',
      ])
    }
    expect(found(changed(entries, 3, { atMs: 1_790_000_000_000.5 }))).toBe('changed 3')
    expect(found(changed(entries, 3, { actor: { kind: 'person', id: 'other' } }))).toBe('changed 3')
    expect(found(changed(entries, 3, { seq: 7 }))).toBe('missing 3')
  })

  it('tells an address that was changed, or left without its salt', () => {
    const entries = chainOf(3)
    expect(found(changed(entries, 2, { address: '192.0.2.8' }))).toBe('address 2')
    expect(found(changed(entries, 2, { address: null }))).toBe('address 2')
    expect(found(changed(entries, 2, { addressSalt: null }))).toBe('address 2')
  })

  it('tells any entry that was taken out, and where', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), (seq) => {
        const entries = chainOf(9)
        expect(found(entries.filter((entry) => entry.seq !== seq))).toBe(`missing ${seq}`)
      }),
    )
  })

  it('tells two entries that changed places', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }),
        (two) => {
          const [one = 0, other = 0] = two.sort((a, b) => a - b)
          const entries = chainOf(9)
          const swapped = entries.map((entry) => {
            if (entry.seq === one) return { ...entries[other - 1], seq: one } as AuditEntry
            if (entry.seq === other) return { ...entries[one - 1], seq: other } as AuditEntry
            return entry
          })
          expect(found(swapped)).toBe(`changed ${one}`)
        },
      ),
    )
  })

  it('tells an entry that was written anew with a hash of its own', () => {
    const entries = chainOf(5)
    const forged = entryAfter(entries[1] ?? null, { outcome: 'done' })
    expect(found(changed(entries, 3, forged))).toBe('unlinked 4')
  })

  it('that was cut off shows against a head alone', () => {
    const entries = chainOf(9)
    expect(found(entries.slice(0, 6))).toBeNull()
    expect(found(entries.slice(0, 6), headAt(entries, 9))).toBe('truncated 7')
    expect(found([], headAt(entries, 9))).toBe('truncated 1')
  })

  it('that was written anew as a whole shows against a head alone', () => {
    const entries = chainOf(9)
    const anew = chainOf(9, { reason: 'nobody will notice' })
    expect(found(anew)).toBeNull()
    expect(found(anew, headAt(entries, 5))).toBe('rewritten 5')
    const tail = entries.slice(0, 4)
    while (tail.length < 9) tail.push(entryAfter(tail.at(-1) ?? null, { outcome: 'done' }))
    expect(found(tail)).toBeNull()
    expect(found(tail, headAt(entries, 9))).toBe('rewritten 9')
  })
})

describe('a file of heads', () => {
  const heads = [headAt(chainOf(3), 3)]
  const text = headsText(writeHeads(heads, 0))

  it('comes back as it was written', () => {
    expect(readHeads(text)).toEqual(writeHeads(heads, 0))
    expect(readHeads(headsText(writeHeads([], 0)))?.heads).toEqual([])
  })

  it('is none once anything in it was changed', () => {
    expect(readHeads(text.replace('"seq": 3', '"seq": 2'))).toBeNull()
    expect(readHeads(text.replace('1970', '1971'))).toBeNull()
    expect(readHeads(text.slice(0, -3))).toBeNull()
    expect(readHeads('{}')).toBeNull()
  })
})
