import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../evidence/evidence.ts'
import { broken, clean, isOk, type Lie, paidOrder, replace } from './lie.ts'

describe('money', () => {
  const change = (fits: (line: LedgerLine) => boolean, by: (line: LedgerLine) => object) =>
    broken(({ ledger }) => {
      replace(ledger, fits, (line) => ({ ...line, ...by(line) }))
    })

  it('that is a cent less than the order costs breaks I6', () => {
    const isTaken = ({ captured }: LedgerLine) => captured > 0
    const lie = change(isTaken, ({ captured }) => ({ captured: captured - 1, voided: 1 }))
    expect(lie).toEqual(['I6'])
  })

  it('that is neither taken nor given back breaks I7', () => {
    const isVoid = ({ status }: LedgerLine) => status === 'canceled'
    expect(change(isVoid, ({ amount }) => ({ authorized: amount }))).toEqual(['I7'])
  })

  it('that is kept of an order which is void breaks I7, and without webhooks I16', () => {
    const isVoid = ({ status }: LedgerLine) => status === 'canceled'
    const lie = change(isVoid, ({ amount }) => ({ authorized: amount, captured: amount }))
    expect(lie).toEqual(['I6', 'I7', 'I16'])
  })

  it('that is of an order which is still open breaks I7', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['orders'] ?? [],
        ({ state }) => state === 'void',
        (row) => ({ ...row, state: 'pending' }),
      )
    // Its last change and its duties say that it is void, and money without an end is I16's too.
    expect(broken(lie)).toEqual(expect.arrayContaining(['I7']))
  })
})

describe('a price that was told', () => {
  it('and is another than is charged breaks I26', () => {
    const { id } = paidOrder()
    const lie = ({ history }: Lie) => {
      for (const [place, entry] of history.entries()) {
        if (!isOk(entry, 'hold.place') || entry.result.hold !== id) continue
        history[place] = { ...entry, result: { ...entry.result, total: entry.result.total - 1 } }
      }
    }
    expect(broken(lie)).toEqual(['I26'])
  })

  it('and that the event does not have breaks I26', () => {
    const lie = (all: Lie) => {
      const events = clean.run.events.map((event) => ({
        ...event,
        prices: event.prices.map((price) => ({ ...price, amounts: [1] })),
      }))
      all.run = { ...all.run, events }
    }
    expect(broken(lie)).toEqual(['I26'])
  })
})
