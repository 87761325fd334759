/**
 * A run that never was, for the report's tests and for looking at its page: fans of three regions
 * buy, faults come and go, and answers become slow, refused or missing meanwhile. By seed.
 */
import { type Chance, seededChance } from '../../bench/onsale/seeded-chance.ts'
import type { Finding } from '../auditor/verdict.ts'
import type { FaultRecord, RunFacts } from '../evidence/evidence.ts'
import type { Entry, Ordered } from '../history/entry.ts'
import type { ReportFacts } from './build-report.ts'
import type { FeltFault } from './report.ts'

export const sampleStart = Date.UTC(2026, 10, 28, 9, 30)
const regions = ['us-east1', 'europe-west1', 'asia-southeast1']
const share: Readonly<Record<string, number>> = {
  'us-east1': 1,
  'europe-west1': 0.7,
  'asia-southeast1': 0.45,
}

export type SampleWish = {
  readonly seed: number
  readonly seconds: number
  readonly salesPerSecond: number
  /** Seconds since the start. */
  readonly faults: readonly {
    readonly kind: string
    readonly where: string
    readonly said: string
    readonly from: number
    readonly to: number
    readonly felt: number
  }[]
}

export function sampleHistory(wish: SampleWish): Iterable<Entry> {
  return new SampleRun(wish).entries()
}

export function sampleFacts(wish: SampleWish): ReportFacts {
  const at = (second: number) => sampleStart + second * 1_000
  const chance = seededChance(wish.seed, 2)
  const faults = wish.faults.map(
    ({ from, to, ...fault }): FeltFault => ({
      ...fault,
      injectedAt: at(from),
      healedAt: at(to),
      mustBeFelt: true,
    }),
  )
  const timeline = wish.faults.flatMap((fault, index): FaultRecord[] => {
    const { kind, where, said, from, to, felt } = fault
    const common = { id: index + 1, kind, where, said }
    const second = () => Math.round(300 + chance.fraction() * 2_300) / 1_000
    const firstSaleSeconds = Object.fromEntries(regions.map((region) => [region, second()]))
    return [
      { at: at(from), what: 'inject', ...common },
      { at: at(to), what: 'heal', ...common, felt },
      {
        at: at(to + 3),
        what: 'progress',
        id: 0,
        kind: '',
        where: '',
        said: `${kind} of ${where} was healed`,
        firstSaleSeconds,
        since: at(to),
      },
    ]
  })
  timeline.sort((one, other) => one.at - other.at)
  return {
    run: sampleRun(wish),
    title: 'A region is lost while a sale runs, and comes back',
    holds: 'No seat is sold twice, no acknowledged order is lost, sales go on within 10 s.',
    faults,
    timeline,
    sometimes: [
      { name: 'an authority moved while a payment was under way', times: 12 },
      { name: 'a confirmation was asked again under its key', times: 41 },
      { name: 'a late webhook met a finished order', times: 0 },
    ],
    verdict: {
      findings,
      operations: 184_202,
      isBroken: false,
      lostAcknowledgements: 0,
      tookMs: 3_140,
    },
    failures: [],
  }
}

function sampleRun({ seed, seconds }: SampleWish): RunFacts {
  return {
    scenario: 'region-loss',
    seed,
    options: { parts: ['kill', 'cut'], arrivalsPerSecond: 40 },
    target: 'local',
    database: 'PostgreSQL 18.4',
    versions: { frontrow: '0.1.0', node: '20.19.5', postgres: '18.4', redis: '8.4.0' },
    machine: '2 cores, 24 GiB, Linux 6.12',
    regions,
    events: regions.map((home, index) => ({
      id: `event-${index}`,
      home,
      units: 20_000,
      limitPerBuyer: 8,
      currency: 'EUR',
      prices: [{ firstUnit: 0, units: 20_000, amounts: [4_900] }],
    })),
    startedAt: sampleStart,
    healedAt: sampleStart + (seconds - 10) * 1_000,
    quietAt: sampleStart + seconds * 1_000,
    hasVersions: true,
  }
}

function finding(id: string, title: string, checked: number): Finding {
  return { id, title, checked, broken: 0, violations: [], note: null, counts: {} }
}

