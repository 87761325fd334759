/**
 * Where every table lives on a CockroachDB with regions: the list is the design's, and each table
 * has the two steps that put it there. A new table must be entered here, with a reason to be global.
 */
import { describe, expect, it } from 'vitest'
import { readSteps } from '../../migrations/steps.ts'

/** Read in every region by nearly every call, written rarely and never by a sale. */
const global = new Set([
  'organisations',
  'venues',
  'seat_maps',
  'seat_map_sections',
  'events',
  'price_tiers',
  'memberships',
  'platform_admins',
  'api_keys',
  // Asked by whoever thinks of taking over, in any region; written by hand.
  'drained_regions',
  // Answers from any region which region an account lives in, by a keyed hash.
  'account_directory',
])

/** Rows of one sale, of one person or of one audit chain: in its home region. */
const regional = new Set([
  'authority',
  'region_leases',
  'event_sales',
  'claims',
  'holds',
  'orders',
  'payments',
  'tickets',
  'outbox',
  'users',
  'sessions',
  'credentials',
  'verifications',
  'two_factors',
  'refresh_families',
  'invitations',
  'api_key_uses',
  'audit_entries',
  'audit_head_witnesses',
])

const steps = await readSteps()
const bare = (sql: string) =>
  sql
    .replaceAll(/^\s*--.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
const statements = steps.map((step, place) => ({ ...step, place, sql: bare(step.sql) }))
const tables = statements.flatMap(({ sql, place, name }) => {
  const table = /^create table (?:if not exists )?(\w+)/.exec(sql)?.[1]
  return table === undefined ? [] : [{ table, sql, place, name }]
})

describe('the list of localities', () => {
  it('has all tables', () => {
    expect(tables.length).toBeGreaterThan(20)
    const unlisted = tables.filter(({ table }) => !global.has(table) && !regional.has(table))
    expect(unlisted.map(({ table }) => table)).toEqual([])
  })

  it('has each table once', () => {
    expect([...global].filter((table) => regional.has(table))).toEqual([])
  })
})

describe.each(tables)('$table', ({ table, place, name }) => {
  const change = name.split('/')[0]
  const own = statements.filter((one) => one.sql.startsWith(`alter table ${table} set `))
  const locality = global.has(table) ? 'global' : 'regional by row as region'

  it('is unlocked and then placed, in the change that makes it', () => {
    expect(own.map((one) => one.sql)).toEqual([
      `alter table ${table} set (schema_locked = false)`,
      `alter table ${table} set locality ${locality}`,
    ])
    for (const one of own) {
      expect(one.cockroachOnly).toBe(true)
      expect(one.name.startsWith(`${change}/`)).toBe(true)
      expect(one.place).toBeGreaterThan(place)
    }
    // What old versions do not know is passed over by this ending.
    expect(own[0]?.name).toMatch(/-unlock\.crdb\.sql$/)
  })
})

describe.each(tables.filter(({ table }) => regional.has(table)))('$table', ({ table, sql }) => {
  it('says its region first, in every key', () => {
    expect(sql).toMatch(/\(\s*region crdb_internal_region not null,/)
    const keys = [...sql.matchAll(/(?:primary key|unique) \(([^)]*)\)/g)].map(([, key = '']) => key)
    const unique = new RegExp(
      `^create unique index (?:if not exists )?\\w+ on ${table} \\(([^)]*)\\)`,
    )
    const indexes = statements.flatMap((one) => unique.exec(one.sql)?.[1] ?? [])
    expect(keys.length).toBeGreaterThan(0)
    for (const key of [...keys, ...indexes]) expect(key).toMatch(/^region\b/)
  })
})
