/**
 * Both hold books against a model of what a hold book may answer (model/book-model.ts): fans who
 * hold, extend, give back, check out, pay and cancel on two servers, alone and some at once, while
 * minutes pass and Redis is lost. Calls that overlapped must have an order in which the model would
 * have answered the same. A failure prints its seed and the shortest commands that still fail.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SqlHoldBook } from '../../server/stores/sql-hold-book/sql-hold-book.ts'
import { modelSeeds, runsPerSeed, shownCounts } from '../support/model-runs.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import type { BookUnderTest } from './contract.ts'
import { ageRedis, ageSql } from './model/ageing.ts'
import { type BookState, claimsOf, living, newBook, shown } from './model/book-state.ts'
import { bookCommands, type Known, type Real } from './model/commands.ts'
import { hall } from './model/room.ts'
import { auditBook } from './redis-audit.ts'
import { openRedisUnderTest, type RedisUnderTest } from './redis-under-test.ts'
import { openSqlUnderTest } from './sql-under-test.ts'
import { stateOf } from './wishes.ts'

const limits = [3, 6, 100] as const
const timeoutMs = 10 * 60_000

type Opened = Pick<Real, 'age' | 'wipe'>

async function check(
  tested: BookUnderTest,
  usual: number,
  open: (scope: Real['event']['scope']) => Opened,
): Promise<void> {
  const { kind } = tested.book
  const seen = new Map<string, number>()
  for (const seed of modelSeeds) {
    const property = fc.asyncProperty(
      bookCommands,
      fc.constantFrom(...limits),
      async (commands, limit) => {
        const scope = await tested.backing.newEvent(hall, limit)
        const event = { scope, wishes: new Map(), holds: new Map(), settled: new Map() }
        const real: Real = { tested, event, seen, ...open(scope) }
        const known: Known = { states: [newBook(kind, limit)] }
        await fc.asyncModelRun(() => ({ model: known, real }), commands)
        await expectAgreement(real, known.states)
      },
    )
    process.stdout.write(`${kind} hold book: seed ${seed}\n`)
    await fc.assert(property, { seed, numRuns: runsPerSeed(usual) })
  }
  process.stdout.write(`${kind}: ${shownCounts(seen)}\n`)
  for (const what of mustBeSeen) expect(seen.get(what) ?? 0, what).toBeGreaterThan(0)
}

/** What the commands must have reached, or they prove little. */
const mustBeSeen = [
  ...[
    'held',
    'held again',
    'taken',
    'limit',
    'sold-out',
    'not-together',
    'key-reused',
    'ended',
  ].map((kind) => `place: ${kind}`),
  ...['extended', 'at-cap', 'gone'].map((kind) => `extend: ${kind}`),
  ...['released', 'gone'].map((kind) => `release: ${kind}`),
  ...['reserved', 'gone'].map((kind) => `reserve: ${kind}`),
  ...['started', 'repeated'].map((kind) => `start: ${kind}`),
  ...['paid', 'refused'].map((kind) => `pay: ${kind}`),
  ...['cancelled', 'refused'].map((kind) => `cancel: ${kind}`),
  'convert: told',
  'free: told',
]

/** In the end book and database are as one of the states says that the model may be in. */
async function expectAgreement({ tested, event }: Real, states: readonly BookState[]) {
  const { scope, holds } = event
  const { backing } = tested
  // Another server, which remembers nothing: what it shows is what there is.
  const fresh = tested.book.kind === 'sql' ? new SqlHoldBook({ db: backing.db }) : tested.other
  const units = Array.from({ length: hall.units }, (_, unit) => unit)
  const found = await Promise.all([...holds.keys()].map((id) => fresh.find(scope, id as never)))
  const { rows } = await backing.fixtures.query<{ state: string }>(
    `select case when expires_at < now() then 'free' when state = 'reserved' then 'held'
       else state end as state
     from claims where region = $1 and event_id = $2 order by unit`,
    [scope.region, scope.event],
  )
  const is = {
    book: await stateOf(fresh, scope, units),
    claims: rows.map(({ state }) => state),
    holds: found.map((hold) => hold?.units ?? null),
  }
  const said = states.map((state) => ({
    book: shown(state.units),
    claims: shown(claimsOf(state)),
    holds: [...holds.keys()].map((id) => living(state, id)?.units ?? null),
  }))
  expect(said).toContainEqual(is)
}

describeUnless(redisMissing(), 'the Redis hold book', () => {
  it(
    'answers as its model does, also many at once',
    async () => {
      await using tested: RedisUnderTest = await openRedisUnderTest()
      await check(tested, 150, (scope) => ({
        async age(ms) {
          await tested.book.availability(scope)
          await ageSql(tested.backing, scope, ms)
          await ageRedis(tested.redis, scope, ms)
          expect(await auditBook(tested.redis, scope)).toEqual([])
        },
        wipe: async () => {
          await tested.redis.flushall()
        },
      }))
    },
    timeoutMs,
  )
})

describeUnless(null, 'the SQL hold book', () => {
  it(
    'answers as its model does, also many at once',
    async () => {
      await using tested = await openSqlUnderTest()
      await check(tested, 100, (scope) => ({
        age: (ms) => ageSql(tested.backing, scope, ms),
        wipe: null,
      }))
    },
    timeoutMs,
  )
})
