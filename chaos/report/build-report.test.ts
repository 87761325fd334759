/** What is said of a short history that was made by hand. */
import { expect, it } from 'vitest'
import type { FaultRecord } from '../evidence/evidence.ts'
import type { Entry, Held, Ordered } from '../history/entry.ts'
import { buildReport, type ReportFacts } from './build-report.ts'
import { paid, sampleFacts, sampleHistory, sampleStart } from './sample-run.ts'
import { toJson } from './to-json.ts'

const facts: ReportFacts = {
  ...sampleFacts({ seed: 1, seconds: 10, salesPerSecond: 0, faults: [] }),
  verdict: { findings: [], operations: 0, isBroken: false, lostAcknowledgements: 0, tookMs: 0 },
}

/** A history in which each call is asked and answered by the next line. */
class Told {
  readonly entries: Entry[] = []

  region = 'us-east1'

  /** @param at milliseconds since the start */
  ask(at: number, op: Entry['op'], args: object): Answers {
    const common = { process: 'fan-1', actor: 'fan-1', region: this.region, op }
    const push = (entry: object) => {
      const line: object = { ...common, seq: this.entries.length + 1, ...entry }
      return this.entries.push(line as Entry)
    }
    const of = push({ type: 'invoke', at: sampleStart + at, args })
    const answer = (type: string, after: number, more: object) =>
      void push({ type, of, at: sampleStart + at + after, ...more })
    return {
      ok: (after, result) => answer('ok', after, { result }),
      fail: (after, code, transient = false) => answer('fail', after, { code, transient }),
      unknown: (after, code) => answer('unknown', after, { code }),
    }
  }
}

type Answers = {
  readonly ok: (after: number, result: object) => void
  readonly fail: (after: number, code: string, transient?: boolean) => void
  readonly unknown: (after: number, code: string) => void
}

const order = (name: string, state: Ordered['state'], version: number): Ordered => ({
  ...paid(name),
  state,
  version,
})
const held = (hold: string): Held => ({
  hold,
  units: [1],
  total: 100,
  currency: 'EUR',
  expiresInMs: 5_000,
})

it('counts a sale once, in the second and where the buyer is told of it', async () => {
  const told = new Told()
  told.ask(900, 'checkout.confirm', { order: 'a' }).ok(300, order('a', 'paid', 2))
  told.ask(1_500, 'checkout.status', { order: 'a' }).ok(10, order('a', 'paid', 2))
  told.ask(1_600, 'order.get', { order: 'b' }).ok(10, order('b', 'paid', 2))
  told.region = 'europe-west1'
  told.ask(2_100, 'checkout.confirm', { order: 'c' }).ok(20, order('c', 'paid', 2))
  const { seconds, orders } = await buildReport(told.entries, facts)
  const sales = seconds.filter((second) => second.sales > 0)
  expect(sales.map(({ at, region, sales: count }) => [at - sampleStart, region, count])).toEqual([
    [1_000, 'us-east1', 1],
    [2_000, 'europe-west1', 1],
  ])
  expect(orders).toEqual({ paid: 3, void: 0, unknown: 0 })
})

it('has a row for each second of each region, silent ones too', async () => {
  const told = new Told()
  told.ask(3_100, 'hold.place', {}).ok(1, held('h'))
  const { seconds } = await buildReport(told.entries, facts)
  expect(seconds).toHaveLength(4 * 3)
  expect(seconds[0]).toEqual({
    at: sampleStart,
    region: 'us-east1',
    sales: 0,
    holds: 0,
    refusals: 0,
    unknowns: 0,
    p50: null,
    p99: null,
  })
  expect(seconds.at(-3)).toMatchObject({ region: 'us-east1', holds: 1, p50: 1 })
})

it('takes times of answers, refusals too, and none of what was never answered', async () => {
  const told = new Told()
  for (let call = 1; call <= 98; call += 1) told.ask(call, 'order.list', {}).ok(10, { orders: [] })
  told.ask(200, 'hold.place', {}).fail(300, 'SEATS_TAKEN')
  told.ask(200, 'hold.place', {}).fail(400, 'NO_AUTHORITY', true)
  told.ask(0, 'hold.place', {}).unknown(900, 'DEADLINE')
  const { seconds, errors, errorsByOutcome } = await buildReport(told.entries, facts)
  expect(seconds[0]).toMatchObject({ p50: 10, p99: 300, refusals: 2, unknowns: 1 })
  expect(errors).toEqual({ SEATS_TAKEN: 1, NO_AUTHORITY: 1, DEADLINE: 1 })
  expect(errorsByOutcome).toEqual({
    SEATS_TAKEN: { final: 1, transient: 0, unknown: 0 },
    NO_AUTHORITY: { final: 0, transient: 1, unknown: 0 },
    DEADLINE: { final: 0, transient: 0, unknown: 1 },
  })
})

it('knows an order by its newest version, and says which are still unclear', async () => {
  const told = new Told()
  told.ask(0, 'checkout.start', { hold: 'h' }).ok(1, order('settled', 'pending', 1))
  told.ask(1, 'checkout.confirm', { order: 'settled' }).unknown(5, 'DEADLINE')
  told.ask(10, 'order.list', {}).ok(1, { orders: [order('settled', 'void', 3)] })
  told.ask(12, 'order.get', { order: 'settled' }).ok(1, order('settled', 'pending', 1))
  told.ask(20, 'checkout.confirm', { order: 'unclear' }).unknown(5, 'NETWORK')
  const { orders } = await buildReport(told.entries, facts)
  expect(orders).toEqual({ paid: 0, void: 1, unknown: 1 })
})

