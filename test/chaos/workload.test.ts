/**
 * Ten seconds of everything that fans do, over two regions with real processes; then what was
 * written down about it must be a history that can be judged.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it } from 'vitest'
import type { Entry, Invoke } from '../../chaos/history/entry.ts'
import { History } from '../../chaos/history/history.ts'
import { behaviours } from '../../chaos/workload/behaviours/index.ts'
import { firstSaleAfter } from '../../chaos/workload/progress.ts'
import { startWorkload } from '../../chaos/workload/workload.ts'
import { waitUntil } from '../../regions/local/wait-until.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import { openTwoRegions } from './two-regions.ts'

const loadMs = 10_000
const now = () => performance.timeOrigin + performance.now()

describeUnless(redisMissing(), 'ten seconds of everything that fans do', () => {
  it('leave a history that can be judged', { timeout: 180_000 }, async () => {
    await using two = await openTwoRegions()
    const { ground, events } = two
    const path = join(two.folder, 'history.jsonl')
    const history = new History(path)
    const seen = new Set<string>()
    history.onEntry((entry) => {
      if (entry.type !== 'ok' && entry.type !== 'invoke') seen.add(`${entry.type} ${entry.code}`)
    })
    const weights = {
      buys: 20,
      'closes-page': 8,
      trespasses: 12,
      'comes-back': 12,
      'hunts-hot-seats': 12,
    }
    const beganAt = now()
    const load = startWorkload({ ground, history, seed: 6, ratePerSecond: 14, weights, events })
    const first = await firstSaleAfter(load.sales, {
      at: beganAt,
      homes: ground.regions,
      withinMs: 30_000,
    })
    load.storm(true)
    const half = now()
    await waitUntil(() => (load.counts['storm-calls-settled'] ?? 0) >= 6, 30_000)
    load.storm(false)
    await waitUntil(() => now() - beganAt > loadMs && allCame(load.visits) && all(seen), 60_000)
    expect(await load.cancel(events[1]!.id)).toBe(true)
    const tookMs = now() - beganAt
    await load.end()
    history.end()
    const entries = (await readFile(path, 'utf8')).trimEnd().split('\n').map(entryOf)
    const { visits, counts, purchaseMs, paid } = load
    const { skippedMs } = load
    const speed = {
      skippedMs,
      seconds: tookMs / 1000,
      entries: entries.length,
      paid,
      purchaseMs,
      counts,
    }
    process.stdout.write(`${JSON.stringify({ first, speed, visits }, null, 1)}\n`)

    expect(load.noticed).toEqual([])
    expect(load.defects).toEqual([])
    expect(Object.keys(visits).toSorted()).toEqual(Object.keys(behaviours).toSorted())
    for (const name of Object.keys(behaviours)) {
      expect(visits[name]?.ended['done'], name).toBeGreaterThan(0)
    }
    expect(counts['storm-calls-settled']).toBeGreaterThanOrEqual(6)
    for (const home of ground.regions) {
      expect(first[home]).toBeGreaterThan(0)
      expect(load.salesSince(beganAt, home)).toBe(paid[home])
      expect(load.salesSince(half, home)).toBeLessThan(paid[home] ?? 0)
    }
    await expectTrueBuyers(two.system.databaseUrl, entries)
    expectWellFormed(entries)
    expectTold(entries)
  })
})

/** Ends that a run must show; they come by chance, and so are waited for. */
const endsToSee = ['fail KEY_REUSED', 'fail CARD_DECLINED', 'fail SEATS_TAKEN']
const all = (seen: ReadonlySet<string>) => endsToSee.every((end) => seen.has(end))

function allCame(visits: Readonly<Record<string, { ended: Readonly<Record<string, number>> }>>) {
  return Object.keys(behaviours).every((name) => (visits[name]?.ended['done'] ?? 0) > 0)
}

function entryOf(line: string): Entry {
  return JSON.parse(line) as Entry
}

/** No gaps, one open call a process, none after an unknown, and an end for each beginning. */
function expectWellFormed(entries: readonly Entry[]): void {
  const open = new Map<string, Invoke>()
  const over = new Set<string>()
  let at = 0
  entries.forEach((entry, index) => {
    expect(entry.seq).toBe(index + 1)
    expect(entry.at).toBeGreaterThanOrEqual(at)
    at = entry.at
    const { process, actor } = entry
    if (entry.type === 'invoke') {
      expect(open.has(process), `${process} asks twice at once`).toBe(false)
      expect(over.has(process), `${process} goes on after an unknown`).toBe(false)
      open.set(process, entry)
      return
    }
    const asked = open.get(process)
    expect(asked).toMatchObject({ seq: entry.of, op: entry.op, actor, region: entry.region })
    open.delete(process)
    if (entry.type === 'unknown') over.add(process)
  })
  expect([...open.keys()]).toEqual([])
}

function expectTold(entries: readonly Entry[]): void {
  const owners = new Map<string, string>()
  let foreign = 0
  const asked = new Map(entries.flatMap((one) => (one.type === 'invoke' ? [[one.seq, one]] : [])))
  for (const entry of entries) {
    if (entry.type === 'ok' && entry.op === 'hold.place') owners.set(entry.result.hold, entry.actor)
    if (entry.type === 'invoke') continue
    const invoke = asked.get(entry.of)
    const args: Record<string, unknown> = { ...invoke?.args }
    const owner = owners.get(String(args['hold'] ?? args['order']))
    const isForeign = owner !== undefined && owner !== entry.actor
    if (isForeign) {
      foreign += 1
      if (entry.type === 'ok') {
        expect(entry).toMatchObject({ op: 'hold.release', result: { released: false } })
      }
      if (entry.type === 'fail' && !entry.transient) expect(entry.code).toBe('NOT_FOUND')
    }
  }
  expect(foreign).toBeGreaterThan(0)
  const ends = new Set(entries.flatMap((one) => ('code' in one ? [`${one.type} ${one.code}`] : [])))
  expect([...ends]).toEqual(expect.arrayContaining(endsToSee))
  expect(entries.some((one) => one.type === 'ok' && one.op === 'event.cancel')).toBe(true)
}

/** The actor of a history is the buyer of the database. */
async function expectTrueBuyers(databaseUrl: string, entries: readonly Entry[]): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    const { rows } = await pool.query<{ id: string; buyer: string }>('select id, buyer from orders')
    const buyers = new Map(rows.map(({ id, buyer }) => [id, buyer]))
    const paid = entries.flatMap((one) =>
      one.type === 'ok' && one.op === 'checkout.confirm' && one.result.state === 'paid' ? one : [],
    )
    expect(paid.length).toBeGreaterThan(0)
    for (const { actor, result } of paid) expect(buyers.get(result.order)).toBe(actor)
  } finally {
    await pool.end()
  }
}
