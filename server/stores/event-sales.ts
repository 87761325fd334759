/**
 * The event as its sale sees it: a row in the event's home region, read inside the sale's
 * statement. It follows the event's row, which is GLOBAL; the two never change in one transaction.
 * What restricts is written here first; afterwards the row is copied anew from the event, in
 * a statement that reads the event and so cannot be overtaken by an older one.
 */
import type { Event } from '../domain/event.ts'
import type { EventId } from '../platform/ids.ts'
import type { Database } from './database.ts'
import { DuplicateKeyError } from './outcome.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

export type SaleKey = { readonly region: string; readonly event: EventId }

/** Only while the event is sealed for publishing; a row that is there (cancelled?) stays. */
const openStatement: Statement = {
  name: 'event-sales.open',
  text: `insert into event_sales
  (region, event_id, state, opens_at, closes_at, limit_per_buyer, version)
select a.region, e.id, 'published', e.opens_at, e.closes_at, e.limit_per_buyer, e.version
from authority a cross join events e
where a.region = $1 and e.id = $2::text and e.state = 'publishing'`,
}

export async function openSale(db: Database, { region, event }: SaleKey): Promise<void> {
  await insertOnce(db, openStatement, [region, event])
}

/**
 * A plain insert reads nothing of the table; `on conflict` after a select may scan it on
 * CockroachDB. A row that is there stays as it is.
 */
async function insertOnce(
  db: Database,
  statement: Statement,
  values: readonly unknown[],
): Promise<void> {
  try {
    await runWrite(db, statement, values)
  } catch (cause) {
    if (!(cause instanceof DuplicateKeyError)) throw cause
  }
}

/** Narrows and never widens, whatever the row has become; nothing once the event has moved on. */
const restrictStatement: Statement = {
  name: 'event-sales.restrict',
  text: `update event_sales set opens_at = greatest(opens_at, $3::timestamptz),
  closes_at = least(closes_at, $4::timestamptz), limit_per_buyer = least(limit_per_buyer, $5::int4)
where region = $1 and event_id = $2::text
  and exists (select 1 from events where id = $2::text and version = $6::int8)`,
}

/** The next sale sees no more than both the old and the next window and limit allow. */
export async function restrictSale(
  db: Database,
  key: SaleKey,
  next: Pick<Event, 'opensAt' | 'closesAt' | 'limitPerBuyer' | 'version'>,
): Promise<void> {
  const { opensAt, closesAt, limitPerBuyer, version } = next
  const values = [key.region, key.event, opensAt, closesAt, limitPerBuyer, version]
  await runWrite(db, restrictStatement, values)
}

const followStatement: Statement = {
  name: 'event-sales.follow',
  text: `update event_sales set opens_at = e.opens_at, closes_at = e.closes_at,
  limit_per_buyer = e.limit_per_buyer, version = e.version
from events e
where event_sales.region = $1 and event_sales.event_id = $2::text and e.id = $2::text`,
}

/** Copies window and limit from the event as it is now. Safe to repeat at any time. */
export async function followEvent(db: Database, key: SaleKey): Promise<void> {
  await runWrite(db, followStatement, [key.region, key.event])
}

const endStatement: Statement = {
  name: 'event-sales.end',
  text: `update event_sales set closes_at = least(closes_at, now())
where region = $1 and event_id = $2::text and opens_at < now() and closes_at > now()`,
}

/** Closes the window at the database's now, if it is open. */
export async function endSale(db: Database, { region, event }: SaleKey): Promise<void> {
  await runWrite(db, endStatement, [region, event])
}

const cancelStatement: Statement = {
  name: 'event-sales.cancel',
  text: `update event_sales set state = 'cancelled', version = version + 1
where region = $1 and event_id = $2::text and state = 'published'`,
}

/** Where publishing had not come so far yet, the row is made cancelled, so that it cannot open. */
const cancelUnopenedStatement: Statement = {
  name: 'event-sales.cancel-unopened',
  text: `insert into event_sales
  (region, event_id, state, opens_at, closes_at, limit_per_buyer, version)
select a.region, e.id, 'cancelled', e.opens_at, e.closes_at, e.limit_per_buyer, e.version
from authority a cross join events e
where a.region = $1 and e.id = $2::text and e.state in ('publishing', 'published')`,
}

/** From the next statement on no sale of this event is started or completed anew. */
export async function cancelSale(db: Database, { region, event }: SaleKey): Promise<void> {
  await insertOnce(db, cancelUnopenedStatement, [region, event])
  await runWrite(db, cancelStatement, [region, event])
}

const findStatement: Statement = {
  name: 'event-sales.find',
  text: `select state, opens_at, closes_at, limit_per_buyer, version from event_sales
where region = $1 and event_id = $2::text`,
}

export type EventSale = Pick<Event, 'opensAt' | 'closesAt' | 'limitPerBuyer' | 'version'> & {
  readonly state: 'published' | 'cancelled'
}

export async function findSale(db: Database, key: SaleKey): Promise<EventSale | null> {
  type Row = {
    state: 'published' | 'cancelled'
    opens_at: Date
    closes_at: Date
    limit_per_buyer: number
    version: number
  }
  const rows = await runRead<Row>(db, findStatement, [key.region, key.event])
  const row = rows[0]
  if (row === undefined) return null
  return {
    state: row.state,
    opensAt: row.opens_at,
    closesAt: row.closes_at,
    limitPerBuyer: row.limit_per_buyer,
    version: row.version,
  }
}
