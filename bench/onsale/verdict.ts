/**
 * Whether the sale was right: no unit sold twice, everything acknowledged is there, and units
 * sold, tickets issued and money captured agree to the cent. Pure; every fault is one sentence.
 * What nobody could tell is not counted as right: `checked` says whose word was heard.
 */
import type { Findings, OrderFinding } from './findings.ts'
import { fanFaults } from './verdict-of-fans.ts'
import { moneyFaults } from './verdict-of-money.ts'
import { rowFaults } from './verdict-of-rows.ts'

export type Verdict = {
  /** Units with a valid ticket. */
  readonly sold: number
  readonly paidOrders: number
  /** Minor units that paid orders sum up to. */
  readonly revenue: number
  /** Units that are in more than one paid order or valid ticket. */
  readonly doubleSold: number
  readonly disagreements: readonly string[]
  readonly checked: { readonly api: true; readonly database: boolean; readonly ledger: boolean }
}

export function verdictOn(findings: Findings): Verdict {
  const { database, ledger, fans, noticed, unsettled } = findings
  const orders: readonly OrderFinding[] = database?.orders ?? fans.flatMap((fan) => fan.orders)
  const tickets = database?.tickets ?? fans.flatMap((fan) => fan.tickets)
  const paid = orders.filter((order) => order.state === 'paid')
  const valid = tickets.filter((ticket) => ticket.isValid)
  const twice = new Set([
    ...repeated(paid.flatMap((order) => order.units)),
    ...repeated(valid.map((ticket) => ticket.unit)),
    ...repeated(fans.flatMap((fan) => fan.tickets.map((ticket) => ticket.unit))),
  ])
  const disagreements = [
    ...[...twice].map((unit) => `unit ${unit} was sold twice`),
    ...noticed,
    ...(unsettled > 0 ? [`${unsettled} duties were still owed when waiting for them ended`] : []),
    ...fans.flatMap(fanFaults),
    ...(database === null ? [] : rowFaults(database, fans)),
    ...moneyFaults({ paid, database, ledger, fans }),
  ]
  return {
    sold: new Set(valid.map((ticket) => ticket.unit)).size,
    paidOrders: paid.length,
    revenue: paid.reduce((sum, order) => sum + order.total, 0),
    doubleSold: twice.size,
    disagreements,
    checked: { api: true, database: database !== null, ledger: ledger !== null },
  }
}

/**
 * Of several events, each judged by itself: right together only when each is right.
 * @param noticed what must not happen, and was of none of them in particular
 */
export function together(
  verdicts: readonly { readonly of: string; readonly verdict: Verdict }[],
  noticed: readonly string[] = [],
): Verdict {
  const [only, ...others] = verdicts
  if (only === undefined) throw new RangeError('there is nothing to judge')
  if (others.length === 0) return only.verdict
  const sum = (of: (verdict: Verdict) => number) =>
    verdicts.reduce((all, { verdict }) => all + of(verdict), 0)
  const isChecked = (what: 'database' | 'ledger') =>
    verdicts.every(({ verdict }) => verdict.checked[what])
  return {
    sold: sum(({ sold }) => sold),
    paidOrders: sum(({ paidOrders }) => paidOrders),
    revenue: sum(({ revenue }) => revenue),
    doubleSold: sum(({ doubleSold }) => doubleSold),
    disagreements: [
      ...noticed,
      ...verdicts.flatMap(({ of, verdict }) =>
        verdict.disagreements.map((sentence) => `${of}: ${sentence}`),
      ),
    ],
    checked: { api: true, database: isChecked('database'), ledger: isChecked('ledger') },
  }
}

function repeated(units: readonly number[]): number[] {
  const seen = new Set<number>()
  return units.filter((unit) => seen.size === seen.add(unit).size)
}
