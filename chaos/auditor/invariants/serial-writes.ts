/**
 * I12, as far as versions show it: the order in which transactions wrote rows has no cycle, no
 * version has two successors, and what fans read was committed. What transactions themselves read
 * is not recorded, so that cycles over reads (G-single, G2) cannot be seen here.
 */
import type { VersionRecord } from '../../evidence/evidence.ts'
import { ordersShown } from '../facts/calls.ts'
import { type Chain, nameOfRow } from '../facts/chains.ts'
import { integer } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { stateOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const serialWrites: Invariant = {
  id: 'I12',
  title: 'Transactions wrote rows in an order without cycles, and fans read what was committed',
  check: (facts, judge) => {
    if (!facts.hasVersions) return judge.notes(notes.needsVersions)
    judge.notes(
      'Of writes (G0), lost updates, and reads of orders by fans (G1a, G1b); what transactions read is not recorded, so that G1c, G-single and G2 are not seen.',
    )
    const graph = new WriteGraph()
    for (const chain of rowChains(facts)) {
      judge.checks()
      checkSuccessors(judge, chain)
      graph.add(chain)
    }
    checkCycles(judge, graph)
    checkReads(facts, judge)
  },
}

function* rowChains({ chains }: Facts): Generator<Chain> {
  for (const units of chains.claims.values()) {
    for (const chain of units) if (chain !== undefined) yield chain
  }
  yield* chains.orders.values()
  yield* chains.payments.values()
  yield* chains.authority.values()
}

/** Two changes that began from the same version: one of them was lost. */
function checkSuccessors(judge: Judge, chain: Chain): void {
  const parents = new Map<number, VersionRecord>()
  for (const record of chain) {
    if (record.before === null || record.writer === 'drill') continue
    if (record.before['version'] === undefined) continue
    const parent = integer(record.before, 'version')
    const other = parents.get(parent)
    parents.set(parent, record)
    if (other === undefined) continue
    judge.breaks(`${nameOfRow(record)} was changed twice from version ${parent}`, {
      versions: [other.seq, record.seq],
    })
  }
}

/** Transactions, with those that wrote a row after them. */
class WriteGraph {
  readonly next = new Map<string, Set<string>>()

  add(chain: Chain): void {
    let last: string | null = null
    for (const { transaction } of chain) {
      if (last !== null && last !== transaction) {
        const some = this.next.get(last)
        if (some === undefined) this.next.set(last, new Set([transaction]))
        else some.add(transaction)
      }
      last = transaction
    }
  }

  /** Those that stand on a cycle or behind one: what is left when all that come first are taken. */
  onCycles(): string[] {
    const waits = new Map<string, number>()
    for (const [one, others] of this.next) {
      if (!waits.has(one)) waits.set(one, 0)
      for (const other of others) waits.set(other, (waits.get(other) ?? 0) + 1)
    }
    const ready = [...waits].filter(([, count]) => count === 0).map(([one]) => one)
    for (let one = ready.pop(); one !== undefined; one = ready.pop()) {
      waits.delete(one)
      for (const other of this.next.get(one) ?? []) {
        const left = (waits.get(other) ?? 0) - 1
        waits.set(other, left)
        if (left === 0) ready.push(other)
      }
    }
    return [...waits.keys()]
  }
}

function checkCycles(judge: Judge, graph: WriteGraph): void {
  const left = graph.onCycles()
  judge.holds(left.length === 0, () => [
    `transactions wrote rows in a circle: ${left.slice(0, 6).join(', ')}`,
    {
      rows: left
        .slice(0, 6)
        .map((one) => ({ transaction: one, before: [...(graph.next.get(one) ?? [])].slice(0, 6) })),
    },
  ])
}

/** A version that a fan was shown exists, and was in that state. */
function checkReads({ calls, chains }: Facts, judge: Judge): void {
  for (const call of calls) {
    for (const shown of ordersShown(call)) {
      const chain = chains.orders.get(shown.order)
      if (chain === undefined) continue
      const isThere = chain.some(({ after }) => {
        return (
          after !== null && after['version'] === shown.version && stateOf(after) === shown.state
        )
      })
      judge.holds(isThere, () => [
        `${shown.order} was shown as ${shown.state} at version ${shown.version}, which was never committed`,
        { orders: [shown.order], seqs: [call.invoke.seq] },
      ])
    }
  }
}
