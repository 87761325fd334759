/**
 * The ground of a drill and the evidence of a run: two regions with real processes, told in order.
 * What is written down afterwards must be what happened, down to who wrote a row and by what right.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  dumpedTables,
  evidenceFiles,
  type LedgerLine,
  type Row,
  type RunFacts,
  recordedTables,
  type ShownAvailability,
  type VersionRecord,
} from '../../chaos/evidence/evidence.ts'
import { gatherEvidence } from '../../chaos/evidence/gather.ts'
import { bringToQuiet, readOwed } from '../../chaos/evidence/quiet.ts'
import type { FaultMaker } from '../../chaos/faults/fault-maker.ts'
import { type LocalGround, openLocalGround } from '../../chaos/ground/local.ts'
import { machineSaid } from '../../chaos/ground/program-versions.ts'
import { createClient } from '../../client/index.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'

const [us, eu] = ['us-east1', 'europe-west1'] as const
const card = 'pm_card_visa'
const slow = { timeout: 120_000 }

describeUnless(redisMissing(), 'the local ground of a drill', () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-evidence-'))
  const orders: { readonly id: string; readonly units: readonly number[]; readonly by: string }[] =
    []
  const now = () => performance.timeOrigin + performance.now()
  const startedAt = now()
  let ground: LocalGround
  let facts: RunFacts
  beforeAll(async () => {
    ground = await openLocalGround({
      environment: process.env,
      regions: 2,
      latency: false,
      seed: 7,
      makeFaults: () => ({}) as FaultMaker,
    })
  }, 120_000)
  afterAll(async () => {
    await ground?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  const eventOf = (home: string) => {
    const event = ground.events.find((one) => one.home === home)
    if (event === undefined) throw new Error(`no event of ${home}`)
    return event
  }
  const fanAt = async (place: string, name: string) =>
    createClient({
      endpoints: ground.endpointsAt(place),
      nearest: false,
      token: await ground.token({ name }),
    })
  /** @param by the region that writes the sale */
  const buy = async (place: string, units: readonly number[], by: string) => {
    const fan = await fanAt(place, `fan-${orders.length}`)
    const { order } = await fan.buy({
      key: fan.newKey(),
      event: eventOf(us).id,
      seats: { kind: 'units', units: [...units] },
      paymentMethod: card,
    })
    expect(order.state).toBe('paid')
    orders.push({ id: order.id, units, by })
    return order
  }
  const lines = <Record_>(name: string): Record_[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record_)
  const versions = () => lines<VersionRecord>(evidenceFiles.versions)

  it('has a hall on sale at home in each region, at the prices that it says', async () => {
    expect(ground.regions).toEqual([us, eu])
    expect(ground.events.map(({ home }) => home)).toEqual([us, eu])
    const fan = await fanAt(eu, 'looks')
    for (const event of ground.events) {
      expect(event.units).toBeGreaterThanOrEqual(600)
      expect(event.units).toBeLessThanOrEqual(1_500)
      expect(event.prices.reduce((sum, { units }) => sum + units, 0)).toBe(event.units)
      const { sections } = await fan.events.seatMap.query({ event: event.id })
      const { tiers } = await fan.events.get.query({ event: event.id })
      const shown = sections.map(({ name, firstUnit, units }) => {
        const tier = tiers.find((one) => one.sections.includes(name))
        return { firstUnit, units, lowest: (tier?.price ?? 0) + (tier?.fee ?? 0) }
      })
      // Nothing is sold yet: everything is at its cheapest.
      const said = event.prices.map(({ amounts, ...of }) => ({ ...of, lowest: amounts[0] }))
      expect(said).toEqual(shown)
      expect(new Set(event.prices.flatMap(({ amounts }) => amounts)).size).toBeGreaterThan(3)
    }
    expect(await ground.metrics(us)).toContain('frontrow_')
  })

  it('sells, also after authority has moved, and becomes quiet', slow, async () => {
    await buy(us, [0, 1], us)
    await buy(eu, [2], us)
    const leaves = await fanAt(us, 'leaves')
    const wish = { event: eventOf(us).id, key: leaves.newKey() }
    const hold = await leaves.holds.place.mutate({ ...wish, seats: { kind: 'standing', count: 3 } })
    await leaves.checkout.start.mutate({ holdToken: hold.token })
    const admin = await ground.admin()
    const hasMoved = async () =>
      (await admin.admin.regions.drain.mutate({ region: us }).catch(() => null)) !== null
    await eventually(hasMoved, { what: 'the region is emptied', timeoutMs: 30_000 })
    await buy(us, [3], eu)
    const healedAt = now()
    expect(await bringToQuiet(ground, 0)).toBeNull()
    const quietAt = await bringToQuiet(ground, 90_000)
    expect(quietAt).toBeGreaterThan(healedAt)
    expect(await readOwed(ground.sql)).toEqual({ pending: 0, duties: 0 })
    facts = {
      scenario: 'none',
      seed: 7,
      options: {},
      target: ground.target,
      database: 'postgres',
      versions: await ground.versions(),
      machine: machineSaid(),
      regions: ground.regions,
      events: ground.events,
      startedAt,
      healedAt,
      quietAt,
      hasVersions: ground.hasVersions,
    }
    const { silent, intents } = await gatherEvidence(ground, folder, facts)
    expect(silent).toEqual({})
    expect(intents).toBe(orders.length + 1)
  })

  it('says what ran, and when', () => {
    const run = JSON.parse(readFileSync(join(folder, evidenceFiles.run), 'utf8')) as RunFacts
    expect(run).toEqual(facts)
    expect(run.hasVersions).toBe(true)
    expect(run.versions['database']).toMatch(/^PostgreSQL \d+/)
    expect(run.versions['redis']).toMatch(/^\d+\./)
    expect(run.machine).toMatch(/\d cores/)
  })

  it('says of every sale which region wrote it, and under which authority', () => {
    for (const { id, units, by } of orders) {
      const right = by === us ? { epoch: 1, holder: us } : { epoch: 2, holder: eu }
      const own = versions().filter(({ after }) => (after?.['order_id'] ?? after?.['id']) === id)
      const sold = own.filter(
        ({ table, after }) => table === 'claims' && after?.['state'] === 'sold',
      )
      expect(sold.map(({ after }) => after?.['unit'])).toEqual([...units])
      const completed = own.filter(
        ({ table, after }) => table === 'orders' && after?.['state'] === 'paid',
      )
      expect(completed).toHaveLength(1)
      expect(completed[0]?.before).toMatchObject({ state: 'pending', id })
      for (const one of [...sold, ...completed]) expect(one).toMatchObject({ writer: by, ...right })
      const together = new Set([...sold, ...completed].map(({ transaction }) => transaction))
      expect(together.size).toBe(1)
    }
    const moved = versions().filter(({ table }) => table === 'authority')
    expect(moved).toMatchObject([
      {
        writer: us,
        epoch: 2,
        holder: eu,
        before: { epoch: 1, server_region: us },
        after: { epoch: 2, server_region: eu },
      },
    ])
  })

  it('says which changes the drill made itself: the time of those who left', () => {
    const own = versions().filter(({ writer }) => writer === 'drill')
    const ended = own.filter(({ table }) => table === 'orders')
    expect(ended).toHaveLength(1)
    expect(ended[0]?.after).toMatchObject({ state: 'pending', buyer: ended[0]?.before?.['buyer'] })
    const known = new Set(['drill', us, eu])
    expect(versions().filter(({ writer }) => !known.has(writer))).toEqual([])
  })

  it('keeps the story of every row, whose end is the row itself', () => {
    const all = versions()
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).sort((a, b) => a - b))
    expect(all[0]?.at).toBeGreaterThan(startedAt)
    for (const table of recordedTables) {
      const rows = lines<Row>(evidenceFiles.rows(table))
      const last = new Map<string, Row | null>()
      for (const one of all.filter((version) => version.table === table)) {
        const key = keyOf(table, one.after ?? one.before)
        expect(one.before).toEqual(last.get(key) ?? (table === 'authority' ? one.before : null))
        last.set(key, one.after)
      }
      // A region that never moved has its authority from before the first drill.
      const told = rows.filter((row) => table !== 'authority' || last.has(keyOf(table, row)))
      expect(told.length).toBe(last.size)
      for (const row of told) expect(row).toEqual(last.get(keyOf(table, row)))
    }
    const units = ground.events.reduce((sum, event) => sum + event.units, 0)
    expect(lines(evidenceFiles.rows('claims'))).toHaveLength(units)
  })

  it('has numbers where JSON would have texts: instants, amounts, versions', () => {
    for (const table of dumpedTables) {
      const texts = lines<Row>(evidenceFiles.rows(table)).flatMap((row) =>
        Object.entries(row).filter(
          ([name, value]) =>
            /(_at|version|epoch|total|amount|units?|tries)$/.test(name) &&
            value !== null &&
            typeof value !== 'number',
        ),
      )
      expect(texts, table).toEqual([])
    }
    const [order] = lines<Row>(evidenceFiles.rows('orders'))
    expect(order?.['created_at']).toBeGreaterThan(startedAt)
    expect(order?.['created_at']).toBeLessThan(facts.quietAt ?? 0)
  })

  it('has the money as the provider sees it: taken of those who paid, let go of the other', () => {
    const ledger = JSON.parse(
      readFileSync(join(folder, evidenceFiles.ledger), 'utf8'),
    ) as LedgerLine[]
    const rows = lines<Row>(evidenceFiles.rows('orders'))
    expect(ledger).toHaveLength(rows.length)
    const amounts = eventOf(us).prices.flatMap((one) => one.amounts)
    for (const row of rows) {
      const line = ledger.find(({ order }) => order === row['id'])
      const captured = row['state'] === 'paid' ? row['total'] : 0
      expect(line).toMatchObject({ amount: row['total'], captured, refunded: 0, currency: 'usd' })
      const paid = (row['lines'] as { price: number; fee: number }[]).map(
        (one) => one.price + one.fee,
      )
      expect(paid.filter((amount) => !amounts.includes(amount))).toEqual([])
    }
  })

  it('has what each region shows of each event: every sold place as sold', () => {
    const shown = lines<ShownAvailability>(evidenceFiles.availability)
    expect(shown.map(({ region, event }) => [region, event])).toEqual(
      [us, eu].flatMap((region) => ground.events.map(({ id }) => [region, id])),
    )
    const sold = new Set(orders.flatMap(({ units }) => units))
    for (const one of shown) {
      const states = one.sections.map((section) => section.states).join('')
      const event = ground.events.find(({ id }) => id === one.event)
      expect(states).toHaveLength(event?.units ?? 0)
      const expected = one.event === eventOf(us).id ? [...sold] : []
      expect(Array.from(states).flatMap((state, unit) => (state === '2' ? [unit] : []))).toEqual(
        expected,
      )
      expect(one.asOf).toBeGreaterThanOrEqual(facts.quietAt ?? 0)
      expect(one.at).toBeGreaterThanOrEqual(one.asOf ?? Number.POSITIVE_INFINITY)
    }
  })
})

const rowKeys: Readonly<Record<string, readonly string[]>> = {
  claims: ['event_id', 'unit'],
  orders: ['id'],
  payments: ['order_id'],
  tickets: ['order_id', 'unit'],
  outbox: ['id'],
  authority: ['region'],
}

function keyOf(table: string, row: Row | null): string {
  return (rowKeys[table] ?? []).map((name) => String(row?.[name])).join(' ')
}
