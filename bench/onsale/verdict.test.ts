import { describe, expect, it } from 'vitest'
import type { DatabaseFinding, FanFinding, Findings } from './findings.ts'
import { together, verdictOn } from './verdict.ts'

type Changes = {
  readonly fans?: (fans: FanFinding[]) => FanFinding[]
  readonly database?: (database: DatabaseFinding) => Partial<DatabaseFinding>
  readonly ledger?: (ledger: NonNullable<Findings['ledger']>) => Findings['ledger']
  readonly others?: Partial<Findings>
}

/** Two fans with a paid order of two and one units, and a third who gave the seats back. */
function sale(changes: Changes = {}): Findings {
  const bought = [
    { id: 'ord_a', units: [10, 11], total: 4_100 },
    { id: 'ord_b', units: [20], total: 2_050 },
  ]
  const orders = bought.map((order) => ({ ...order, state: 'paid', linesTotal: order.total }))
  const ticketsOf = ({ id, units }: (typeof bought)[number]) =>
    units.map((unit) => ({ id: `tkt_${id}_${unit}`, order: id, unit, isValid: true }))
  const fans: FanFinding[] = orders.map((order, fan) => {
    const mine = { ...order, tickets: ticketsOf(order).map(({ id }) => id) }
    return {
      fan,
      told: 'told-paid',
      acknowledged: mine,
      orders: [mine],
      tickets: ticketsOf(order),
    }
  })
  fans.push({ fan: 2, told: 'told-no', acknowledged: null, orders: [], tickets: [] })
  const database: DatabaseFinding = {
    orders: [...orders, { id: 'ord_c', state: 'pending', total: 90, units: [30], linesTotal: 90 }],
    tickets: orders.flatMap(ticketsOf),
    soldClaims: orders.flatMap(({ id, units }) => units.map((unit) => ({ order: id, unit }))),
    payments: [
      ...orders.map(({ id, total }) => ({ order: id, state: 'captured', amount: total })),
      { order: 'ord_c', state: 'pending', amount: 90 },
    ],
    otherOrders: new Set(['ord_elsewhere']),
  }
  const line = { status: 'succeeded', refunded: 0 }
  const ledger = [
    ...orders.map(({ id, total }) => ({ ...line, intent: `pi_${id}`, order: id, captured: total })),
    { ...line, intent: 'pi_c', order: 'ord_c', captured: 0, status: 'requires_payment_method' },
    { ...line, intent: 'pi_elsewhere', order: 'ord_elsewhere', captured: 77 },
  ]
  return {
    fans: changes.fans?.(fans) ?? fans,
    database: { ...database, ...changes.database?.(database) },
    ledger: changes.ledger === undefined ? ledger : changes.ledger(ledger),
    unsettled: 0,
    noticed: [],
    ...changes.others,
  }
}

const faultsOf = (changes: Changes) => verdictOn(sale(changes)).disagreements

describe('the verdict on a sale that was right', () => {
  it('finds nothing, and counts units, orders and money', () => {
    expect(verdictOn(sale())).toEqual({
      sold: 3,
      paidOrders: 2,
      revenue: 6_150,
      doubleSold: 0,
      disagreements: [],
      checked: { api: true, database: true, ledger: true },
    })
  })

  it('can be had from the API alone, and says so', () => {
    const verdict = verdictOn(sale({ others: { database: null, ledger: null } }))
    expect(verdict.disagreements).toEqual([])
    expect(verdict.sold).toBe(3)
    expect(verdict.checked).toEqual({ api: true, database: false, ledger: false })
  })

  it('minds nobody else at the same payment provider', () => {
    expect(verdictOn(sale({ others: { database: null } })).disagreements).toEqual([])
  })
})

