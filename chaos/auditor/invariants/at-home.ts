/** I25: every row of a sale lives in the home region of its event. Who wrote it is I11's affair. */
import type { Row } from '../../evidence/evidence.ts'
import { orderOfDuty, text } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import type { Judge } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const atHome: Invariant = {
  id: 'I25',
  title: 'Each row is in the home region of its event, as its id says',
  check: (facts, judge) => {
    const homes = homesByCode(facts)
    for (const table of ['claims', 'event_sales', 'orders', 'tickets'] as const) {
      for (const row of facts.evidence.rows[table]) {
        checkRow(judge, { table, row, id: text(row, 'event_id'), homes })
      }
    }
    for (const row of facts.evidence.rows.orders) {
      checkRow(judge, { table: 'orders', row, id: text(row, 'id'), homes })
    }
    for (const row of facts.evidence.rows.payments) {
      checkRow(judge, { table: 'payments', row, id: text(row, 'order_id'), homes })
    }
    for (const row of facts.evidence.rows.outbox) {
      checkRow(judge, { table: 'outbox', row, id: orderOfDuty(row), homes })
    }
  },
}

/** The second part of `evt_use1_01j8…`. */
function codeOf(id: string): string {
  const from = id.indexOf('_') + 1
  return id.slice(from, id.indexOf('_', from))
}

function homesByCode({ events }: Facts): Map<string, string> {
  return new Map([...events.values()].map(({ id, home }) => [codeOf(id), home]))
}

type Placed = {
  readonly table: string
  readonly row: Row
  readonly id: string
  readonly homes: ReadonlyMap<string, string>
}

function checkRow(judge: Judge, { table, row, id, homes }: Placed): void {
  const home = homes.get(codeOf(id))
  // Of a region that the run had no events in, nothing is known.
  if (home === undefined) return
  const region = text(row, 'region')
  judge.holds(region === home, () => [
    `a row of ${table} is in ${region}, and ${id} is at home in ${home}`,
    { orders: id.startsWith('ord_') ? [id] : [], rows: [row] },
  ])
}
