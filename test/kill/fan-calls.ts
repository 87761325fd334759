/** Where a racing client buys: the use-cases of a second server in this process, or HTTP. */
import { createClient, FrontrowError } from '../../client/index.ts'
import { confirmPayment } from '../../server/application/confirm-payment.ts'
import { releaseHold } from '../../server/application/manage-hold.ts'
import { placeHold } from '../../server/application/place-hold.ts'
import type { Services } from '../../server/application/services.ts'
import { startCheckout } from '../../server/application/start-checkout.ts'
import type { Person } from '../../server/domain/access.ts'
import { unitsOf } from '../../server/domain/order.ts'
import type { EventId, OrderId } from '../../server/platform/ids.ts'
import { refusalOf } from '../../server/transport/errors.ts'

const paymentMethod = 'pm_card_visa'

export type Held = { readonly id: string; readonly token: string }
export type Bought = { readonly id: string; readonly state: string; readonly units: number[] }

/** The calls of one fan. */
export type FanCalls = {
  readonly hold: (event: string, key: string, units: number[]) => Promise<Held>
  readonly release: (event: string, hold: string) => Promise<unknown>
  readonly start: (token: string) => Promise<Bought>
  readonly pay: (order: string, key: string) => Promise<Bought>
  /** The code of the refusal that a call ended in; null for a fault. */
  readonly refusal: (cause: unknown) => string | null
}

export function callsInProcess(services: Services, buyer: string): FanCalls {
  const caller: Person = { kind: 'person', id: buyer, session: null }
  return {
    hold: async (event, key, units) => {
      const seats = { kind: 'units' as const, units }
      const { hold, token } = await placeHold(services, caller, {
        event: event as EventId,
        key,
        seats,
      })
      return { id: hold.id, token }
    },
    release: (event, hold) =>
      releaseHold(services, caller, { event: event as EventId, hold: hold as OrderId }),
    start: async (holdToken) => {
      const { order } = (await startCheckout(services, caller, { holdToken })).record
      return { id: order.id, state: order.state, units: unitsOf(order) }
    },
    pay: async (id, key) => {
      const wish = { order: id as OrderId, key, paymentMethod }
      const { order } = (await confirmPayment(services, caller, wish)).record
      return { id: order.id, state: order.state, units: unitsOf(order) }
    },
    refusal: (cause) => refusalOf(cause)?.code ?? null,
  }
}

export function callsOverHttp(url: string, token: string): FanCalls {
  const client = createClient({ endpoints: [url], token })
  const bought = ({ order }: Awaited<ReturnType<typeof client.checkout.start.mutate>>) => ({
    id: order.id,
    state: order.state,
    units: order.lines.map(({ unit }) => unit),
  })
  return {
    hold: async (event, key, units) => {
      const seats = { kind: 'units' as const, units }
      const { id, token: holdToken } = await client.holds.place.mutate({ event, key, seats })
      return { id, token: holdToken }
    },
    release: (event, hold) => client.holds.release.mutate({ event, hold }),
    start: async (holdToken) => bought(await client.checkout.start.mutate({ holdToken })),
    pay: async (order, key) =>
      bought(await client.checkout.confirm.mutate({ order, key, paymentMethod })),
    refusal: (cause) =>
      cause instanceof FrontrowError && cause.code !== 'INTERNAL' ? cause.code : null,
  }
}
