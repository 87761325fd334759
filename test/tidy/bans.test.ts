import { describe, expect, it } from 'vitest'
import { bans, checkBans } from './bans.ts'
import { parseSource } from './source.ts'

const banned = (path: string, text: string) =>
  checkBans([parseSource(path, text)]).map(({ message }) => message.split(' is banned')[0])

/** Where something is banned and how it looks; each ban has at least one. */
const cases: readonly (readonly [string, string, string])[] = [
  ['the clock', 'server/domain/x.ts', 'const now = Date.now()'],
  ['the clock', 'server/stores/x.ts', 'const now = new Date( )'],
  ['the clock', 'server/workers/x.ts', 'performance.now()'],
  ['a timer', 'server/application/x.ts', 'setTimeout(f, 1)'],
  ['a timer', 'server/workers/x.ts', "import { setTimeout as wait } from 'node:timers/promises'"],
  ['chance', 'server/domain/x.ts', 'Math.random()'],
  ['chance', 'server/stores/x.ts', 'crypto.randomUUID()'],
  ['an own way to the database', 'server/application/x.ts', "db.pool.query('select 1')"],
  ['an own way to the database', 'server/stores/events.ts', 'db.kysely.transaction()'],
  ['an own way to the database', 'server/gateways/x.ts', 'new pg.Client({})'],
  ['the stale copy past its door', 'server/stores/orders.ts', 'db.staleCopy.kysely'],
  ['an advisory lock', 'migrations/lock.ts', "run('select pg_advisory_lock(1)')"],
  ['SKIP LOCKED', 'server/stores/x.ts', 'const a = `select 1 for update\n  skip locked`'],
  ['LISTEN or NOTIFY', 'server/stores/x.ts', "run('listen sales')"],
  ['LISTEN or NOTIFY', 'server/stores/x.ts', 'run(`\n  notify sales`)'],
  ["a cast to the region's enum", 'server/stores/x.ts', "run('$1::crdb_internal_region')"],
  ['console', 'server/main.ts', "console.log('x')"],
  [
    'a port of this machine in the server',
    'server/config.ts',
    "const url = 'http://localhost:4000'",
  ],
  ['a silenced check', 'server/x.ts', '// @ts-ignore\na()'],
  ['a silenced check', 'bench/x.ts', '/* oxlint-disable no-console */\na()'],
  ['unfinished work', 'server/x.ts', 'a() // FIXME: soon'],
  ['unfinished work', 'test/x.ts', 'a() // TODO later'],
  ['a default export', 'server/x.ts', 'export default function a() {}'],
  ['a test that runs alone', 'server/x.test.ts', "it.only('x', () => undefined)"],
  ['a test that runs alone', 'test/x.test.ts', "describe.concurrent.only('x', () => undefined)"],
  ['a skip without a reason', 'test/x.test.ts', "it.skip('x', () => undefined)"],
  ['a skip without a reason', 'test/x.test.ts', "describe.skipIf(a)('x', () => undefined)"],
  ['a mocked module', 'test/x.test.ts', "vi.mock('../server/main.ts')"],
  ['a sleep', 'test/x.test.ts', 'await sleep(100)'],
]

describe('a ban', () => {
  it.each(cases)('on %s holds in %s', (name, path, text) => {
    expect(banned(path, text)).toEqual([name])
  })

  it('has a case here, each of them', () => {
    expect(new Set(cases.map(([name]) => name))).toEqual(new Set(bans.map(({ name }) => name)))
  })
})

describe('no ban', () => {
  it.each([
    ['server/platform/clock.ts', 'Date.now()'],
    ['server/domain/x.test.ts', 'Date.now()'],
    ['server/domain/x.ts', 'new Date(startsAtMs)'],
    ['server/domain/x.ts', '// Date.now() would make this rule untestable'],
    ['server/stores/transaction.ts', 'db.kysely.transaction()'],
    ['server/stores/stale-reading.ts', 'db.staleCopy.pool.query(text)'],
    ['migrations/lock.ts', '/** No pg_advisory_lock. */\na()'],
    ['server/domain/x.ts', "const message = 'Please listen to the steward'"],
    ['server/x.ts', '// TODO(#12): the other half'],
    ['vitest.config.ts', 'export default {}'],
  ])('on %s: %s', (path, text) => {
    expect(banned(path, text)).toEqual([])
  })
})

it('a ban names the line', () => {
  const source = parseSource('server/domain/x.ts', 'one()\n\nDate.now()\n')
  expect(checkBans([source])[0]?.line).toBe(3)
})
