/**
 * The outbox as a queue of duties. A row is due at due_at; claiming it pushes due_at into the
 * future, which is both the lease of the worker and the back-off of the next try. Rows end by
 * done_at, not by deletion.
 */
import type { OrderId } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runStaleRead } from '../stale-reading.ts'
import { runWrite, type Statement } from '../statement.ts'

export type DutyKind = 'order.started' | 'order.paid' | 'order.voided'

export type Duty = {
  readonly id: string
  readonly kind: DutyKind
  readonly order: OrderId
  /** Times that it was claimed, this one included. */
  readonly tries: number
  /** The traceparent of what left the duty; '' is none. */
  readonly trace: string
  /** How long ago it was left, by the database's clock. */
  readonly ageMs: number
}

/** As an old copy may show it: claimed since, done since. */
export type DueDuty = {
  readonly id: string
  /** Milliseconds since 1970; another one after each claim. */
  readonly dueAtMs: number
  /** How long it has been due. */
  readonly overdueMs: number
}

const dueStatement: Statement = {
  name: 'outbox.due',
  text: `select id, due_at, now() as looked_at from outbox
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
returning id, kind, payload, tries, created_at, now() as claimed_at`,
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

/** Rows that are due, the oldest first. From the copy that may be old: claiming decides. */
export async function listDue(
  db: Database,
  { region, limit }: { readonly region: string; readonly limit: number },
): Promise<DueDuty[]> {
  type Row = { id: string; due_at: Date; looked_at: Date }
  const asked = { statement: dueStatement, staleOk: 'scan' } as const
  const rows = await runStaleRead<Row>(db, asked, [region, limit])
  return rows.map(({ id, due_at: dueAt, looked_at: lookedAt }) => ({
    id,
    dueAtMs: dueAt.getTime(),
    overdueMs: Math.max(0, lookedAt.getTime() - dueAt.getTime()),
  }))
}

/** Those of `ids` that this worker now owns for limits.workerLeaseMs. */
export async function claimDuties(
  db: Database,
  of: { readonly region: string; readonly ids: readonly string[] },
): Promise<Duty[]> {
  type Row = {
    id: string
    kind: DutyKind
    // Rows of an older release have no trace.
    payload: { order: OrderId; trace?: string | null }
    tries: number
    created_at: Date
    claimed_at: Date
  }
  const rows = await runWrite<Row>(db, claimStatement, [of.region, of.ids, limits.workerLeaseMs])
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    order: row.payload.order,
    tries: row.tries,
    trace: row.payload.trace ?? '',
    ageMs: row.claimed_at.getTime() - row.created_at.getTime(),
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
