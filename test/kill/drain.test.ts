/** SIGTERM in the middle of sales: told first, then finished, then gone; nothing acknowledged is lost. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { limits } from '../../server/platform/limits.ts'
import type { Acknowledged } from '../support/agreement.ts'
import { eventually } from '../support/eventually.ts'
import type { Watch } from '../support/tcp-proxy.ts'
import type { Link } from './links.ts'
import { openProcessSystem, type ProcessSystem } from './process-system.ts'
import { buyOnce } from './purchase.ts'

const drainDelayMs = 3_000
const fans = 12

it('a server that is told to stop finishes what it has begun', { timeout: 120_000 }, async () => {
  const pause = new PaymentPause()
  const settings = { DRAIN_DELAY_MS: String(drainDelayMs) }
  await using system = await openProcessSystem({ book: 'sql', settings, watch: pause.watch })
  const sales = await sellUpToPayment(system, pause)
  const { server } = system.lives
  server.signal('SIGTERM')
  const listening = () => answer(`${server.url}/readyz`)
  await eventually(async () => (await listening()) === '503 draining', {
    what: 'the server says that it drains',
  })
  await eventually(async () => (await listening()) === 'refused', {
    what: 'the server takes no new calls',
  })
  expect(server.hasEnded()).toBe(false)
  pause.letGo()
  const acknowledged = await Promise.all(sales)
  await eventually(() => server.hasEnded(), {
    what: 'the server has ended within its time',
    timeoutMs: drainDelayMs + limits.drainMs,
  })
  expect(await server.exited, server.output()).toEqual({ code: 0, signal: null })
  await system.lives.start()
  await system.settle()
  expect(acknowledged).toHaveLength(fans)
  expect(await system.faults(acknowledged)).toEqual([])
})

/** Keeps every card's authorization waiting for its answer until it lets go. */
class PaymentPause {
  waiting = 0
  letGo: () => void = () => undefined
  readonly #gone = new Promise<void>((resolve) => {
    this.letGo = resolve
  })

  readonly watch = (link: Link): Watch => ({
    before: () => undefined,
    after: ({ label }) => {
      if (link !== 'stripe' || !label.endsWith('/confirm')) return undefined
      this.waiting += 1
      return this.#gone
    },
  })
}

/** Sales that all wait for the answer of the payment provider. */
async function sellUpToPayment(
  system: ProcessSystem,
  pause: PaymentPause,
): Promise<Promise<Acknowledged>[]> {
  const event = await system.newEvent()
  const shoppers = await Promise.all(
    Array.from({ length: fans }, (_, index) => system.fan(`fan-${index}`)),
  )
  const sales = shoppers.map((fan, index) => {
    const seats = { kind: 'units' as const, units: [index * 3] }
    return buyOnce(fan, { event, key: randomUUID(), seats, paymentMethod: 'pm_card_visa' })
  })
  for (const sale of sales) sale.catch(() => undefined)
  await eventually(() => pause.waiting === fans, { what: 'all sales are at their payment' })
  return sales
}

async function answer(url: string): Promise<string> {
  try {
    const response = await fetch(url)
    const { status } = (await response.json()) as { status: string }
    return `${response.status} ${status}`
  } catch {
    return 'refused'
  }
}
