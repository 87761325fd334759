/** The trace that every change leaves: before it and after it, in a chain without a gap. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type PostgresProxy,
  startPostgresProxy,
} from '../../chaos/faults/database-proxy/postgres-proxy.ts'
import { AuditLog } from '../../server/application/audit-log.ts'
import { verifyAudit } from '../../server/application/verify-audit.ts'
import type { AuditFacts } from '../../server/domain/audit-entry.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { emptyOldAddresses } from '../../server/stores/audit-entries.ts'
import type { Database } from '../../server/stores/database.ts'
import { apiAt, persist, refusalOf, region } from '../support/sale-system.ts'
import {
  missingLike,
  newKey,
  type OrganisationsSystem,
  openOrganisations,
  openServerDatabase,
  type Somebody,
  withReason,
} from './open-organisations.ts'

let opened: OrganisationsSystem
let proxy: PostgresProxy
let db: Database
let organisation: string
let owner: Somebody
beforeAll(async () => {
  opened = await openOrganisations({
    databaseVia: async (url) => {
      proxy = await startPostgresProxy(url)
      return proxy.url
    },
  })
  db = openAnother()
  organisation = await opened.newOrganisation()
  owner = await opened.person('owner', { [organisation]: 'owner' })
})
afterAll(async () => {
  await db[Symbol.asyncDispose]()
  await opened[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code

function openAnother(): Database {
  return openServerDatabase(opened.system.databaseUrl)
}

async function faults(): Promise<string[]> {
  const found: string[] = []
  for await (const { chain, fault } of verifyAudit(db, { regions: [region], heads: [] })) {
    if (fault !== null) found.push(`${chain}: ${fault.kind} ${fault.seq}`)
  }
  return found
}

type Row = {
  readonly seq: string
  readonly phase: string
  readonly action: string
  readonly outcome: string | null
  readonly before: Record<string, unknown> | null
  readonly after: Record<string, unknown> | null
  readonly input: Record<string, unknown> | null
  readonly begun_seq: string | null
}

const entriesOf = (chain: string) =>
  opened.system.sql<Row>(
    `select seq, phase, action, outcome, before, after, input, begun_seq
     from audit_entries where chain = $1 order by seq`,
    [chain],
  )

async function house() {
  const id = await opened.newOrganisation('House')
  const boss = await opened.person(`boss-${id.slice(-8)}`, { [id]: 'owner' })
  return { id, boss }
}

const venueFields = {
  name: 'Hall',
  timeZone: 'Europe/Vienna',
  address: 'Street 1',
  city: 'Wien',
  country: 'AT',
  latitude: 48.2,
  longitude: 16.4,
}

describe('a change', () => {
  it('leaves what there was before it, and what there is after it', async () => {
    const { id, boss } = await house()
    const venue = await boss.api.admin.venues.create.mutate({
      organisation: id,
      key: newKey(),
      ...venueFields,
    })
    const wish = { organisation: id, venue: venue.id, version: 1, changes: { name: 'New Hall' } }
    await boss.api.admin.venues.update.mutate(wish)
    const [, , begun, ended] = await entriesOf(id)
    expect(begun).toMatchObject({
      phase: 'begun',
      action: 'admin.venues.update',
      outcome: null,
      begun_seq: null,
      input: wish,
      before: { name: 'Hall', version: 1 },
      after: null,
    })
    expect(ended).toMatchObject({
      phase: 'ended',
      action: 'admin.venues.update',
      outcome: 'done',
      begun_seq: '3',
      input: null,
      before: null,
      after: { name: 'New Hall', version: 2 },
    })
  })

  it('that is refused leaves the refusal', async () => {
    const { id, boss } = await house()
    const wish = { organisation: id, person: 'demo:nobody', version: 1 }
    expect(await codeOf(boss.api.admin.members.remove.mutate(wish))).toBe('NOT_FOUND')
    const [begun, ended] = await entriesOf(id)
    expect(begun).toMatchObject({ phase: 'begun', before: null })
    expect(ended).toMatchObject({ phase: 'ended', outcome: 'NOT_FOUND', after: null })
  })

  it('that is malformed, or not allowed, leaves nothing', async () => {
    const { id, boss } = await house()
    const wish = { organisation: id, version: 0, name: 'House' }
    expect(await codeOf(boss.api.admin.organisations.update.mutate(wish))).toBe('BAD_INPUT')
    const fan = await opened.person('fan')
    const other = { ...wish, version: 1 }
    expect(await codeOf(fan.api.admin.organisations.update.mutate(other))).toBe('NOT_ALLOWED')
    expect(await entriesOf(id)).toEqual([])
  })

  it('with characters that no database takes is kept all the same', async () => {
    const { id, boss } = await house()
    for (const name of ['a\0b', 'half \ud800 of one']) {
      const wish = { organisation: id, version: 1, name }
      expect(await codeOf(boss.api.admin.organisations.update.mutate(wish))).toBe('BAD_INPUT')
    }
    const inputs = (await entriesOf(id)).flatMap(({ input }) => input?.['name'] ?? [])
    expect(inputs).toEqual(['a\ufffdb', 'half \ufffd of one'])
    expect(await faults()).toEqual([])
  })

  it('by an admin of the platform has the reason, who it was and from where', async () => {
    const { id } = await house()
    const reason = 'the owner called: Türnummer vergessen'
    const api = withReason(opened.system.url, opened.root, encodeURIComponent(reason))
    await api.admin.organisations.update.mutate({ organisation: id, version: 1, name: 'Other' })
    const [begun] = await opened.system.sql(
      `select actor_kind, actor_id, address, reason, request_id <> '' as has_request
       from audit_entries where chain = $1 order by seq`,
      [id],
    )
    expect(begun).toEqual({
      actor_kind: 'person',
      actor_id: opened.root.id,
      address: '127.0.0.1',
      reason,
      has_request: true,
    })
  })

  it('is left by a mere look, where one who runs the platform looks', async () => {
    const looked = await opened.newOrganisation()
    const member = await opened.person('looker', { [looked]: 'owner' })
    await member.api.admin.events.list.query({ organisation: looked })
    const api = withReason(opened.system.url, opened.root, 'the owner asked us to look')
    await api.admin.events.list.query({ organisation: looked })
    const entries = await entriesOf(looked)
    expect(entries.filter(({ action }) => action === 'admin.events.list')).toMatchObject([
      { phase: 'ended', begun_seq: null, outcome: 'done', input: { organisation: looked } },
    ])
    expect(await faults()).toEqual([])
  })

  it('by a machine names its key', async () => {
    const { id, boss } = await house()
    const made = await boss.api.admin.keys.create.mutate({
      organisation: id,
      name: 'Partner',
      scopes: ['catalogue:write'],
      key: newKey(),
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    })
    const machine = apiAt(opened.system.url, made.text ?? '')
    const wish = { organisation: id, key: newKey(), ...venueFields }
    const venue = await machine.admin.venues.create.mutate(wish)
    const { items } = await boss.api.admin.audit.list.query({ organisation: id, limit: 1 })
    expect(items).toMatchObject([
      {
        action: 'admin.venues.create',
        actor: { kind: 'machine', id: made.apiKey.id },
        subjects: [venue.id],
        outcome: 'done',
      },
    ])
    expect(JSON.stringify(await entriesOf(id))).not.toContain(wish.key)
  })

  it('of a seat map has the hash of the file and not the file', async () => {
    const { id, boss } = await house()
    const { admin } = boss.api
    const { id: venue } = await admin.venues.create.mutate({
      organisation: id,
      key: newKey(),
      ...venueFields,
    })
    const csv = `section,row,seat,x,y,gap_after,capacity\n${'A,1,1,0,0,,\n'.repeat(5_000)}`
    const content = Buffer.from(csv).toString('base64')
    const wish = { organisation: id, venue, format: 'csv', content, name: 'Map' } as const
    expect(await codeOf(admin.seatMaps.import.mutate(wish))).toBe('SEAT_MAP_FAULTY')
    const entries = await entriesOf(id)
    expect(entries.at(-2)?.input).toMatchObject({
      content: { bytes: content.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(entries.at(-1)?.outcome).toBe('SEAT_MAP_FAULTY')
  })

  it('for no organisation stands in the chain of the platform', async () => {
    await opened.newOrganisation('Platform-made')
    const { items } = await opened.root.api.admin.audit.platform.query({ limit: 2 })
    expect(items).toMatchObject([
      { phase: 'ended', action: 'admin.organisations.create', outcome: 'done' },
      { phase: 'begun', input: { name: 'Platform-made' } },
    ])
    const made = items[0]?.after as { id: string } | undefined
    expect(items[0]?.subjects).toEqual([made?.id])
  })
})

describe('the chain', () => {
  it('has no gap after 50 changes at once', async () => {
    const { id, boss } = await house()
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        persist(() =>
          boss.api.admin.venues.create.mutate({
            organisation: id,
            key: `venue-of-the-race-${index}`,
            ...venueFields,
          }),
        ),
      ),
    )
    const entries = await entriesOf(id)
    expect(entries.length).toBeGreaterThanOrEqual(100)
    expect(entries.map(({ seq }) => Number(seq))).toEqual(entries.map((_, index) => index + 1))
    const begun = entries.filter(({ phase }) => phase === 'begun').map(({ seq }) => seq)
    const ends = entries.flatMap(({ begun_seq: seq }) => seq ?? [])
    expect(new Set(ends)).toEqual(new Set(begun))
    expect(await faults()).toEqual([])
  })

  it('has no gap when several servers of a region lengthen it at once', async () => {
    const chain = missingLike(organisation)
    const databases = [openAnother(), openAnother(), openAnother()]
    const logs = databases.map((each) => new AuditLog(each, { region, count: () => undefined }))
    const seqs = await Promise.all(
      logs.flatMap((log) => Array.from({ length: 30 }, () => log.append(factsFor(chain)))),
    )
    for (const each of databases) await each[Symbol.asyncDispose]()
    expect(seqs.sort((one, other) => one - other)).toEqual(seqs.map((_, index) => index + 1))
    expect(await faults()).toEqual([])
  })
})

function factsFor(chain: string): AuditFacts {
  return {
    chain,
    phase: 'begun',
    begunSeq: null,
    action: 'test',
    requestId: 'request',
    actor: { kind: 'person', id: 'demo:ann' },
    address: '192.0.2.1',
    subjects: [],
    reason: null,
    input: null,
    before: null,
    after: null,
    outcome: null,
  }
}

describe('an entry that cannot be written', () => {
  const rename = (boss: Somebody, id: string) =>
    boss.api.admin.organisations.update.mutate({ organisation: id, version: 1, name: 'Renamed' })

  it('at the beginning stops the change', async () => {
    const { id, boss } = await house()
    proxy.strike('audit.insert', { kind: 'error', code: '53100', done: false })
    expect(await codeOf(rename(boss, id))).toBe('UNAVAILABLE')
    const { name } = await boss.api.admin.organisations.get.query({ organisation: id })
    expect(name).toBe('House')
    expect(await entriesOf(id)).toEqual([])
    expect((await rename(boss, id)).name).toBe('Renamed')
  })

  it.each(['cut-before', 'cut-after'] as const)(
    'because its connection broke (%s) is written in the end, and once',
    async (kind) => {
      const { id, boss } = await house()
      proxy.strike('audit.insert', { kind })
      expect((await rename(boss, id)).name).toBe('Renamed')
      expect((await entriesOf(id)).map(({ phase }) => phase)).toEqual(['begun', 'ended'])
      expect(await faults()).toEqual([])
    },
  )

  it('at the end leaves the beginning, and the answer of what was done', async () => {
    const { id, boss } = await house()
    const { sql } = opened.system
    await sql(`create function no_end() returns trigger language plpgsql as
      $$ begin raise exception 'full' using errcode = '53100'; end $$`)
    await sql(`create trigger no_end before insert on audit_entries for each row
      when (new.phase = 'ended') execute function no_end()`)
    try {
      expect((await rename(boss, id)).name).toBe('Renamed')
    } finally {
      await sql('drop trigger no_end on audit_entries')
    }
    expect((await entriesOf(id)).map(({ phase }) => phase)).toEqual(['begun'])
    expect(await metric('frontrow_audit_entries_total{outcome="lost"}')).toBeGreaterThan(0)
  })
})

async function metric(name: string): Promise<number> {
  const text = await (await fetch(opened.system.metricsUrl)).text()
  const line = text.split('\n').find((each) => each.startsWith(name.slice(0, -1)))
  return Number(line?.split(' ')[1] ?? 0)
}

describe('the list of entries', () => {
  it('is for owners and keys with the scope, of their own organisation', async () => {
    const { id, boss } = await house()
    const manager = await opened.person('audit-manager', { [id]: 'manager' })
    expect(await codeOf(manager.api.admin.audit.list.query({ organisation: id }))).toBe(
      'NOT_ALLOWED',
    )
    expect(await codeOf(owner.api.admin.audit.list.query({ organisation: id }))).toBe('NOT_ALLOWED')
    const made = await boss.api.admin.keys.create.mutate({
      organisation: id,
      name: 'Auditor',
      scopes: ['audit:read'],
      key: newKey(),
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    })
    const machine = apiAt(opened.system.url, made.text ?? '')
    const { items } = await machine.admin.audit.list.query({ organisation: id })
    expect(items.map(({ action }) => action)).toEqual(['admin.keys.create', 'admin.keys.create'])
    expect(items[0]?.after).toEqual({ apiKey: expect.objectContaining({ name: 'Auditor' }) })
  })

  it('goes through all regions, newest first, page by page', async () => {
    const chain = (await house()).id
    const boss = await opened.person('reader', { [chain]: 'owner' })
    const logs = ['us-east1', 'europe-west1', 'asia-southeast1'].map(
      (name) => new AuditLog(db, { region: name, count: () => undefined }),
    )
    for (let round = 0; round < 4; round += 1) {
      for (const log of logs) await log.append(factsFor(chain))
    }
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: {
        items: { region: string; seq: number; at: string }[]
        nextCursor: string | null
      } = await boss.api.admin.audit.list.query({ organisation: chain, limit: 5, cursor })
      seen.push(...page.items.map(({ region: name, seq }) => `${name} ${seq}`))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toHaveLength(12)
    expect(new Set(seen).size).toBe(12)
    for (const { region: name } of [{ region: 'us-east1' }, { region: 'europe-west1' }]) {
      const own = seen.filter((each) => each.startsWith(name))
      expect(own).toEqual([4, 3, 2, 1].map((seq) => `${name} ${seq}`))
    }
    const bad = Buffer.from(JSON.stringify(['1', '2', 'x'])).toString('base64url')
    const asked = boss.api.admin.audit.list.query({ organisation: chain, cursor: bad })
    expect(await codeOf(asked)).toBe('BAD_INPUT')
  })
})

describe('an address', () => {
  it('is emptied after its time, and the chain stays whole', async () => {
    const chain = (await house()).id
    const past = { ...systemClock, nowMs: () => Date.now() - limits.auditAddressKeptMs - 1_000 }
    await using old = openServerDatabase(opened.system.databaseUrl, past)
    await new AuditLog(old, { region, count: () => undefined }).append(factsFor(chain))
    await new AuditLog(db, { region, count: () => undefined }).append(factsFor(chain))
    const due = { region, keptMs: limits.auditAddressKeptMs, limit: 100 }
    while ((await emptyOldAddresses(db, due)) > 0);
    const rows = await opened.system.sql(
      'select address, address_salt is null as unsalted from audit_entries where chain = $1 order by seq',
      [chain],
    )
    expect(rows).toEqual([
      { address: null, unsalted: true },
      { address: '192.0.2.1', unsalted: false },
    ])
    expect(await faults()).toEqual([])
  })
})