const findings: readonly Finding[] = [
  finding('I1', 'Of each seat at most one ticket is valid at any moment.', 21_408),
  finding(
    'I3',
    'What was acknowledged is there, with its seats, its amount and its currency.',
    9_214,
  ),
  finding('I5', 'One key is one order and one payment, whatever else was sent under it.', 11_073),
  finding('I6', 'Captured less refunded is the price of the tickets, in each currency.', 9_198),
  {
    ...finding('I9', 'Two holds of one seat never overlap within an epoch.', 18_420),
    counts: { holdsKept: 1_204, holdsLost: 7 },
  },
  finding('I11', 'Epochs never fall, and each has one holder.', 14),
  {
    ...finding('I13', 'Within one event the order of the clock is kept.', 0),
    note: 'It needs a database that keeps the order of commits.',
  },
  finding('I24', 'After healing 99.9% of bookings end within 2 s.', 1_833),
]

class SampleRun {
  readonly #wish: SampleWish
  readonly #chance: Chance
  #seq = 0
  #order = 0

  constructor(wish: SampleWish) {
    this.#wish = wish
    this.#chance = seededChance(wish.seed, 1)
  }

  *entries(): Iterable<Entry> {
    const { seconds, salesPerSecond } = this.#wish
    for (let second = 0; second < seconds; second += 1) {
      for (const region of regions) {
        const swing = 0.8 + 0.4 * this.#chance.fraction()
        const wished = Math.round(salesPerSecond * (share[region] ?? 0) * swing)
        for (let fan = 0; fan < wished; fan += 1) yield* this.#visit(second, region)
      }
    }
  }

  /** A fan who takes a place and pays for it, as far as what stands now lets them. */
  *#visit(second: number, region: string): Iterable<Entry> {
    const at = sampleStart + (second + this.#chance.fraction()) * 1_000
    const trouble = this.#troubleAt(second, region)
    const base = 6 + 30 * this.#chance.fraction() ** 3
    const tookMs = base * (trouble === 'slow' ? 40 : 1)
    const common = { process: `fan-${this.#seq}`, actor: `fan-${this.#seq}`, region }
    if (trouble === 'down') {
      const late = { ...common, at: at + 2_000 }
      const wish = { kind: 'best', count: 2 } as const
      const args = { event: 'event-0', key: `k${this.#seq}`, wish }
      const of = this.#next()
      yield { ...common, at, seq: of, type: 'invoke', op: 'hold.place', args }
      const isLeftOut = this.#chance.fraction() < 0.4
      const answer = { ...late, seq: this.#next(), of, op: 'hold.place' } as const
      yield isLeftOut
        ? { ...answer, type: 'unknown', code: 'DEADLINE' }
        : { ...answer, type: 'fail', code: 'NO_AUTHORITY', transient: true }
      return
    }
    const of = this.#next()
    const order = `order-${this.#order++}`
    const args = { order, key: order, card: 'pm_card_visa' }
    yield { ...common, at, seq: of, type: 'invoke', op: 'checkout.confirm', args }
    const answer = { ...common, at: at + tookMs, seq: this.#next(), of } as const
    if (this.#chance.fraction() < 0.12) {
      yield {
        ...answer,
        type: 'fail',
        op: 'checkout.confirm',
        code: 'SEATS_TAKEN',
        transient: false,
      }
    } else yield { ...answer, type: 'ok', op: 'checkout.confirm', result: paid(order) }
  }

  #troubleAt(second: number, region: string): 'down' | 'slow' | null {
    const standing = this.#wish.faults.filter(({ from, to }) => from <= second && second < to)
    if (standing.some(({ where, from }) => where === region && second < from + 5)) return 'down'
    return standing.length > 0 ? 'slow' : null
  }

  #next(): number {
    this.#seq += 1
    return this.#seq
  }
}

export function paid(order: string): Ordered {
  return {
    order,
    event: 'event-0',
    state: 'paid',
    voidReason: null,
    units: [1],
    total: 4_900,
    currency: 'EUR',
    version: 3,
    tickets: 1,
  }
}
