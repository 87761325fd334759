/**
 * Every statement that the accounts sent while people did all that they can do: each binds the
 * region of its rows, and meets them by an index, on young tables and grown ones.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AccountsSystem,
  authenticatorCode,
  codeFor,
  newEmail,
  newKey,
  newMember,
  openAccounts,
  password,
  signedIn,
} from './open-accounts.ts'

const regional = [
  'users',
  'sessions',
  'credentials',
  'verifications',
  'two_factors',
  'refresh_families',
]

let system: AccountsSystem
let folder: string
let texts: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accounts-statements-'))
  system = await openAccounts({ STATEMENT_LOG: folder })
  await doEverything()
  texts = await recorded()
})
afterAll(async () => {
  await system[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe('the statements of accounts', () => {
  it('were seen, of every table and kind', () => {
    for (const table of regional) {
      expect(texts.filter((text) => tablesOf(text).includes(table))).not.toEqual([])
    }
    expect(texts.length).toBeGreaterThan(25)
  })

  it('bind the region of each regional table that they name', () => {
    const unbound = texts.filter((text) => {
      const named = tablesOf(text).filter((table) => regional.includes(table))
      const bound = /^insert/i.test(text)
        ? (text.match(/\(\s*"?region"?,/g) ?? []).length
        : (text.match(/"?region"? = \$\d/g) ?? []).length
      return bound < named.length
    })
    expect(unbound).toEqual([])
  })

  it('never cast to the type of the region, and list their columns', () => {
    expect(
      texts.filter((text) => /crdb_internal_region|select \*|returning \*/.test(text)),
    ).toEqual([])
  })

  it('meet their rows by an index: young, grown, and as prepared', async () => {
    const client = new Client({ connectionString: system.databaseUrl })
    await client.connect()
    try {
      for (const [number, text] of texts.entries()) {
        await client.query(`prepare young_${number} as ${text}`)
      }
      await client.query('set plan_cache_mode = force_generic_plan')
      expect(await faults(client, 'young')).toEqual([])
      await grow(client)
      for (const [number, text] of texts.entries()) {
        await client.query(`prepare grown_${number} as ${text}`)
      }
      expect(await faults(client, 'grown')).toEqual([])
    } finally {
      await client.end()
    }
  })
})

async function faults(client: Client, age: string): Promise<string[]> {
  const found: string[] = []
  for (const [number, text] of texts.entries()) {
    const highest = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])))
    const values = Array.from({ length: highest }, () => 'null').join(', ')
    const name = `${age}_${number}`
    const run = highest === 0 ? name : `${name}(${values})`
    const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(
      `explain (format json) execute ${run}`,
    )
    found.push(...scans(rows[0]?.['QUERY PLAN'], age).map((scan) => `${scan}: ${text}`))
  }
  return found
}

type PlanNode = {
  readonly 'Node Type'?: string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plan?: PlanNode
  readonly Plans?: readonly PlanNode[]
}

/**
 * Tables that are read through, or by the region alone. The latter PostgreSQL may do while a table
 * is too small to care; nothing of accounts is on the path of a sale.
 */
function scans(plan: unknown, age: string): string[] {
  const nodes = (Array.isArray(plan) ? plan : [plan]) as PlanNode[]
  return nodes.flatMap((node) => {
    const { 'Node Type': kind, 'Relation Name': table, 'Index Name': index } = node
    const condition = node['Index Cond']
    const isByRegionAlone = /^\(region = [^()]*\)$/.test(condition ?? '')
    const isScan = kind === 'Seq Scan' || (index !== undefined && condition === undefined)
    const own = isScan || (isByRegionAlone && age !== 'young') ? [`${kind} ${table} ${index}`] : []
    return [...own, ...scans([...(node.Plans ?? []), ...(node.Plan ? [node.Plan] : [])], age)]
  })
}

