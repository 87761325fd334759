/**
 * What the simulator's tests share: Stripe's SDK pointed at it, calls of the control API, a webhook
 * receiver that remembers everything, and a wait that polls a condition.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import Stripe from 'stripe'

const pollMs = 5
const eventuallyMs = 10_000

export interface Address {
  readonly url: string
  readonly host: string
  readonly port: number
}

/** The SDK does not retry by itself here, so that tests see each answer. */
export function connectStripe({ host, port }: Omit<Address, 'url'>, key = 'sk_test_x'): Stripe {
  return new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
}

/** Waits until the condition holds; fails with its description when it never does. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + eventuallyMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Never happened: ${what}`)
    await delay(pollMs)
  }
}

/** The error that a call is refused with; a call that is not refused fails the test. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('The call was not refused')
}

/** The id of an intent's latest charge, which must be there. */
export function chargeOf({ latest_charge: charge }: Stripe.PaymentIntent): string {
  if (typeof charge !== 'string') throw new Error('The intent has no charge id')
  return charge
}

/** Any JSON object. */
export type Body = Record<string, unknown>

/** POST when there is a body, else GET. */
export async function control({ url }: Pick<Address, 'url'>, path: string, body?: object) {
  const response = await fetch(`${url}/_simulator/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await response.json()) as Body
}

export interface Received {
  readonly payload: string
  readonly signature: string
  readonly type: string
  readonly id: string
}

export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = []
  /** Statuses to answer with, first to last; then 200. */
  readonly statuses: number[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer()
    const receiver = new WebhookReceiver(server)
    server.on('request', (request, response) => {
      let payload = ''
      request.setEncoding('utf8')
      request.on('data', (chunk: string) => {
        payload += chunk
      })
      request.on('end', () => {
        const { type, id } = JSON.parse(payload) as { type: string; id: string }
        const signature = String(request.headers['stripe-signature'])
        receiver.received.push({ payload, signature, type, id })
        response.writeHead(receiver.statuses.shift() ?? 200).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/webhooks`
  }

  get types(): string[] {
    return this.received.map(({ type }) => type)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve)
      this.#server.closeAllConnections()
    })
  }
}
