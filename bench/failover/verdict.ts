/**
 * What was lost and what was sold twice, by the rows. Of a run: what fans were told, against the
 * rows. Of a whole drill, when all work is done: places, tickets and money agree to the cent.
 */
import pg from 'pg'
import { waitUntil } from '../../regions/local/wait-until.ts'
import { readEventRows } from '../onsale/event-rows.ts'
import type { DatabaseFinding } from '../onsale/findings.ts'
import { sameMembers } from '../onsale/same-members.ts'
import { readLedger } from '../onsale/simulator-calls.ts'
import { moneyFaults } from '../onsale/verdict-of-money.ts'
import { rowFaults } from '../onsale/verdict-of-rows.ts'
import type { PaidNote } from './crowd.ts'
import type { Drill } from './drill.ts'

/** A duty of a worker that died is another's after 30 s, and one that failed rests for up to 60. */
const settledWithinMs = 180_000

export type RowVerdict = {
  /** Acknowledged as paid, and not so in the rows; a sentence each. */
  readonly lost: readonly string[]
  /** Units with two owners; a sentence each. */
  readonly twice: readonly string[]
}

export async function verdictOfRows(drill: Drill, paid: readonly PaidNote[]): Promise<RowVerdict> {
  const lost: string[] = []
  const twice: string[] = []
  await eachEvent(drill, async (home, rows) => {
    for (const note of paid) if (note.home === home) lost.push(...lossesOf(note, rows))
    for (const unit of soldTwice(rows)) twice.push(`unit ${unit} of the event of ${home}`)
  })
  return { lost, twice }
}

function lossesOf({ order }: PaidNote, { orders, tickets }: DatabaseFinding): string[] {
  const row = orders.find(({ id }) => id === order.id)
  if (row === undefined) return [`${order.id} was acknowledged as paid and is not there`]
  if (row.state !== 'paid') return [`${order.id} was acknowledged as paid and is ${row.state}`]
  const units = order.lines.map((line) => line.unit)
  const valid = tickets.filter((ticket) => ticket.order === order.id && ticket.isValid)
  const issued = valid.map((ticket) => ticket.unit)
  return sameMembers(issued, units) ? [] : [`${order.id} has other tickets than it was told`]
}

function soldTwice({ orders, tickets }: DatabaseFinding): Set<number> {
  const paid = orders.filter(({ state }) => state === 'paid').flatMap((order) => order.units)
  const valid = tickets.filter(({ isValid }) => isValid).map(({ unit }) => unit)
  return new Set([...repeated(paid), ...repeated(valid)])
}

function repeated(units: readonly number[]): number[] {
  const seen = new Set<number>()
  return units.filter((unit) => seen.size === seen.add(unit).size)
}

/**
 * All orders end first: whoever authorised money and never came back is settled by the worker of
 * whichever region has the authority. Their reminders, due after ten minutes, are brought forward.
 */
export async function settledFaults(drill: Drill): Promise<string[]> {
  const { sql, system } = drill
  await endReservations(drill)
  const isSettled = await waitUntil(async () => (await owed(drill)) === 0, settledWithinMs)
  const faults = isSettled ? [] : [`${await owed(drill)} duties were still owed at the end`]
  const ledger = system.stripeUrl === null ? null : await readLedger(system.stripeUrl)
  const others = await sql<{ id: string }>('select id from orders')
  const all = new Set(others.map(({ id }) => id))
  await eachEvent(drill, async (_, rows) => {
    const paid = rows.orders.filter(({ state }) => state === 'paid')
    const own = new Set(rows.orders.map(({ id }) => id))
    const lines = ledger?.filter(({ order }) => own.has(order ?? '')) ?? null
    const told = { fan: 0, told: 'unknown', acknowledged: null, orders: paid, tickets: [] } as const
    const asTold = { ...told, orders: paid.map((order) => ({ ...order, tickets: [] })) }
    faults.push(...rowFaults(rows, [asTold]))
    faults.push(...moneyFaults({ paid, database: rows, ledger: lines, fans: [asTold] }))
  })
  // An intent is made before its order: one without an order must hold no money.
  const strays = (ledger ?? []).filter(({ order }) => order === null || !all.has(order))
  const hanging = strays.filter(({ captured, refunded }) => captured !== refunded)
  faults.push(...hanging.map(({ intent }) => `${intent} took money for no order`))
  return faults
}

/** Every pending order has run out of time, and its reminder is due. */
export async function endReservations({ sql }: Drill): Promise<void> {
  await sql(`update orders set expires_at = now() - interval '1 s' where state = 'pending'`)
  await sql(`update outbox set due_at = now() where kind = 'order.started' and done_at is null`)
}

async function owed({ sql }: Drill): Promise<number> {
  const [row] = await sql<{ owed: number }>(
    `select count(*)::int4 as owed from outbox o join orders r
    on r.region = o.region and r.id = o.payload->>'order'
    where o.done_at is null and (o.kind <> 'order.started' or r.state = 'pending')`,
  )
  return row?.owed ?? 0
}

async function eachEvent(
  { system, events }: Drill,
  judge: (home: string, rows: DatabaseFinding) => Promise<void>,
): Promise<void> {
  const db = new pg.Client({ connectionString: system.databaseUrl })
  await db.connect()
  try {
    for (const [home, { id }] of Object.entries(events)) {
      await judge(home, await readEventRows(db, { homeRegion: home, id }, []))
    }
  } finally {
    await db.end()
  }
}
