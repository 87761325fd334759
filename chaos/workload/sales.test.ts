import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ordered } from '../history/entry.ts'
import { History } from '../history/history.ts'
import { firstSaleAfter } from './progress.ts'
import { type Sale, Sales } from './sales.ts'

const [us, eu] = ['us-east1', 'europe-west1']
const who = { process: 'fan-1.0', actor: 'demo:fan-1', region: us }
const now = () => performance.timeOrigin + performance.now()

let folder = ''
let history: History
let sales: Sales
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontrow-sales-'))
  history = new History(join(folder, 'history.jsonl'))
  sales = new Sales(history)
  sales.knows({ id: 'evt_us', home: us })
  sales.knows({ id: 'evt_eu', home: eu })
})
afterEach(async () => {
  history.end()
  await rm(folder, { recursive: true, force: true })
})

const ask = (order: string) =>
  history.append({
    ...who,
    type: 'invoke',
    op: 'checkout.confirm',
    args: { order, key: 'key', card: 'pm_card_visa' },
  })
type Told = Pick<Ordered, 'order' | 'event'> & { readonly state?: Ordered['state'] }
const tell = (op: 'checkout.confirm' | 'checkout.status' | 'order.get', told: Told) => {
  const rest = { voidReason: null, units: [1], total: 1, currency: 'USD', version: 1, tickets: 1 }
  const result = { state: 'paid' as const, ...rest, ...told }
  history.append({ ...who, type: 'ok', of: 1, op, result })
}

describe('sales', () => {
  it('count an order once, when a buyer was told that it is paid', () => {
    ask('ord_1')
    tell('checkout.confirm', { order: 'ord_1', event: 'evt_us', state: 'pending' })
    expect(sales.paid).toEqual({})
    tell('checkout.status', { order: 'ord_1', event: 'evt_us' })
    tell('checkout.confirm', { order: 'ord_1', event: 'evt_us' })
    ask('ord_1')
    tell('checkout.confirm', { order: 'ord_1', event: 'evt_us' })
    expect(sales.paid).toEqual({ [us]: 1 })
  })

  it('are none when an old order is only read again', () => {
    tell('order.get', { order: 'ord_1', event: 'evt_us' })
    tell('checkout.status', { order: 'ord_1', event: 'evt_us' })
    expect(sales.paid).toEqual({})
  })

  it('belong to the moment at which they were asked for', () => {
    ask('ord_1')
    const at = now()
    tell('checkout.confirm', { order: 'ord_1', event: 'evt_us' })
    ask('ord_2')
    tell('checkout.confirm', { order: 'ord_2', event: 'evt_us' })
    expect(sales.since(at, us).map(({ order }) => order)).toEqual(['ord_2'])
    expect(sales.since(at, eu)).toEqual([])
  })
})

describe('progress', () => {
  it('is the first sale of each home that was asked for after the healing', async () => {
    ask('ord_before')
    const at = now()
    const progress = firstSaleAfter(sales, { at, homes: [us, eu], withinMs: 20_000 })
    tell('checkout.confirm', { order: 'ord_before', event: 'evt_us' })
    ask('ord_eu')
    tell('checkout.confirm', { order: 'ord_eu', event: 'evt_eu' })
    ask('ord_us')
    tell('checkout.confirm', { order: 'ord_us', event: 'evt_us' })
    const seconds = await progress
    const paidAt = (home: string) => sales.since(at, home)[0]?.paidAt ?? 0
    expect(seconds).toEqual({ [us]: (paidAt(us) - at) / 1000, [eu]: (paidAt(eu) - at) / 1000 })
    expect(now() - at).toBeLessThan(15_000)
  })

  it('is null where none came in time, and does not wait where all came before', async () => {
    const at = now()
    ask('ord_us')
    tell('checkout.confirm', { order: 'ord_us', event: 'evt_us' })
    const seconds = await firstSaleAfter(sales, { at, homes: [us, eu], withinMs: 50 })
    expect(seconds).toEqual({ [us]: expect.any(Number), [eu]: null })
    const [sale] = sales.since(at, us) as [Sale]
    const late = { at: sale.paidAt - 1_000, homes: [us], withinMs: 60_000 }
    expect(await firstSaleAfter({ since: () => [sale], onSale: () => () => true }, late)).toEqual({
      [us]: 1,
    })
  })
})
