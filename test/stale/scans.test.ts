/**
 * Workers look for what is due in a copy that is really old: it shows what was claimed, done, renewed
 * or emptied since. They do no harm by it, and they come on.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AuditLog } from '../../server/application/audit-log.ts'
import { verifyAudit } from '../../server/application/verify-audit.ts'
import type { AuditHead } from '../../server/domain/audit-chain.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { deleteLeftovers } from '../../server/stores/accounts/leftovers.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { claimDuties, markDone, postpone } from '../../server/stores/sale/outbox.ts'
import { DueScan } from '../../server/workers/due-scan.ts'
import { forgetPersonalData } from '../../server/workers/forget-personal-data.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type FrozenCopy, openFrozenCopy } from '../support/frozen-copy.ts'
import { openFixtures, region, type Sql } from '../support/sale-system.ts'

let database: TestDatabase
let copy: FrozenCopy
let db: Database
let fixtures: ReturnType<typeof openFixtures>

beforeAll(async () => {
  database = await createTestDatabase()
  copy = await openFrozenCopy()
  fixtures = openFixtures(database.url)
  db = openDatabase({
    url: database.url,
    staleUrl: copy.url,
    poolMax: 4,
    clock: systemClock,
    random: systemRandom,
  })
})
afterAll(async () => {
  await db[Symbol.asyncDispose]()
  await fixtures.end()
  await copy[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
beforeEach(() => sql('truncate outbox, invitations, sessions, audit_entries'))

const sql: Sql = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
  (await fixtures.query<Row>(text, [...values])).rows

const freeze = () => copy.freeze(database.url)

/** All due, the first for the longest. */
async function seed(count: number): Promise<void> {
  await sql(
    `insert into outbox (region, id, kind, payload, tries, due_at, created_at)
     select $1, 'duty ' || n, 'order.paid', '{"order": "none"}', 0,
       now() - ($2::int4 - n + 1) * interval '1 second', now()
     from generate_series(1, $2::int4) as n`,
    [region, count],
  )
}

/** One pass of a worker, whose duties all go well. */
async function pass(scan: DueScan): Promise<{ listed: number; claimed: number }> {
  const { ids } = await scan.next(db, region)
  const claimed = await claimDuties(db, { region, ids })
  scan.claimed()
  await markDone(db, { region, ids: claimed.map(({ id }) => id) })
  return { listed: ids.length, claimed: claimed.length }
}

describe('the worker of the outbox', () => {
  it('does each duty once and comes to the last, while the copy shows all as due', async () => {
    await seed(250)
    await freeze()
    const scan = new DueScan()
    const passes = [await pass(scan), await pass(scan), await pass(scan), await pass(scan)]
    expect(passes).toEqual([
      { listed: 100, claimed: 100 },
      { listed: 100, claimed: 100 },
      { listed: 50, claimed: 50 },
      { listed: 0, claimed: 0 },
    ])
    const [sum] = await sql<{ done: number; tries: number }>(
      `select count(done_at)::int4 as done, sum(tries)::int4 as tries from outbox`,
    )
    expect(sum).toEqual({ done: 250, tries: 250 })
  })

  it('of another server claims nothing of them, and comes past them', async () => {
    await seed(150)
    await freeze()
    const [one, other] = [new DueScan(), new DueScan()]
    expect(await pass(one)).toEqual({ listed: 100, claimed: 100 })
    expect(await pass(other)).toEqual({ listed: 100, claimed: 0 })
    expect(await pass(other)).toEqual({ listed: 50, claimed: 50 })
  })

  it('takes a duty up again when it is due again, and not while the copy shows it as it was', async () => {
    await seed(1)
    await freeze()
    const scan = new DueScan()
    const { ids } = await scan.next(db, region)
    expect(await claimDuties(db, { region, ids })).toHaveLength(1)
    scan.claimed()
    await postpone(db, { region, id: 'duty 1', delayMs: 0 })
    expect((await scan.next(db, region)).ids).toEqual([])
    await freeze()
    expect((await scan.next(db, region)).ids).toEqual(['duty 1'])
    expect(await claimDuties(db, { region, ids: ['duty 1'] })).toMatchObject([{ tries: 2 }])
  })

  it('offers a batch again whose claim failed, and says how long the oldest waits', async () => {
    await seed(3)
    await freeze()
    const scan = new DueScan()
    const first = await scan.next(db, region)
    expect(first.oldestDueMs).toBeGreaterThanOrEqual(3_000)
    expect(await scan.next(db, region)).toMatchObject({ ids: first.ids })
    scan.claimed()
    expect(await scan.next(db, region)).toEqual({ ids: [], oldestDueMs: 0 })
  })
})

