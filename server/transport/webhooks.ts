/**
 * Stripe's webhooks. Verified over the raw bytes, answered at once, and only a nudge: the order
 * that an event speaks of is settled by asking Stripe, so that a webhook may come twice, late, in
 * any order or never.
 */
import type { FastifyInstance } from 'fastify'
import type { Services } from '../application/services.ts'
import type { OrderId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { blockRefusal } from './call-limits.ts'
import { addressOf } from './client-address.ts'
import { plainRefusal } from './plain-refusal.ts'

export type StripeWebhook = {
  /** @returns the order of the event, or null; throws when the signature does not verify */
  readonly verify: (body: Buffer, signature: string) => OrderId | null
  /** Settles the order soon. Bounded: a nudge that does not fit is dropped. */
  readonly settleSoon: (order: OrderId) => void
}

type WebhookOptions = { readonly services: Services; readonly webhook: StripeWebhook }

export async function webhookRoutes(
  app: FastifyInstance,
  { services, webhook }: WebhookOptions,
): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  )
  const route = { bodyLimit: limits.bodyBytesMax, config: { access: { kind: 'webhook' } } } as const
  app.post('/webhooks/stripe', route, (request, reply) => {
    // What Stripe signed is never counted; what only says so is, by where it comes from.
    const forged = (text: string) => {
      const refused = blockRefusal(services, addressOf(request), 1)
      if (refused !== null) throw refused
      return reply.status(400).send(plainRefusal('BAD_INPUT', text))
    }
    const signature = request.headers['stripe-signature']
    if (typeof signature !== 'string' || !Buffer.isBuffer(request.body)) {
      return forged('This is no signed event.')
    }
    const order = verified(webhook, request.body, signature)
    if (order === undefined) return forged('The signature does not verify.')
    if (order !== null) webhook.settleSoon(order)
    return reply.status(200).send({ received: true })
  })
}

function verified(webhook: StripeWebhook, body: Buffer, signature: string) {
  try {
    return webhook.verify(body, signature)
  } catch {
    return undefined
  }
}
