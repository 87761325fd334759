/** Keys of machines: shown once, dead within seconds, each for its organisation and its scopes. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type PostgresProxy,
  startPostgresProxy,
} from '../../chaos/faults/database-proxy/postgres-proxy.ts'
import { ApiKeys } from '../../server/application/api-keys.ts'
import type { Scope } from '../../server/domain/access.ts'
import { newApiKey } from '../../server/domain/api-key-text.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { eventually } from '../support/eventually.ts'
import { apiAt, refusalOf } from '../support/sale-system.ts'
import {
  missingLike,
  newKey,
  type OrganisationsSystem,
  openOrganisations,
  openServerDatabase,
  type Somebody,
  tablesWith,
} from './open-organisations.ts'

let opened: OrganisationsSystem
let proxy: PostgresProxy
let organisation: string
let owner: Somebody
beforeAll(async () => {
  opened = await openOrganisations({
    databaseVia: async (url) => {
      proxy = await startPostgresProxy(url)
      return proxy.url
    },
  })
  organisation = await opened.newOrganisation()
  owner = await opened.person('owner', { [organisation]: 'owner' })
})
afterAll(async () => {
  await opened[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code
const dayMs = 24 * 60 * 60_000
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString()

function wishFor(scopes: Scope[] = ['catalogue:read'], expiresAt = inDays(30)) {
  return { organisation, name: 'Partner', scopes, expiresAt, key: newKey() }
}

async function newMachine(scopes?: Scope[]) {
  const made = await owner.api.admin.keys.create.mutate(wishFor(scopes))
  if (made.text === null) throw new Error('the text was not shown')
  const api = apiAt(opened.system.url, made.text)
  return { ...made.apiKey, text: made.text, api }
}

describe('a key', () => {
  it('opens what its scopes say, and nothing else', async () => {
    const { api } = await newMachine(['catalogue:read'])
    expect((await api.admin.venues.list.query({ organisation })).items).toEqual([])
    expect(await codeOf(api.admin.members.list.query({ organisation }))).toBe('NOT_ALLOWED')
    expect(await codeOf(api.admin.keys.list.query({ organisation }))).toBe('NOT_ALLOWED')
    expect(await codeOf(api.orders.list.query({}))).toBe('NOT_ALLOWED')
    const reader = await newMachine(['members:read', 'audit:read'])
    expect((await reader.api.admin.members.list.query({ organisation })).items).toHaveLength(1)
    expect((await reader.api.admin.audit.list.query({ organisation })).items).not.toEqual([])
  })

  it('opens nothing of another organisation, whether that exists or not', async () => {
    const { api } = await newMachine()
    const other = await opened.newOrganisation()
    const ask = (id: string) => refusalOf(api.admin.venues.list.query({ organisation: id }))
    expect((await ask(other)).code).toBe('NOT_ALLOWED')
    expect(await ask(other)).toEqual(await ask(missingLike(other)))
  })

  it('is nobody with one character changed, and with the secret of another key', async () => {
    const [one, other] = [await newMachine(), await newMachine()]
    const last = one.text.at(-1) === 'a' ? 'b' : 'a'
    const mixed = newApiKey({
      prefix: Buffer.from(one.prefix, 'hex'),
      secret: Buffer.from(other.text.slice(21, 64), 'base64url'),
    })
    const unknown = newApiKey({ prefix: Buffer.alloc(8), secret: Buffer.alloc(32) })
    for (const text of [one.text.slice(0, -1) + last, mixed.text, unknown.text, 'frk_']) {
      const { status } = await fetch(`${opened.system.url}/trpc/admin.venues.list`, {
        headers: { authorization: `Bearer ${text}` },
      })
      expect(status).toBe(401)
    }
  })

  it('is dead on this server the moment it is revoked, which may be said twice', async () => {
    const { api, id } = await newMachine()
    await api.admin.venues.list.query({ organisation })
    const wish = { organisation, apiKey: id }
    const revoked = await owner.api.admin.keys.revoke.mutate(wish)
    expect(revoked.revokedAt).not.toBeNull()
    expect(await owner.api.admin.keys.revoke.mutate(wish)).toEqual(revoked)
    expect(await codeOf(api.admin.venues.list.query({ organisation }))).toBe('NOT_SIGNED_IN')
  })

  it('is dead on every other server within limits.apiKeyCacheMs', async () => {
    const { id, text } = await newMachine()
    let nowMs = 0
    const clock = { ...systemClock, monotonicMs: () => nowMs }
    await using db = openServerDatabase(opened.system.databaseUrl, clock)
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const elsewhere = new ApiKeys(db, { region: 'europe-west1', log })
    expect(await elsewhere.verify(text)).toMatchObject({ kind: 'machine', id, organisation })
    await owner.api.admin.keys.revoke.mutate({ organisation, apiKey: id })
    nowMs = limits.apiKeyCacheMs - 1
    expect(await elsewhere.verify(text)).not.toBeNull()
    nowMs = limits.apiKeyCacheMs
    expect(await elsewhere.verify(text)).toBeNull()
    expect(limits.apiKeyCacheMs).toBeLessThanOrEqual(10_000)
    await eventually(async () => (await usesOf(id)).includes('europe-west1'), {
      what: 'the use in the other region',
    })
  })

  it('ends by itself', async () => {
    const { api, id, prefix } = await newMachine()
    await opened.system.sql(
      "update api_keys set expires_at = now() - interval '1 second' where id = $1",
      [id],
    )
    const { items } = await owner.api.admin.keys.list.query({ organisation, limit: 100 })
    expect(items.find((key) => key.id === id)).toMatchObject({ prefix, lastUsedAt: null })
    expect(await codeOf(api.admin.venues.list.query({ organisation }))).toBe('NOT_SIGNED_IN')
  })

  it('is listed with its last use and without its secret', async () => {
    const { api, id, text } = await newMachine()
    await api.admin.venues.list.query({ organisation })
    const listed = async () =>
      (await owner.api.admin.keys.list.query({ organisation, limit: 100 })).items
    await eventually(async () => (await listed()).some((key) => key.id === id && key.lastUsedAt), {
      what: 'the last use in the list',
    })
    expect(JSON.stringify(await listed())).not.toContain(text.slice(21, 64))
    expect(JSON.stringify(await listed())).not.toContain(hashOf(text))
  })

  it('of another organisation looks like one of nobody', async () => {
    const { id } = await newMachine()
    const other = await opened.newOrganisation()
    const stranger = await opened.person('stranger', { [other]: 'owner' })
    const ask = (apiKey: string) =>
      refusalOf(stranger.api.admin.keys.revoke.mutate({ organisation: other, apiKey }))
    expect((await ask(id)).code).toBe('NOT_FOUND')
    expect(await ask(id)).toEqual(await ask(missingLike(id)))
  })
})

describe('the text of a key', () => {
  it('is shown once: the same call answers the same key without it', async () => {
    const wish = wishFor(['catalogue:write', 'catalogue:read'])
    const first = await owner.api.admin.keys.create.mutate(wish)
    expect(first.text).toMatch(/^frk_[0-9a-f]{16}_/)
    const again = { ...wish, scopes: ['catalogue:read', 'catalogue:write'] as Scope[] }
    expect(await owner.api.admin.keys.create.mutate(again)).toEqual({ ...first, text: null })
    expect(await codeOf(owner.api.admin.keys.create.mutate({ ...wish, name: 'Other' }))).toBe(
      'KEY_REUSED',
    )
  })

  it('is shown to one of 20 calls with one key', async () => {
    const wish = wishFor()
    const calls = Array.from({ length: 20 }, () => owner.api.admin.keys.create.mutate(wish))
    const answers = await Promise.all(calls)
    expect(new Set(answers.map(({ apiKey }) => apiKey.id)).size).toBe(1)
    const texts = answers.flatMap(({ text }) => text ?? [])
    expect(texts).toHaveLength(1)
    const api = apiAt(opened.system.url, texts[0] ?? '')
    expect((await api.admin.venues.list.query({ organisation })).items).toEqual([])
  })

  it('stands in no table and in no audit entry; its hash stands in one', async () => {
    const { text } = await newMachine()
    expect(await tablesWith(opened.system, text.slice(21, 64))).toEqual([])
    expect(await tablesWith(opened.system, hashOf(text))).toEqual(['api_keys'])
  })
})

describe('a wish for a key', () => {
  it.each<[string, object]>([
    ['that has ended', { expiresAt: inDays(-1) }],
    ['for longer than a year', { expiresAt: inDays(367) }],
    ['without a scope', { scopes: [] }],
    ['with a scope that is none', { scopes: ['everything'] }],
    ['without a name', { name: ' ' }],
  ])('%s is refused', async (_, fault) => {
    const wish = { ...wishFor(), ...fault }
    expect(await codeOf(owner.api.admin.keys.create.mutate(wish))).toBe('BAD_INPUT')
  })

  it('of anybody but an owner is refused', async () => {
    const manager = await opened.person('manager', { [organisation]: 'manager' })
    expect(await codeOf(manager.api.admin.keys.create.mutate(wishFor()))).toBe('NOT_ALLOWED')
  })
})

it('a database that does not answer is no reason to throw a key away', async () => {
  const { text } = await newMachine()
  proxy.open(false)
  try {
    const answer = await fetch(`${opened.system.url}/trpc/admin.venues.list`, {
      headers: { authorization: `Bearer ${text}` },
    })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      error: { data: { refusal: { code: 'UNAVAILABLE', transient: true } } },
    })
  } finally {
    proxy.open(true)
  }
})

function hashOf(text: string): string {
  return createHash('sha256').update(text.slice(21, 64)).digest('hex')
}

async function usesOf(id: string): Promise<string[]> {
  const rows = await opened.system.sql<{ region: string }>(
    'select region from api_key_uses where key_id = $1',
    [id],
  )
  return rows.map((row) => row.region)
}
