/** The check of the end state is checked itself: each forged state breaks one rule and is named. */
import { describe, expect, it } from 'vitest'
import { disagreements, type EndState } from '../support/agreement.ts'

const line = (unit: number) => ({ unit, price: 4_000, fee: 1_000 })
const money = { currency: 'eur', authorized: 5_000, captured: 5_000, voided: 0, refunded: 0 }
const unpaid = { ...money, captured: 0, voided: 5_000 }
const order = { event: 'e', total: 5_000, currency: 'EUR' }
const paid = { ...order, id: 'p', state: 'paid', lines: [line(1)], intent: 'pi_p' }
const gone = { ...order, id: 'v', state: 'void', lines: [line(2)], intent: 'pi_v' }

const clean: EndState = {
  owed: [],
  orders: [
    { ...paid, payment: 'captured' },
    { ...gone, payment: 'voided' },
    { ...order, id: 'f', state: 'paid', total: 0, lines: [], intent: null, payment: null },
  ],
  claims: [
    { event: 'e', unit: 1, state: 'sold', order: 'p' },
    { event: 'e', unit: 9, state: 'held', order: 'h' },
  ],
  tickets: [
    { event: 'e', unit: 1, state: 'valid', order: 'p' },
    { event: 'e', unit: 2, state: 'void', order: 'v' },
  ],
  ledger: [
    { ...money, intent: 'pi_p', status: 'succeeded', metadata: { order: 'p' } },
    { ...unpaid, intent: 'pi_v', status: 'canceled', metadata: { order: 'v' } },
    { ...unpaid, intent: 'pi_x', status: 'canceled', metadata: { order: 'never' } },
  ],
}
const told = [{ order: 'p', units: [1] }]

/** The clean state with one entry of a list changed, or taken out. */
function forged<List extends 'orders' | 'claims' | 'tickets' | 'ledger'>(
  list: List,
  index: number,
  change: Partial<EndState[List][number]> | 'gone',
): EndState {
  const entries: object[] = clean[list].flatMap((entry, at) => {
    if (at !== index) return [entry]
    return change === 'gone' ? [] : [{ ...entry, ...change }]
  })
  return { ...clean, [list]: entries }
}

describe('the check of the end state', () => {
  it('finds nothing where all agrees', () => {
    expect(disagreements(clean, told)).toEqual([])
  })

  it.each([
    ['a duty left', { ...clean, owed: ['order.paid:p'] }, /still owed/],
    ['a pending order', forged('orders', 1, { state: 'pending' }), /v is still pending/],
    ['lines of another sum', forged('orders', 0, { total: 5_001 }), /costs 5001, its lines 5000/],
    ['a lost order', forged('orders', 0, 'gone'), /p was acknowledged and is lost/],
    ['an ended order', forged('orders', 0, { state: 'void' }), /p was acknowledged and is void/],
    ['other seats', forged('orders', 0, { lines: [line(3)] }), /was told units 1, has 3/],
    ['a claim lost', forged('claims', 0, 'gone'), /unit 1 of p is paid and not sold/],
    ['a foreign claim', forged('claims', 0, { order: 'z' }), /unit 1 of z is sold and not paid/],
    ['a claim left', forged('claims', 1, { state: 'reserved' }), /unit 9 of h is still reserved/],
    ['a ticket lost', forged('tickets', 0, 'gone'), /unit 1 of p is paid without a ticket/],
    ['a ticket too many', forged('tickets', 1, { state: 'valid' }), /unit 2 of v has a ticket/],
    [
      'a seat sold twice',
      forged('orders', 1, { state: 'paid', lines: [line(1)] }),
      /unit 1 is twice among paid orders: p, v/,
    ],
    [
      'money not taken',
      forged('ledger', 0, { captured: 0, status: 'requires_capture' }),
      /p \(paid\) owes 5000, captured 0/,
    ],
    ['a card still blocked', forged('ledger', 1, { voided: 0 }), /pi_v still holds 5000/],
    ['a cent too much', forged('ledger', 0, { captured: 5_001 }), /owes 5000, captured 5001/],
    ['money for nothing', forged('ledger', 1, { captured: 5_000 }), /owes 0, captured 5000/],
    ['money for no order', forged('ledger', 2, { captured: 1 }), /taken 1 for no order/],
    ['money sent back', forged('ledger', 0, { refunded: 1 }), /owes 5000, captured 4999/],
    ['another currency', forged('ledger', 0, { currency: 'usd' }), /its money in usd/],
    ['an open intent', forged('ledger', 1, { status: 'requires_action' }), /pi_v of v .* is req/],
    ['no intent', forged('ledger', 0, 'gone'), /which the ledger has not/],
    ['an unmarked capture', forged('orders', 0, { payment: 'authorized' }), /is authorized/],
  ])('finds %s', (_, state, words) => {
    expect(disagreements(state, told).join('\n')).toMatch(words)
  })
})
