import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../evidence/evidence.ts'
import { broken, clean, isOk, type Lie, paidOrder, replace, told } from './lie.ts'

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
    expect(told('I7', lie)).toContain('is still pending')
  })

  it('is held against each order, and all together against all of them', () => {
    const lie = ({ ledger }: Lie) =>
      replace(
        ledger,
        ({ captured }) => captured > 0,
        (line) => ({ ...line, captured: line.captured - 1, voided: 1 }),
      )
    const said = told('I6', lie)
    expect(said).toContain('were kept of')
    expect(said).toContain('the provider kept')
  })

  it('that its row does not know of breaks I6', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['payments'] ?? [],
        ({ state }) => state === 'captured',
        (row) => ({ ...row, state: 'authorized' }),
      )
    // Nor does its last version: I8.
    expect(broken(lie)).toEqual(['I6', 'I8'])
  })

  it('of which more is gone than there was breaks I6', () => {
    const lie = ({ ledger }: Lie) =>
      replace(
        ledger,
        ({ status }) => status === 'canceled',
        (line) => ({ ...line, voided: line.authorized + 1 }),
      )
    expect(told('I6', lie)).toContain('does not add up')
  })

  it('that a paid order never cost breaks I7', () => {
    const lie = (all: Lie) => {
      const { id } = paidOrder()
      all.ledger = all.ledger.filter(({ order }) => order !== id)
    }
    expect(told('I7', lie)).toContain('the provider has no charge of it')
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

  it('and is not the sum of the units breaks I26', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['orders'] ?? [],
        ({ state }) => state === 'paid',
        (row) => ({ ...row, units: Number(row['units']) + 1 }),
      )
    expect(told('I26', lie)).toContain('lines of')
  })

  it('and is not what the provider was asked for breaks I26', () => {
    const lie = ({ ledger }: Lie) =>
      replace(
        ledger,
        ({ captured }) => captured > 0,
        (line) => ({ ...line, amount: line.amount + 1 }),
      )
    expect(broken(lie)).toEqual(['I26'])
  })

  it('and is not what the payment says breaks I26', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['payments'] ?? [],
        ({ state }) => state === 'captured',
        (row) => ({ ...row, amount: Number(row['amount']) + 1 }),
      )
    expect(told('I26', lie)).toContain('the payment of')
  })
})