describe('a double sale', () => {
  it('is found when two valid tickets name one unit', () => {
    const double = { order: 'ord_b', unit: 10, isValid: true }
    const verdict = verdictOn(sale({ database: (d) => ({ tickets: [...d.tickets, double] }) }))
    expect(verdict.doubleSold).toBe(1)
    expect(verdict.disagreements).toContain('unit 10 was sold twice')
  })

  it('is found when two paid orders name one unit', () => {
    const database = (d: DatabaseFinding) => ({
      orders: d.orders.map((order) => (order.id === 'ord_b' ? { ...order, units: [11] } : order)),
    })
    expect(verdictOn(sale({ database })).doubleSold).toBe(1)
  })

  it('is found when two fans show a ticket for one unit, whatever the rows say', () => {
    const fans = ([a, b, ...rest]: FanFinding[]) => {
      if (a === undefined || b === undefined) throw new Error('two fans bought')
      const stolen = { ...b, tickets: b.tickets.map((ticket) => ({ ...ticket, unit: 11 })) }
      return [a, stolen, ...rest]
    }
    expect(verdictOn(sale({ fans })).doubleSold).toBe(1)
    expect(verdictOn(sale({ fans, others: { database: null } })).doubleSold).toBe(1)
  })

  it('is none when the other ticket is void', () => {
    const old = { order: 'ord_b', unit: 10, isValid: false }
    expect(verdictOn(sale({ database: (d) => ({ tickets: [...d.tickets, old] }) }))).toMatchObject({
      doubleSold: 0,
      disagreements: [],
    })
  })
})

describe('tickets and units', () => {
  it('a missing ticket is found in the rows', () => {
    expect(faultsOf({ database: (d) => ({ tickets: d.tickets.slice(1) }) })).toEqual([
      'unit 10 of ord_a is paid and has no valid ticket',
    ])
  })

  it('a missing ticket is found by its fan', () => {
    const fans = (all: FanFinding[]) =>
      all.map((fan) => (fan.fan === 0 ? { ...fan, tickets: fan.tickets.slice(1) } : fan))
    expect(faultsOf({ fans })).toEqual([
      'fan 0 has tickets other than those of the paid order ord_a',
    ])
  })

  it('a claim that is not sold is found, and a sold one that nobody paid for', () => {
    expect(faultsOf({ database: (d) => ({ soldClaims: d.soldClaims.slice(1) }) })).toEqual([
      'unit 10 of ord_a is paid and its claim is not sold',
    ])
    const stray = { order: 'ord_c', unit: 30 }
    expect(faultsOf({ database: (d) => ({ soldClaims: [...d.soldClaims, stray] }) })).toEqual([
      'unit 30 of ord_c is a sold claim of no paid order',
    ])
  })

  it('a ticket beyond what was paid is found', () => {
    const gift = { order: 'ord_a', unit: 12, isValid: true }
    expect(faultsOf({ database: (d) => ({ tickets: [...d.tickets, gift] }) })).toEqual([
      'unit 12 of ord_a has a ticket that no paid order has',
    ])
  })
})

describe('acknowledged orders', () => {
  it('one that is gone is found', () => {
    const fans = (all: FanFinding[]) =>
      all.map((fan) => (fan.fan === 1 ? { ...fan, orders: [], tickets: [] } : fan))
    expect(faultsOf({ fans })).toContain('order ord_b was acknowledged to fan 1 and is not there')
  })

  it('one that has become dearer is found', () => {
    const fans = (all: FanFinding[]) =>
      all.map((fan) => ({
        ...fan,
        acknowledged: fan.acknowledged && { ...fan.acknowledged, total: 1 },
      }))
    expect(faultsOf({ fans })).toContain('order ord_a was 1 and now is 4100')
  })

  it('a fan who was told no and yet has paid is found', () => {
    const fans = (all: FanFinding[]) =>
      all.map((fan) => (fan.fan === 1 ? { ...fan, told: 'told-no' as const } : fan))
    expect(faultsOf({ fans })).toEqual(['order ord_b is paid, but fan 1 was told otherwise'])
  })

  it('a fan who never heard may have paid', () => {
    const fans = (all: FanFinding[]) =>
      all.map((fan) => ({ ...fan, told: 'unknown' as const, acknowledged: null }))
    expect(faultsOf({ fans })).toEqual([])
  })

  it('a paid order that the API does not show is found', () => {
    const fans = (all: FanFinding[]) =>
      all.map((fan) => ({ ...fan, told: 'unknown' as const, acknowledged: null, orders: [] }))
    expect(faultsOf({ fans: (all) => fans(all).map((fan) => ({ ...fan, tickets: [] })) })).toEqual([
      'the API shows 0 paid orders, the database has 2, or others',
    ])
  })
})