async function grow(client: Client) {
  const many = (insert: string) => client.query(`${insert} from generate_series(1, 20000) as n`)
  const region = "'us-east1'"
  await many(
    `insert into users select ${region}, 'u' || n, 'n', n || '@x', true, null, 'en', false, now(), now()`,
  )
  await many(
    `insert into sessions select ${region}, 's' || n, 'u' || n, 't' || n, null, null, now(), now(), now()`,
  )
  await many(`insert into credentials (region, id, user_id, account_id, provider_id, created_at, updated_at)
    select ${region}, 'c' || n, 'u' || n, 'u' || n, 'credential', now(), now()`)
  await many(
    `insert into verifications select ${region}, 'v' || n, 'i' || n, 'x', now(), now(), now()`,
  )
  await many(
    `insert into two_factors (region, id, user_id, secret, backup_codes) select ${region}, 'f' || n, 'u' || n, 's', 'b'`,
  )
  await many(`insert into refresh_families (region, id, user_id, session_id, generation, created_at, used_at, expires_at)
    select ${region}, 'r' || n, 'u' || n, 's' || n, 0, now(), now(), now()`)
  await many(`insert into account_directory select 'h' || n, ${region}`)
  await client.query('analyze')
}

function tablesOf(text: string): string[] {
  return [...text.matchAll(/\b(?:from|join|into|update)\s+"?([a-z_]+)"?/gi)].map(
    ([, table = '']) => table,
  )
}

async function recorded(): Promise<string[]> {
  const files = await readdir(folder)
  const all = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const ours = [...regional, 'account_directory']
  const texts = all
    .flatMap((content) => content.split('\n').filter(Boolean))
    .map((line) => (JSON.parse(line) as { sql: string }).sql)
    .filter((text) => tablesOf(text).some((table) => ours.includes(table)))
  return [...new Set(texts)]
}

async function doEverything() {
  const { accounts } = system.nobody
  const { api, email, tokens } = await newMember(system)
  const refused = (call: Promise<unknown>) => expect(call).rejects.toThrow()
  await accounts.signUp.mutate({ email, password, name: 'Fan' })
  await refused(accounts.signIn.mutate({ email, password: 'no such one', key: newKey() }))
  await refused(accounts.signIn.mutate({ email: newEmail(), password, key: newKey() }))
  await accounts.refresh.mutate({ refreshToken: tokens.refreshToken, key: newKey() })
  const { version } = await api.accounts.get.query({})
  await api.accounts.update.mutate({ version, name: 'Bob' })
  const { uri, backupCodes } = await api.accounts.totp.begin.mutate({ password })
  await api.accounts.totp.begin.mutate({ password })
  const again = await api.accounts.totp.begin.mutate({ password })
  expect(again.uri).not.toBe(uri)
  await api.accounts.totp.confirm.mutate({ code: authenticatorCode(again.uri) })
  for (const code of ['111111', again.backupCodes[0] ?? '', authenticatorCode(again.uri)]) {
    const answer = await accounts.signIn.mutate({ email, password, key: newKey() })
    if (answer.kind !== 'second-factor') throw new Error('no second factor was asked for')
    const step = { challenge: answer.challenge, code, key: newKey() }
    await accounts.signInSecondFactor.mutate(step).catch(() => undefined)
  }
  expect(backupCodes).not.toEqual(again.backupCodes)
  await api.accounts.totp.disable.mutate({ password })
  const newAddress = newEmail()
  await api.accounts.email.request.mutate({ newEmail: newAddress, password })
  const code = await codeFor(system, newAddress, 'change-email')
  await api.accounts.email.confirm.mutate({ newEmail: newAddress, code })
  await api.accounts.changePassword.mutate({
    currentPassword: password,
    newPassword: 'a bicycle of glass',
  })
  const { items } = await api.accounts.sessions.list.query({})
  await api.accounts.sessions.end.mutate({ session: items[0]?.id ?? '' })
  await accounts.sendCode.mutate({ email: newAddress, purpose: 'reset-password' })
  const reset = await codeFor(system, newAddress, 'reset-password')
  await accounts.resetPassword.mutate({ email: newAddress, code: reset, password })
  const last = await signedIn(system, newAddress)
  await last.api.accounts.signOutEverywhere.mutate({})
  await accounts.signOut.mutate({ refreshToken: last.tokens.refreshToken })
}
