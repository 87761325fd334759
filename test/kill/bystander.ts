/** SQL past the server, for what tests prepare and look up while it works. */
import { Pool } from 'pg'
import { eventually } from '../support/eventually.ts'
import type { Sql } from '../support/sale-system.ts'

export type Bystander = AsyncDisposable & { readonly sql: Sql }

/** Does not take part in serializable transactions: it would make those of the server fail. */
export function openBystander(databaseUrl: string): Bystander {
  const options = '-c default_transaction_isolation=read\\ committed'
  const pool = new Pool({ connectionString: databaseUrl, max: 4, options })
  pool.on('error', () => undefined)
  return {
    sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

const ago = "now() - interval '1 second'"

/**
 * Lets all reservations and holds in SQL run out and all duties be due, also those of a worker
 * that was killed, and waits until nothing is owed.
 */
export async function settleAll(sql: Sql): Promise<void> {
  await sql(`update orders set expires_at = ${ago} where state = 'pending'`)
  await sql(`update claims set expires_at = ${ago} where state in ('held', 'reserved')`)
  await sql(`update holds set expires_at = ${ago} where state = 'held'`)
  await sql('update outbox set due_at = now() where done_at is null')
  await eventually(
    async () => (await sql('select 1 from outbox where done_at is null')).length === 0,
    { what: 'every duty is done', timeoutMs: 90_000 },
  )
}

/** The oldest reservations run out, and their reminders are due, while their fans may be paying. */
export async function endSomeReservations(sql: Sql, orders: number): Promise<void> {
  const ended = await sql<{ id: string }>(
    `update orders set expires_at = ${ago} where (region, id) in (
       select region, id from orders where state = 'pending' order by created_at limit $1)
     returning id`,
    [orders],
  )
  const ids = [ended.map(({ id }) => id)]
  await sql(
    `update claims set expires_at = ${ago} where state = 'reserved' and order_id = any($1::text[])`,
    ids,
  )
  await sql(
    `update outbox set due_at = now() where done_at is null and kind = 'order.started'
       and payload ->> 'order' = any($1::text[])`,
    ids,
  )
}