it('sees holds lost that are away before their time, and no others', async () => {
  const told = new Told()
  const place = (hold: string, at = 0) => told.ask(at, 'hold.place', {}).ok(10, held(hold))
  const look = (hold: string, at: number, event = 'e') => told.ask(at, 'hold.get', { hold, event })
  for (const hold of ['kept', 'lost', 'expired', 'released', 'bought', 'cancelled']) place(hold)
  look('kept', 1_000).ok(5, { ...held('kept'), expiresInMs: 4_000 })
  look('lost', 500).ok(5, { ...held('lost'), expiresInMs: 4_500 })
  look('lost', 2_000).fail(5, 'NOT_FOUND')
  look('lost', 2_100).fail(5, 'NOT_FOUND')
  look('expired', 4_999).fail(5, 'NOT_FOUND')
  told.ask(100, 'hold.release', { hold: 'released' }).unknown(5, 'DEADLINE')
  look('released', 200).fail(5, 'NOT_FOUND')
  told.ask(100, 'checkout.start', { hold: 'bought' }).ok(5, order('o', 'pending', 1))
  look('bought', 200).fail(5, 'NOT_FOUND')
  told.ask(300, 'event.cancel', { event: 'gone' }).ok(5, {})
  look('cancelled', 400, 'gone').fail(5, 'NOT_FOUND')
  const report = await buildReport(told.entries, facts)
  expect([report.holdsKept, report.holdsLost]).toEqual([1, 1])
  const counted = await buildReport(told.entries, sampleFacts({ ...nothing, faults: [] }))
  expect([counted.holdsKept, counted.holdsLost]).toEqual([1_204, 7])
})

const nothing = { seed: 1, seconds: 10, salesPerSecond: 0 }

it('fails for what broke, for a fault that nobody felt, and for a system that finds no rest', async () => {
  const [fault, ...faults] = sampleFacts({
    ...nothing,
    faults: [{ kind: 'redis.wiped', where: 'us-east1', said: 's', from: 1, to: 2, felt: 0 }],
  }).faults
  const broken = {
    id: 'I1',
    title: 'One ticket a seat.',
    checked: 9,
    broken: 2,
    violations: [],
    note: null,
    counts: {},
  }
  const { passed, failures, invariants } = await buildReport([], {
    ...facts,
    run: { ...facts.run, quietAt: null },
    faults: [...faults, ...(fault ? [fault, { ...fault, mustBeFelt: false }] : [])],
    verdict: { ...facts.verdict, findings: [broken], isBroken: true },
    failures: ['no sale came'],
  })
  expect(passed).toBe(false)
  expect(failures).toEqual([
    'I1 was broken twice: One ticket a seat.',
    'redis.wiped of us-east1 was set, and nobody felt it',
    'the system did not come to rest in the time that it had',
    'no sale came',
  ])
  expect(invariants).toEqual([{ id: 'I1', title: 'One ticket a seat.', checked: 9, broken: 2 }])
  expect(await buildReport([], facts)).toMatchObject({ passed: true, failures: [] })
})

it('gives first sales from when they were waited for', async () => {
  const progress = { what: 'progress', id: 0, kind: '', where: '', said: 'the cut' } as const
  const timeline: FaultRecord[] = [
    { ...progress, at: 9_000, since: 5_000, firstSaleSeconds: { a: 1, b: null } },
    { ...progress, at: 20_000, firstSaleSeconds: { a: 1, b: 2.5 } },
  ]
  const { firstSaleSeconds } = await buildReport([], { ...facts, timeline })
  expect(firstSaleSeconds).toEqual([
    { after: 'the cut', at: 5_000, seconds: { a: 1, b: null } },
    { after: 'the cut', at: 17_500, seconds: { a: 1, b: 2.5 } },
  ])
})

it('refuses a history with a hole', async () => {
  const told = new Told()
  told.ask(0, 'order.list', {}).ok(1, { orders: [] })
  await expect(buildReport(told.entries.slice(1), facts)).rejects.toThrow('answers line 1')
})

it('is JSON of the same content, with what programs ask for on top', async () => {
  const wish = {
    seed: 3,
    seconds: 20,
    salesPerSecond: 5,
    faults: [{ kind: 'link.cut', where: 'x', said: 's', from: 4, to: 8, felt: 2 }],
  }
  const report = await buildReport(sampleHistory(wish), sampleFacts(wish))
  const read: unknown = JSON.parse(toJson(report))
  expect(read).toEqual(report)
  expect(read).toMatchObject({
    scenario: 'region-loss',
    seed: 3,
    faults: [{ kind: 'link.cut', felt: 2 }],
    firstSaleSeconds: [{ seconds: { 'us-east1': expect.any(Number) } }],
    lostAcknowledgements: 0,
  })
  expect(report.invariants).toContainEqual({
    id: 'I6',
    title: 'Captured less refunded is the price of the tickets, in each currency.',
    checked: 9_198,
    broken: 0,
  })
})