describe('forgetting', () => {
  it('leaves an invitation that was renewed since its address, and empties the others once', async () => {
    for (const id of ['inv_use1_1', 'inv_use1_2']) {
      await sql(
        `insert into invitations (region, id, organisation_id, role, email, locale, code_hash, state,
           invited_by, created_at, expires_at, version)
         values ($1, $2, 'org', 'door', $2 || '@example.org', 'en', $2, 'open', 'ann', now(),
           now() - interval '1 minute', 1)`,
        [region, id],
      )
    }
    await freeze()
    await sql(`update invitations set expires_at = now() + interval '1 day' where id like '%1'`)
    expect(await forgetPersonalData({ db }, region)).toEqual({ handled: 1, more: false })
    const rows = await sql<{ email: string | null }>('select email from invitations order by id')
    expect(rows).toEqual([{ email: 'inv_use1_1@example.org' }, { email: null }])
    expect(await forgetPersonalData({ db }, region)).toEqual({ handled: 0, more: false })
  })

  it('leaves a session that lives on since, and counts only what went', async () => {
    await sql(
      `insert into sessions (region, id, user_id, token, expires_at, created_at, updated_at)
       select $1, 'ses ' || n, 'ann', 'token ' || n, now() - interval '3 days', now(), now()
       from generate_series(1, 250) as n`,
      [region],
    )
    await freeze()
    await sql(`update sessions set expires_at = now() + interval '1 day' where id = 'ses 7'`)
    expect(await deleteLeftovers(db, region, limits.forgetRowsMax)).toBe(249)
    expect(await deleteLeftovers(db, region, limits.forgetRowsMax)).toBe(0)
    expect(await sql('select id from sessions')).toEqual([{ id: 'ses 7' }])
  })
})

describe('checking the audit log', () => {
  it('calls no chain broken that the copy only has not got whole yet', async () => {
    const log = new AuditLog(db, { region, count: () => undefined })
    const grow = (chain: string, by: number) => extend(log, chain, by)
    await grow('org_old', 3)
    await freeze()
    await grow('org_old', 2)
    await grow('org_new', 2)
    const heads = [await headOf('org_old'), await headOf('org_new')]
    expect(await reports(heads)).toEqual([
      ['org_old', 5, null],
      ['org_new', 2, null],
    ])
    await sql(`delete from audit_entries where chain = 'org_old' and seq > 4`)
    expect(await reports(heads)).toEqual([
      ['org_old', 4, 'truncated'],
      ['org_new', 2, null],
    ])
  })
})

async function extend(log: AuditLog, chain: string, by: number): Promise<void> {
  for (let each = 0; each < by; each += 1) {
    await log.append({
      chain,
      phase: 'begun',
      begunSeq: null,
      action: 'test',
      requestId: `request ${each}`,
      actor: { kind: 'person', id: 'demo:ann' },
      address: '192.0.2.1',
      subjects: [],
      reason: null,
      input: null,
      before: null,
      after: null,
      outcome: null,
    })
  }
}

async function headOf(chain: string): Promise<AuditHead> {
  const [row] = await sql<{ seq: number; hash: string }>(
    'select seq::int4 as seq, hash from audit_entries where chain = $1 order by seq desc limit 1',
    [chain],
  )
  if (row === undefined) throw new Error('the chain is empty')
  return { region, chain, ...row }
}

async function reports(heads: readonly AuditHead[]) {
  const all: [string, number, string | null][] = []
  for await (const report of verifyAudit(db, { regions: [region], heads })) {
    all.push([report.chain, report.entries, report.fault?.kind ?? null])
  }
  return all
}
