/** The command that checks the audit log: each way of tampering is found, and its first row named. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuditLog } from '../../server/application/audit-log.ts'
import { changePlatformAdmins } from '../../server/application/change-platform-admins.ts'
import { verifyAudit } from '../../server/application/verify-audit.ts'
import type { AuditHead } from '../../server/domain/audit-chain.ts'
import { type AuditFacts, platformChain } from '../../server/domain/audit-entry.ts'
import type { Database } from '../../server/stores/database.ts'
import { listPlatformAdmins } from '../../server/stores/platform-admins.ts'
import { reading } from '../../server/stores/reading.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openServerDatabase } from './open-organisations.ts'

const region = 'us-east1'
const regions = `${region}=use1,europe-west1=euw1`

let database: TestDatabase
let db: Database
let client: Client
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  db = openServerDatabase(database.url)
  client = new Client({ connectionString: database.url })
  await client.connect()
  folder = await mkdtemp(join(tmpdir(), 'frontrow-audit-'))
})
afterAll(async () => {
  await client.end()
  await db[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows

let chains = 0
/** A chain of its own with six entries. */
async function newChain(log = new AuditLog(db, { region, count: () => undefined })) {
  const chain = `org_test_${(chains += 1)}`
  for (let each = 1; each <= 6; each += 1) await log.append(factsFor(chain, each))
  return chain
}

function factsFor(chain: string, each: number): AuditFacts {
  return {
    chain,
    phase: 'begun',
    begunSeq: null,
    action: 'test',
    requestId: `request-${each}`,
    actor: { kind: 'person', id: 'demo:ann' },
    address: '192.0.2.1',
    subjects: ['a', 'b'],
    reason: 'a reason',
    input: { each },
    before: { each: [1.5e-7, null, 'ö'] },
    after: null,
    outcome: null,
  }
}

async function faultIn(chain: string, heads: readonly AuditHead[] = []): Promise<string | null> {
  for await (const report of verifyAudit(db, { regions: [region, 'europe-west1'], heads })) {
    if (report.chain !== chain) continue
    return report.fault === null ? null : `${report.fault.kind} ${report.fault.seq}`
  }
  return 'not seen'
}

const headOf = async (chain: string): Promise<AuditHead> => {
  const [row] = await sql(
    `select seq::int4 as seq, hash from audit_entries where chain = $1 order by seq desc limit 1`,
    [chain],
  )
  return { region, chain, ...(row as { seq: number; hash: string }) }
}

describe('a chain in the database', () => {
  it('that nobody touched is whole', async () => {
    expect(await faultIn(await newChain())).toBeNull()
  })

  it.each([
    ["at = at + interval '1 millisecond'"],
    ["at = at + interval '1 microsecond'"],
    ["phase = 'ended'"],
    ['begun_seq = 1'],
    ["action = 'other'"],
    ["actor_kind = 'machine'"],
    ["actor_id = 'demo:bob'"],
    ["address = '192.0.2.2'"],
    ['address_digest = repeat($$0$$, 64)'],
    ["request_id = 'other'"],
    ["subjects = array['b', 'a']"],
    ['reason = null'],
    [`input = '{"each": 4}'`],
    ['before = null'],
    [`after = '{}'`],
    ["outcome = 'done'"],
    ['previous_hash = repeat($$0$$, 64)'],
    ['hash = repeat($$0$$, 64)'],
  ])('whose third entry was edited (%s) is found out', async (change) => {
    const chain = await newChain()
    await sql(`update audit_entries set ${change} where chain = $1 and seq = 3`, [chain])
    expect(await faultIn(chain)).toMatch(/^(changed|address) 3$/)
  })

  it('that lost an entry is found out', async () => {
    const chain = await newChain()
    await sql('delete from audit_entries where chain = $1 and seq = 4', [chain])
    expect(await faultIn(chain)).toBe('missing 4')
  })

  it('whose gap was closed is found out', async () => {
    const chain = await newChain()
    await sql('delete from audit_entries where chain = $1 and seq = 4', [chain])
    await sql('update audit_entries set seq = 4 where chain = $1 and seq = 5', [chain])
    await sql('update audit_entries set seq = 5 where chain = $1 and seq = 6', [chain])
    expect(await faultIn(chain)).toBe('changed 4')
  })

  it('whose entries changed places is found out', async () => {
    const chain = await newChain()
    for (const [from, to] of [
      [2, 99],
      [5, 2],
      [99, 5],
    ]) {
      await sql('update audit_entries set seq = $3 where chain = $1 and seq = $2', [
        chain,
        from,
        to,
      ])
    }
    expect(await faultIn(chain)).toBe('changed 2')
  })

  it('whose entry was moved to another region is found out', async () => {
    const chain = await newChain()
    await sql("update audit_entries set region = 'europe-west1' where chain = $1 and seq = 6", [
      chain,
    ])
    expect(await faultIn(chain, [await headOf(chain)])).toBe('truncated 6')
  })

  it('that was cut off, or is gone, is found out against a head', async () => {
    const [cut, gone] = [await newChain(), await newChain()]
    const heads = [await headOf(cut), await headOf(gone)]
    await sql('delete from audit_entries where chain = $1 and seq > 4', [cut])
    await sql('delete from audit_entries where chain = $1', [gone])
    expect(await faultIn(cut)).toBeNull()
    expect(await faultIn(cut, heads)).toBe('truncated 5')
    expect(await faultIn(gone, heads)).toBe('truncated 1')
  })

  it('that was written anew as a whole is found out against a head', async () => {
    const chain = await newChain()
    const heads = [await headOf(chain)]
    await sql('delete from audit_entries where chain = $1', [chain])
    const forger = new AuditLog(db, { region, count: () => undefined })
    for (let each = 1; each <= 7; each += 1) await forger.append(factsFor(chain, each + 100))
    expect(await faultIn(chain)).toBeNull()
    expect(await faultIn(chain, heads)).toBe('rewritten 6')
  })

  it('that was cut off under a running server shows a gap as soon as that goes on', async () => {
    const log = new AuditLog(db, { region, count: () => undefined })
    const chain = await newChain(log)
    await sql('delete from audit_entries where chain = $1 and seq > 4', [chain])
    await log.append(factsFor(chain, 7))
    expect(await faultIn(chain)).toBe('missing 5')
  })
})

