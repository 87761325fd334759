/**
 * Makes up the evidence of a run in which nothing went wrong: for tests, which break it in one place
 * each, and for measuring. A region was lost and came back, answers were lost, cards were refused,
 * holds ran out, and the webhooks of the provider did not come; everything ended as it should.
 */
import type {
  EventFacts,
  FaultRecord,
  RunFacts,
  ShownAvailability,
} from '../../evidence/evidence.ts'
import type { Entry } from '../../history/entry.ts'
import { text } from '../facts/columns.ts'
import type { Evidence } from '../read-evidence.ts'
import { chanceOf } from './chance.ts'
import { Fan, type World } from './fans.ts'
import { currency, Sale } from './sale.ts'

const regions = ['us-east1', 'europe-west1', 'asia-southeast1'] as const
const codes = { 'us-east1': 'use1', 'europe-west1': 'euw1', 'asia-southeast1': 'ase1' } as const
const startedAt = 1_790_000_000_000
/** One fan asks for some eight things, and has some two units. */
const unitsPerOperation = 0.3

export type CleanRun = { readonly seed: number; readonly operations: number }

export function cleanEvidence({ seed, operations }: CleanRun): Evidence {
  const chance = chanceOf(seed)
  const sale = new Sale()
  let at = startedAt
  const now = () => at
  const events = eventsOf(operations)
  for (const home of regions) sale.authority(home, home, at)
  for (const event of events) sale.publish(event, at)
  const history: Entry[] = []
  const world: World = { sale, chance, history, events, now, duties: [] }
  const faults = runFans(world, { operations, pass: (ms) => (at += ms) })
  const healedAt = at
  finish(world, (ms) => (at += ms))
  return {
    run: runFacts({ seed, events, healedAt, quietAt: at }),
    history,
    faults,
    versions: sale.rows.versions,
    ledger: [...sale.ledger.values()],
    availability: shownOf(world, at + 700_000),
    rows: {
      events: sale.rows.all('events'),
      event_sales: sale.rows.all('event_sales'),
      claims: sale.rows.all('claims'),
      orders: sale.rows.all('orders'),
      payments: sale.rows.all('payments'),
      tickets: sale.rows.all('tickets'),
      outbox: sale.rows.all('outbox'),
      authority: sale.rows.all('authority'),
    },
  }
}

function eventsOf(operations: number): EventFacts[] {
  const units = Math.max(40, Math.ceil((operations * unitsPerOperation) / (2 * regions.length)))
  const dear = Math.floor(units / 4)
  return regions.flatMap((home) =>
    [1, 2].map((number) => ({
      id: `evt_${codes[home]}_${number}`,
      home,
      units,
      limitPerBuyer: 6,
      currency,
      prices: [
        { firstUnit: 0, units: dear, amounts: [9_950] },
        { firstUnit: dear, units: units - dear, amounts: [4_550, 5_050] },
      ],
    })),
  )
}

type Walking = { readonly operations: number; readonly pass: (ms: number) => number }

const walkingAtOnce = 400
/** Between two steps of anybody: so a fan is done in some twenty seconds. */
const stepMsMax = 4

/** Walks fans in turns by chance, until enough was asked; in the middle a region is lost. */
function runFans(world: World, { operations, pass }: Walking): FaultRecord[] {
  const { chance, history, now } = world
  const faults: FaultRecord[] = [webhooksLost(now())]
  const walks: Generator<void, void, void>[] = []
  let fans = 0
  const lines = 2 * operations
  while (history.length < lines || walks.length > 0) {
    if (history.length < lines && walks.length < walkingAtOnce) {
      fans += 1
      walks.push(new Fan(world, fans).walk())
    }
    pass(chance.fraction() * stepMsMax)
    const place = chance.below(walks.length)
    const last = walks.at(-1)
    if (walks[place]?.next().done === true && last !== undefined) {
      walks[place] = last
      walks.pop()
    }
    if (chance.fraction() < 0.1) work(world)
    if (faults.length === 1 && history.length > lines / 3) faults.push(lose(world))
    if (faults.length === 2 && history.length > lines / 2) faults.push(...comeBack(world))
  }
  return faults
}

function webhooksLost(at: number): FaultRecord {
  const said = 'webhook_lost: all webhooks are lost'
  return { at, what: 'inject', id: 1, kind: 'stripe.rule', where: 'stripe', said }
}

function lose({ sale, now }: World): FaultRecord {
  sale.authority(regions[0], regions[1], now())
  const at = now()
  return { at, what: 'inject', id: 2, kind: 'region.lost', where: regions[0], said: 'it is killed' }
}

function comeBack({ sale, now }: World): FaultRecord[] {
  sale.authority(regions[0], regions[0], now())
  const of = { at: now(), id: 2, kind: 'region.lost', where: regions[0] }
  const seconds = { 'us-east1': 1.2, 'europe-west1': 0.1, 'asia-southeast1': 0.2 }
  return [
    { ...of, what: 'heal', said: 'it is back', felt: 12 },
    { ...of, what: 'progress', said: 'all homes sell', firstSaleSeconds: seconds },
  ]
}

function work({ sale, duties, now }: World): void {
  const duty = duties.pop()
  if (duty !== undefined && sale.rows.find('outbox', duty) !== undefined) sale.work(duty, now())
}

/** All reservations are brought to their end, and all duties are done. */
function finish({ sale, now }: World, pass: (ms: number) => number): void {
  for (const order of sale.rows.all('orders')) {
    if (order['state'] !== 'pending') continue
    pass(1)
    sale.expire(text(order, 'id'), now())
  }
  for (let round = 1; round <= 2; round += 1) {
    for (const duty of sale.rows.all('outbox')) {
      pass(0.1)
      sale.work(text(duty, 'id'), now())
    }
  }
}

/** As a region that follows another one is behind. */
const shownLateMs = 300

/** Long after: every hold has run out by then. */
function shownOf({ sale, events }: World, at: number): ShownAvailability[] {
  return regions.flatMap((region) =>
    events.map((event) => {
      const letters: string[] = []
      for (let unit = 0; unit < event.units; unit += 1) {
        const { state } = sale.rows.get('claims', `${event.id} ${unit}`)
        letters.push(state === 'sold' ? '2' : '0')
      }
      const states = letters.join('')
      const free = letters.filter((letter) => letter === '0').length
      return {
        at,
        asOf: at - shownLateMs,
        region,
        event: event.id,
        sections: [{ firstUnit: 0, units: event.units, free, states }],
      }
    }),
  )
}

type Made = Pick<RunFacts, 'seed' | 'events' | 'healedAt' | 'quietAt'>

function runFacts(made: Made): RunFacts {
  return {
    scenario: 'made-up',
    options: {},
    target: 'none',
    database: 'none',
    versions: {},
    machine: 'none',
    regions,
    startedAt,
    hasVersions: true,
    ...made,
  }
}
