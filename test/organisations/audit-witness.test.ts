/** Heads of audit chains that another region witnessed: what was cut off or written anew is found. */
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { importJWK, type JWK } from 'jose'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuditLog } from '../../server/application/audit-log.ts'
import { AuditWitness } from '../../server/application/witness-audit.ts'
import { headSigner } from '../../server/gateways/audit-heads/head-signatures.ts'
import type { Database } from '../../server/stores/database.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openServerDatabase } from './open-organisations.ts'

const [home, witness] = ['us-east1', 'europe-west1']

let database: TestDatabase
let db: Database
let client: Client
const key = newKey('first')
beforeAll(async () => {
  database = await createTestDatabase()
  db = openServerDatabase(database.url)
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await db[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows

function newKey(kid: string) {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, alg: 'EdDSA' }
}

async function append(chain: string, count: number, what = 'a') {
  const log = new AuditLog(db, { region: home, count: () => undefined })
  for (let each = 1; each <= count; each += 1) {
    await log.append({
      chain,
      phase: 'begun',
      begunSeq: null,
      action: 'test',
      requestId: `request-${what}-${each}`,
      actor: { kind: 'person', id: 'demo:ann' },
      address: '192.0.2.1',
      subjects: [],
      reason: null,
      input: { what, each },
      before: null,
      after: null,
      outcome: null,
    })
  }
}

let chains = 0
const newChain = async (entries = 6) => {
  const chain = `org_witness_${(chains += 1)}`
  await append(chain, entries)
  return chain
}

/** A server of the other region, and what it had to say. */
async function openWitness(signedWith: JWK & { kid: string } = key) {
  const told: object[] = []
  const outcomes: string[] = []
  const signing = await importJWK(signedWith, 'EdDSA')
  if (signing instanceof Uint8Array) throw new Error('no key to sign with')
  const log = { error: (facts: object) => void told.push(facts) }
  const server = new AuditWitness(db, {
    region: witness,
    others: [home],
    signer: headSigner({ kid: signedWith.kid, key: signing }),
    log: log as unknown as ConstructorParameters<typeof AuditWitness>[1]['log'],
    count: (outcome) => void outcomes.push(outcome),
  })
  const look = async () => {
    outcomes.length = 0
    while ((await server.pass()).more);
    return [...outcomes]
  }
  return { look, told }
}

const rowOf = async (chain: string) =>
  (
    await sql('select *, seq::int4 as seq, xmin::text from audit_head_witnesses where chain = $1', [
      chain,
    ])
  )[0] as Record<string, unknown> | undefined

type Ended = { readonly code: number; readonly out: string }

/** The command. */
function verify(...args: string[]): Promise<Ended> {
  const { d: _, ...publicKey } = key
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    REGIONS: `${home}=use1,${witness}=euw1`,
    REGION_CALL_PUBLIC_KEYS: JSON.stringify({ [witness]: { keys: [publicKey] } }),
  }
  const command = ['--import', 'tsx', 'server/verify-audit.ts', ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (fault, out) => {
      resolve({ code: typeof fault?.code === 'number' ? fault.code : 0, out })
    })
  })
}

const faultsFound = async () => {
  const { code, out } = await verify('--json')
  const { faults, witnessed } = JSON.parse(out) as {
    faults: { chain: string; kind: string; seq: number }[]
    witnessed: { unknownKeys: number; forged: object[] }
  }
  return { code, witnessed, faults: faults.map(({ chain, kind, seq }) => ({ chain, kind, seq })) }
}

const clear = () => sql('delete from audit_entries; delete from audit_head_witnesses')
const cutOff = (chain: string, after: number) =>
  sql('delete from audit_entries where chain = $1 and seq > $2', [chain, after])