describe('money', () => {
  it('a cent too little at the provider is found', () => {
    const ledger = (lines: NonNullable<Findings['ledger']>) =>
      lines.map((line) => (line.order === 'ord_a' ? { ...line, captured: 4_099 } : line))
    expect(faultsOf({ ledger })).toEqual(['ord_a cost 4100; the provider captured 4099'])
    expect(verdictOn({ ...sale({ ledger }), database: null }).disagreements).toHaveLength(1)
  })

  it('a cent too little in the payments is found', () => {
    const database = (d: DatabaseFinding) => ({
      payments: d.payments.map((row) => (row.order === 'ord_b' ? { ...row, amount: 2_049 } : row)),
    })
    expect(faultsOf({ database })).toEqual(['ord_b cost 2050; payments captured 2049'])
  })

  it('an order captured twice is found', () => {
    const ledger = (lines: NonNullable<Findings['ledger']>) => [...lines, ...lines.slice(0, 1)]
    expect(faultsOf({ ledger })).toEqual(['ord_a cost 4100; the provider captured 8200'])
  })

  it('money without a paid order is found, and without any order', () => {
    const ledger = (lines: NonNullable<Findings['ledger']>) =>
      lines.map((line) => (line.order === 'ord_c' ? { ...line, captured: 90 } : line))
    expect(faultsOf({ ledger })).toEqual(['the provider captured 90 for ord_c, which is not paid'])
    const stray = { intent: 'pi_x', status: 'succeeded', order: null, captured: 5, refunded: 0 }
    expect(faultsOf({ ledger: (lines) => [...lines, stray] })).toEqual([
      'the provider captured 5 for pi_x, which is not paid',
    ])
  })

  it('money of an unpaid order is found without the database, too', () => {
    const order = {
      id: 'ord_c',
      state: 'void',
      total: 90,
      units: [30],
      linesTotal: 90,
      tickets: [],
    }
    const fans = (all: FanFinding[]) =>
      all.map((fan) => (fan.fan === 2 ? { ...fan, orders: [order] } : fan))
    const ledger = (lines: NonNullable<Findings['ledger']>) =>
      lines.map((line) => (line.order === 'ord_c' ? { ...line, captured: 90 } : line))
    expect(faultsOf({ fans, ledger, others: { database: null } })).toEqual([
      'the provider captured 90 for ord_c, which is not paid',
    ])
  })

  it('money that is still authorized is found on both sides', () => {
    const ledger = (lines: NonNullable<Findings['ledger']>) =>
      lines.map((line) => (line.order === 'ord_c' ? { ...line, status: 'requires_capture' } : line))
    expect(faultsOf({ ledger })).toEqual(['pi_c of ord_c is left at requires_capture'])
    const database = (d: DatabaseFinding) => ({
      payments: d.payments.map((row) =>
        row.order === 'ord_c' ? { ...row, state: 'authorized' } : row,
      ),
    })
    expect(faultsOf({ database })).toEqual(['the payment of ord_c is authorized, not captured'])
  })

  it('lines that do not sum up to the total are found', () => {
    const database = (d: DatabaseFinding) => ({
      orders: d.orders.map((row) => (row.id === 'ord_a' ? { ...row, linesTotal: 4_000 } : row)),
    })
    expect(faultsOf({ database })).toEqual(['row ord_a is 4100; its lines are 4000'])
  })
})

describe('what was noticed on the way', () => {
  it('counts, and so does work that is never done', () => {
    expect(faultsOf({ others: { noticed: ['fan 3 got two answers to one key'] } })).toEqual([
      'fan 3 got two answers to one key',
    ])
    expect(faultsOf({ others: { unsettled: 2 } })).toEqual([
      '2 duties were still owed when waiting for them ended',
    ])
  })
})

describe('several events together', () => {
  const right = verdictOn(sale())
  const wrong = verdictOn(sale({ others: { unsettled: 2 } }))

  it('are right only when each is, and what is wrong says where', () => {
    const both = together([
      { of: 'us', verdict: right },
      { of: 'eu', verdict: right },
    ])
    expect(both).toEqual({
      ...right,
      sold: 2 * right.sold,
      paidOrders: 2 * right.paidOrders,
      revenue: 2 * right.revenue,
    })
    const one = [
      { of: 'us', verdict: right },
      { of: 'eu', verdict: wrong },
    ]
    expect(together(one).disagreements).toEqual([
      'eu: 2 duties were still owed when waiting for them ended',
    ])
    expect(together(one, ['a card that should not pay did']).disagreements).toHaveLength(2)
  })

  it('are checked by what every one was checked by', () => {
    const unchecked = verdictOn(sale({ others: { database: null } }))
    const both = together([
      { of: 'us', verdict: right },
      { of: 'eu', verdict: unchecked },
    ])
    expect(both.checked).toEqual({ api: true, database: false, ledger: true })
  })
})
