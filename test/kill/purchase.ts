/** A purchase that is repeated with its key until somebody answers: what a patient fan does. */
import { FrontrowError, type RefusalCode } from '../../client/index.ts'
import type { Acknowledged } from '../support/agreement.ts'
import type { Fan, ProcessSystem } from './process-system.ts'

const withinMs = 90_000

export type Wish = Parameters<Fan['client']['buy']>[0]

/**
 * @returns the order that the fan was told is paid
 * @throws FrontrowError a final refusal; Error when no answer came in a minute and a half
 */
export async function buyUntilAnswered(
  system: Pick<ProcessSystem, 'lives'>,
  fan: Fan,
  wish: Wish,
): Promise<Acknowledged> {
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      await system.lives.up()
      return await buyOnce(fan, wish)
    } catch (cause) {
      if (!mayRepeat(cause) || performance.now() > deadline) throw cause
    }
  }
}

/** @throws FrontrowError also when the answer was lost */
export async function buyOnce({ client }: Fan, wish: Wish): Promise<Acknowledged> {
  const { order } = await client.buy(wish)
  if (order.state !== 'paid') throw new Error(`${order.id} is ${order.state}`)
  return { order: order.id, units: order.lines.map(({ unit }) => unit) }
}

function mayRepeat(cause: unknown): boolean {
  if (!(cause instanceof FrontrowError)) return false
  return cause.transient || cause.outcome === 'unknown'
}

/** What a fan must expect where many want the same: another wish may do better. */
const ordinary: ReadonlySet<string> = new Set<RefusalCode>([
  'SEATS_TAKEN',
  'SOLD_OUT',
  'NOT_TOGETHER',
  'HOLD_EXPIRED',
])

export function isOrdinaryRefusal(cause: unknown): boolean {
  return cause instanceof FrontrowError && ordinary.has(cause.code)
}