describe('a region', () => {
  it('keeps the newest heads of the others, and writes nothing when there is nothing new', async () => {
    await clear()
    const chain = await newChain()
    const { look } = await openWitness()
    expect(await look()).toEqual(['moved'])
    const first = await rowOf(chain)
    expect(first).toMatchObject({ region: witness, of_region: home, seq: 6 })
    expect(await look()).toEqual([])
    expect(await (await openWitness()).look()).toEqual([])
    expect(await rowOf(chain)).toEqual(first)
    await append(chain, 2)
    expect(await look()).toEqual(['moved'])
    expect(await rowOf(chain)).toMatchObject({ seq: 8 })
    expect(await (await openWitness(newKey('second'))).look()).toEqual(['moved'])
  })

  it('looks at more chains than one pass takes', async () => {
    await clear()
    for (let each = 0; each < 203; each += 1) await newChain(1)
    const { look } = await openWitness()
    expect(await look()).toHaveLength(203)
    expect(await sql('select 1 from audit_head_witnesses')).toHaveLength(203)
  })

  it.each([
    ['cut off', (chain: string) => cutOff(chain, 4)],
    ['deleted', (chain: string) => cutOff(chain, 0)],
    [
      'written anew, and longer',
      async (chain: string) => {
        await cutOff(chain, 0)
        await append(chain, 9, 'forged')
      },
    ],
  ])('says once that a chain was %s, and keeps what it knew', async (_, tamper) => {
    await clear()
    const [chain, other] = [await newChain(), await newChain()]
    const { look, told } = await openWitness()
    await look()
    const before = await rowOf(chain)
    await tamper(chain)
    await append(other, 1)
    expect(await look()).toEqual(['broken', 'moved'])
    expect(await look()).toEqual(['broken'])
    expect(told).toMatchObject([{ region: home, chain, seq: 6 }])
    expect(await rowOf(chain)).toEqual(before)
  })

  it('does not forget what somebody takes out of its table', async () => {
    await clear()
    const chain = await newChain()
    const { look, told } = await openWitness()
    await look()
    await cutOff(chain, 4)
    await sql('delete from audit_head_witnesses')
    expect(await look()).toEqual(['broken'])
    expect(told).toMatchObject([{ chain, seq: 6 }])
  })
})

describe('the command', () => {
  it('finds what was cut off, gone or written anew behind a witnessed head', async () => {
    await clear()
    const [cut, gone, anew] = [await newChain(), await newChain(), await newChain()]
    await (await openWitness()).look()
    const whole = await verify()
    expect(whole).toMatchObject({ code: 0 })
    expect(whole.out).toContain('It contains all 3 heads that other regions witnessed.')
    await cutOff(cut, 4)
    await cutOff(gone, 0)
    await cutOff(anew, 0)
    await append(anew, 7, 'forged')
    const found = await faultsFound()
    expect(found).toMatchObject({ code: 1, witnessed: { unknownKeys: 0, forged: [] } })
    expect(found.faults).toHaveLength(3)
    expect(found.faults).toEqual(
      expect.arrayContaining([
        { chain: cut, kind: 'truncated', seq: 5 },
        { chain: gone, kind: 'truncated', seq: 1 },
        { chain: anew, kind: 'rewritten', seq: 6 },
      ]),
    )
  })

  it('finds a witnessed head that its witness did not sign', async () => {
    await clear()
    const chain = await newChain()
    await (await openWitness()).look()
    await cutOff(chain, 4)
    await sql(
      `update audit_head_witnesses set seq = 4,
       hash = (select hash from audit_entries where chain = $1 and seq = 4)`,
      [chain],
    )
    const found = await faultsFound()
    expect(found).toMatchObject({ code: 1, faults: [] })
    expect(found.witnessed.forged).toEqual([{ witness, region: home, chain }])
    expect((await verify()).out).toContain(`${chain}: what ${witness} is said to have witnessed`)
    await (await openWitness(newKey('first'))).look()
    expect((await faultsFound()).witnessed.forged).toHaveLength(1)
  })

  it('says of how many heads it does not know the key', async () => {
    await clear()
    await newChain()
    await (await openWitness(newKey('another'))).look()
    expect(await faultsFound()).toMatchObject({ code: 0, witnessed: { unknownKeys: 1 } })
    expect((await verify()).out).toContain('REGION_CALL_PUBLIC_KEYS has not')
  })
})
