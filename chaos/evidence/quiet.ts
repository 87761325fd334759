/**
 * Brings a run to quiet: whoever began to pay and never came back is settled by the system itself,
 * and every duty it has is done. Only then do rows, money and tickets have to agree.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Ground, Sql } from '../ground/ground.ts'

/** Each look goes through all orders of the run. */
const lookEveryMs = 250

/** Their time to pay has run out; some may still be on their way into the rows, so again and again. */
const endOrders = `update orders set expires_at = now() - interval '1 s'
where state = 'pending' and expires_at > now()`

/** Their reminders, due after ten minutes, are brought forward. */
const bringForward = `update outbox o set due_at = now()
from orders r
where r.region = o.region and r.id = o.payload->>'order' and r.state = 'pending'
  and o.kind = 'order.started' and o.tries = 0 and o.done_at is null and o.due_at > now()`

/** A reminder of an order that has ended is no work, only not yet swept. */
const countOwed = `select
  (select count(*) from orders where state = 'pending')::int4 as pending,
  (select count(*) from outbox where done_at is null and kind <> 'order.started')::int4 as duties`

export type Owed = { readonly pending: number; readonly duties: number }

/** Orders that have not ended, and work that the system owes to those that have. */
export async function readOwed(sql: Sql): Promise<Owed> {
  const [row] = await sql<Owed>(countOwed)
  return row ?? { pending: 0, duties: 0 }
}

/**
 * When no fan calls any more and all faults are healed.
 * @returns when all was done, in milliseconds since the Unix epoch; null: not within the time given
 */
export async function bringToQuiet(
  { sql }: Pick<Ground, 'sql'>,
  withinMs: number,
): Promise<number | null> {
  const endMs = performance.now() + withinMs
  while (!(await isQuiet(sql))) {
    if (performance.now() >= endMs) return null
    await wait(lookEveryMs)
  }
  return performance.timeOrigin + performance.now()
}

/** A database that is only just there again refuses: that is not quiet yet. */
async function isQuiet(sql: Sql): Promise<boolean> {
  try {
    await sql(endOrders)
    await sql(bringForward)
    const { pending, duties } = await readOwed(sql)
    return pending === 0 && duties === 0
  } catch {
    return false
  }
}