type Ended = { readonly code: number; readonly out: string; readonly err: string }

function run(script: string, args: readonly string[], settings: Record<string, string> = {}) {
  const env = { ...process.env, DATABASE_URL: database.url, REGIONS: regions, ...settings }
  const command = ['--import', 'tsx', script, ...args]
  return new Promise<Ended>((resolve) => {
    execFile(process.execPath, command, { env }, (fault, out, err) => {
      resolve({ code: typeof fault?.code === 'number' ? fault.code : 0, out, err })
    })
  })
}

const verify = (...args: string[]) => run('server/verify-audit.ts', args)

describe('the command', () => {
  it('ends with 0, 1 or 2, saves heads, and finds what is missing by them', async () => {
    await sql('delete from audit_entries')
    const chain = await newChain()
    const file = join(folder, 'heads.json')
    const first = await verify('--save-heads', file)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toContain('The audit log is whole: 6 entries in 1 chains.')
    expect(first.out).toContain('Not compared with saved heads')
    const { digest } = JSON.parse(await readFile(file, 'utf8')) as { digest: string }
    expect(first.out).toContain(digest)

    await sql('delete from audit_entries where chain = $1 and seq = 6', [chain])
    const cut = await verify('--heads', file, '--json', '--save-heads', join(folder, 'other.json'))
    expect(cut.code).toBe(1)
    expect(JSON.parse(cut.out)).toMatchObject({
      chains: 1,
      faults: [{ region, chain, kind: 'truncated', seq: 6 }],
      saved: null,
    })
    await expect(readFile(join(folder, 'other.json'))).rejects.toThrow('ENOENT')
    const told = await verify('--heads', file)
    expect(told.out).toContain(`${region} ${chain}: entry 6 (truncated)`)

    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"seq": 6', '"seq": 5'))
    expect(await verify('--heads', file)).toMatchObject({ code: 2, out: '' })
  })

  it.each<[string, Record<string, string>, string[]]>([
    ['there is no database', { DATABASE_URL: 'postgres://127.0.0.1:1/none' }, []],
    ['no region is named', { REGIONS: '' }, []],
    ['a wish is not understood', {}, ['--unknown']],
  ])('ends with 2 where %s', async (_, settings, args) => {
    expect(await run('server/verify-audit.ts', args, settings)).toMatchObject({ code: 2, out: '' })
  })
})

describe('those who run the platform', () => {
  const admins = (...args: string[]) => run('server/platform-admins.ts', args, { REGION: region })

  it('are entered and taken out, which leaves its trace', async () => {
    await sql('delete from audit_entries')
    const audit = new AuditLog(db, { region, count: () => undefined })
    const operator = { name: 'root', address: 'machine', requestId: 'request' }
    const change = (verb: 'add' | 'remove') =>
      changePlatformAdmins({ db, audit }, operator, { verb, person: 'usr_use1_ann' })
    const listed = async () =>
      (await reading(db, 'list', (reader) => listPlatformAdmins(reader, 10))).map(
        ({ person }) => person,
      )
    expect(await change('add')).toBe(true)
    expect(await change('add')).toBe(true)
    expect(await listed()).toEqual(['usr_use1_ann'])
    expect(await change('remove')).toBe(true)
    expect(await change('remove')).toBe(false)
    expect(await sql('select person from platform_admins')).toEqual([])
    const entries = await sql(
      `select action, phase, outcome, actor_kind, subjects from audit_entries
       where chain = $1 order by seq`,
      [platformChain],
    )
    expect(entries.filter(({ phase }) => phase === 'ended')).toEqual(
      [
        ['add', 'done'],
        ['add', 'done'],
        ['remove', 'done'],
        ['remove', 'NOT_FOUND'],
      ].map(([verb, outcome]) => ({
        action: `platform-admins ${verb}`,
        phase: 'ended',
        outcome,
        actor_kind: 'operator',
        subjects: ['usr_use1_ann'],
      })),
    )
    expect(entries).toHaveLength(8)
    expect(await faultIn(platformChain)).toBeNull()
  })

  it('are entered, listed and taken out by a command', async () => {
    expect((await admins('list')).out).toBe('Nobody runs the platform yet.\n')
    expect(await admins('add', 'usr_use1_ann')).toMatchObject({ code: 0, err: '' })
    expect((await admins('list')).out).toMatch(/^usr_use1_ann {2}since 20/)
    expect((await admins('remove', 'usr_use1_ann')).code).toBe(0)
    expect((await admins('remove', 'usr_use1_ann')).code).toBe(1)
  })

  it.each([
    ['list', 'x'],
    ['add', 'a b'],
  ])('are left alone by %j %j', async (...args) => {
    const { code, err } = await admins(...args)
    expect(code).toBe(2)
    expect(err).toContain('Usage:')
  })
})
