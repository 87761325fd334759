import { expect, it } from 'vitest'
import type { LedgerLine, VersionRecord } from './evidence/evidence.ts'
import type { Entry } from './history/entry.ts'
import { rareStates } from './rare-states.ts'

const common = { seq: 2, at: 0, process: 'fan-1.0', actor: 'a', region: 'us-east1', of: 1 } as const
const fail = (op: Entry['op'], code: string): Entry =>
  ({ ...common, type: 'fail', op, code, transient: false }) as Entry
const version = (record: Partial<VersionRecord>): VersionRecord => ({
  seq: 1,
  at: 0,
  transaction: '1',
  table: 'orders',
  writer: 'us-east1',
  epoch: 1,
  holder: 'us-east1',
  before: null,
  after: null,
  ...record,
})
const line = (authorized: number, captured: number): LedgerLine => ({
  intent: 'pi',
  order: 'o',
  status: 'succeeded',
  currency: 'usd',
  amount: authorized,
  authorized,
  captured,
  voided: 0,
  refunded: 0,
})

it('counts what happened, and says what never did', () => {
  const history = [fail('checkout.start', 'SEATS_TAKEN'), fail('hold.place', 'SEATS_TAKEN')]
  const pending = { id: 'o', state: 'pending', expires_at: 10 }
  const versions = [
    version({ after: pending }),
    version({
      writer: 'europe-west1',
      before: pending,
      after: { ...pending, state: 'paid', paid_at: 11 },
    }),
    version({ writer: 'drill', after: { id: 'other' } }),
    version({
      before: { id: 'late', state: 'pending' },
      after: { id: 'late', state: 'void', void_reason: 'over-limit' },
    }),
    version({
      table: 'claims',
      before: { state: 'reserved', order_id: 'o' },
      after: { state: 'reserved', order_id: 'p' },
    }),
  ]
  const ledger = [line(100, 100), line(100, 0)]
  const found = rareStates({ history, versions, ledger }, new Map([['told by a story', 2]]))
  expect(
    Object.fromEntries(found.flatMap(({ name, times }) => (times > 0 ? [[name, times]] : []))),
  ).toEqual({
    'SQL refused places that the hold book had given': 1,
    'late money was let go for the limit per buyer': 1,
    'late money took its seats': 1,
    'a reservation that had run out was taken by another order': 1,
    'one order was written by two regions': 1,
    'money was let go again': 1,
    'told by a story': 2,
  })
  expect(found.find(({ name }) => name === 'authority moved')?.times).toBe(0)
})

it('a payment provider that was away is no rare state that never came', () => {
  const unknown = { ...fail('checkout.confirm', 'PAYMENT_UNAVAILABLE'), type: 'unknown' } as Entry
  const history = [unknown, fail('checkout.start', 'PAYMENT_UNAVAILABLE')]
  const found = rareStates({ history, versions: [], ledger: [] }, new Map())
  const times = (wanted: string) => found.find(({ name }) => name === wanted)?.times
  expect(times('payments were not to be had')).toBe(2)
  expect(times('a write ended without an answer')).toBe(1)
})
