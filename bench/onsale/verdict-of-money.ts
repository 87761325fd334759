/**
 * The money of the sale, to the cent: what paid orders cost, what our payments say was captured,
 * and what the payment provider took.
 */
import type { DatabaseFinding, Findings, LedgerLine, OrderFinding } from './findings.ts'

type Money = Pick<Findings, 'database' | 'ledger' | 'fans'> & {
  readonly paid: readonly OrderFinding[]
}

/** Money on its way: when all is settled there is none. */
const hangingStatuses = new Set(['requires_capture', 'processing'])

export function moneyFaults(money: Money): string[] {
  const { paid, database, ledger } = money
  const owed = new Map(paid.map((order) => [order.id, order.total]))
  return [
    ...(database === null ? [] : paymentFaults(owed, database)),
    ...(ledger === null ? [] : ledgerFaults(owed, ledger.filter(ownLines(money)))),
  ]
}

/**
 * The database knows which orders are of other sales, so that all the rest is ours, also money of
 * no order at all. The API only knows our fans' orders.
 */
function ownLines({ database, fans }: Money): (line: LedgerLine) => boolean {
  if (database !== null) return ({ order }) => !database.otherOrders.has(order ?? '')
  const own = new Set(fans.flatMap((fan) => fan.orders.map((order) => order.id)))
  return ({ order }) => own.has(order ?? '')
}

function paymentFaults(owed: ReadonlyMap<string, number>, { payments }: DatabaseFinding): string[] {
  const captured = payments.filter((payment) => payment.state === 'captured')
  const hanging = payments.filter((payment) => payment.state === 'authorized')
  return [
    ...hanging.map((payment) => `the payment of ${payment.order} is authorized, not captured`),
    ...amountFaults(owed, captured, 'payments'),
  ]
}

function ledgerFaults(owed: ReadonlyMap<string, number>, lines: readonly LedgerLine[]): string[] {
  const taken = lines
    .filter((line) => line.captured - line.refunded !== 0)
    .map((line) => ({ order: line.order ?? line.intent, amount: line.captured - line.refunded }))
  return [
    ...lines
      .filter((line) => hangingStatuses.has(line.status))
      .map((line) => `${line.intent} of ${line.order ?? 'no order'} is left at ${line.status}`),
    ...amountFaults(owed, taken, 'the provider'),
  ]
}

type Amount = { readonly order: string; readonly amount: number }

/** Each order's captured money is its total, and nobody else's is captured. Free orders owe none. */
function amountFaults(
  owed: ReadonlyMap<string, number>,
  captured: readonly Amount[],
  who: string,
): string[] {
  const sums = new Map<string, number>()
  for (const { order, amount } of captured) sums.set(order, (sums.get(order) ?? 0) + amount)
  const wrong = [...owed].filter(([order, total]) => (sums.get(order) ?? 0) !== total)
  const foreign = [...sums].filter(([order]) => !owed.has(order))
  return [
    ...wrong.map(
      ([order, total]) => `${order} cost ${total}; ${who} captured ${sums.get(order) ?? 0}`,
    ),
    ...foreign.map(
      ([order, amount]) => `${who} captured ${amount} for ${order}, which is not paid`,
    ),
  ]
}
