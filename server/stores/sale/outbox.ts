/**
 * The outbox as a queue of duties. A row is due at due_at; claiming it pushes due_at into the
 * future, which is both the lease of the worker and the back-off of the next try. Rows end by
 * done_at, not by deletion.
 */
import type { OrderId } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runRead, runWrite, type Statement } from '../statement.ts'

export type DutyKind = 'order.started' | 'order.paid' | 'order.voided'

export type Duty = {
  readonly id: string
  readonly kind: DutyKind
  readonly order: OrderId
  /** Times that it was claimed, this one included. */
  readonly tries: number
}

const dueStatement: Statement = {
  name: 'outbox.due',
  text: `select id from outbox
where region = $1 and done_at is null and due_at <= now() order by due_at, id limit $2::int8`,
}

/**
 * Rows are met by their ids alone. Said as a plain condition, due_at or done_at would let the
 * planner walk all that is not done through outbox_due, and so into every sale that adds a row.
 */
const claimStatement: Statement = {
  name: 'outbox.claim',
  text: `update outbox set tries = tries + 1, due_at = now() + $3::int8 * interval '1 millisecond'
where region = $1 and id = any($2::text[])
  and (case when done_at is null then due_at <= now() else false end)
returning id, kind, payload, tries`,
}

const doneStatement: Statement = {
  name: 'outbox.done',
  text: `update outbox set done_at = coalesce(done_at, now())
where region = $1 and id = any($2::text[]) returning id`,
}

const postponeStatement: Statement = {
  name: 'outbox.postpone',
  text: `update outbox set due_at = now() + $3::int8 * interval '1 millisecond'
where region = $1 and id = $2::text returning id`,
}

/** Ids of rows that are due. May be stale: claiming decides. */
export async function listDue(db: Database, region: string): Promise<string[]> {
  const rows = await runRead<{ id: string }>(db, dueStatement, [region, limits.workerBatchMax])
  return rows.map((row) => row.id)
}

/** Those of `ids` that this worker now owns for limits.workerLeaseMs. */
export async function claimDuties(
  db: Database,
  of: { readonly region: string; readonly ids: readonly string[] },
): Promise<Duty[]> {
  type Row = { id: string; kind: DutyKind; payload: { order: OrderId }; tries: number }
  const rows = await runWrite<Row>(db, claimStatement, [of.region, of.ids, limits.workerLeaseMs])
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    order: row.payload.order,
    tries: row.tries,
  }))
}

export async function markDone(
  db: Database,
  of: { readonly region: string; readonly ids: readonly string[] },
): Promise<void> {
  await runWrite(db, doneStatement, [of.region, of.ids])
}

/** Tries the duty again after `delayMs`. */
export async function postpone(
  db: Database,
  duty: { readonly region: string; readonly id: string; readonly delayMs: number },
): Promise<void> {
  await runWrite(db, postponeStatement, [duty.region, duty.id, Math.ceil(duty.delayMs)])
}
