/**
 * Payments through Stripe's own SDK, manual capture. Card data never comes here. The SDK's own
 * retries are off: one layer retries, and it is ours.
 *
 * Stripe keeps the answer of a key, 500s included, so that a key which has answered 500 is dead:
 * only then, and only after a read has shown that nothing was authorized, the next key is used.
 * When all are dead, the moment makes one: a wish outlives any outage, however often it was repeated.
 * https://docs.stripe.com/api/idempotent_requests
 */
import Stripe from 'stripe'
import type { Intent, IntentStatus, PaymentGateway } from '../domain/payment.ts'
import {
  CardUnknownError,
  PaymentKeyReusedError,
  PaymentRejectedError,
  PaymentUnavailableError,
} from '../domain/payment-failure.ts'
import { present, unreachable } from '../platform/assert.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { derivedSuffix, idPatterns, type OrderId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { type OutboundExchange, observedClient } from './observed-client.ts'

export type StripeOptions = {
  readonly secretKey: string
  /** Where Stripe's API is spoken, when it is not Stripe: the simulator's address. */
  readonly apiUrl?: string
  /** How long one call may take; limits.stripeTimeoutMs unless told. */
  readonly timeoutMs?: number
  /** One request that was answered, or was not, and how long it took. */
  readonly outbound?: (facts: OutboundExchange) => void
}

/** The same for each repetition of a wish; each may be spent by a stored 500. */
const lastingKeys = 3

export function openStripe(options: StripeOptions): Stripe {
  const url = options.apiUrl === undefined ? null : new URL(options.apiUrl)
  return new Stripe(options.secretKey, {
    maxNetworkRetries: 0,
    timeout: options.timeoutMs ?? limits.stripeTimeoutMs,
    telemetry: false,
    httpClient: observedClient(Stripe.createNodeHttpClient(), options.outbound),
    ...(url
      ? {
          host: url.hostname,
          port: url.port || (url.protocol === 'https:' ? '443' : '80'),
          protocol: url.protocol === 'https:' ? ('https' as const) : ('http' as const),
        }
      : {}),
  })
}

type Ticking = Pick<Clock, 'nowMs'>

/** @param returnUrl where Stripe sends a fan back to after 3-D Secure */
export function stripeGateway(
  stripe: Stripe,
  returnUrl: string,
  clock: Ticking = systemClock,
): PaymentGateway {
  const retrieve = (id: string) => answer(() => read(stripe, id))
  return {
    create: ({ id, total }) =>
      withFreshKeys({ base: `${id}:create`, clock }, (idempotencyKey) =>
        answer(() =>
          stripe.paymentIntents.create(
            {
              amount: total.amount,
              currency: total.currency.toLowerCase(),
              capture_method: 'manual',
              allowed_payment_method_types: ['card'],
              metadata: { order: id },
            },
            { idempotencyKey },
          ),
        ),
      ),
    retrieve,
    confirm: (attempt) => confirm({ stripe, returnUrl, clock }, attempt),
    capture: (id) => settleOnce(stripe, id, () => stripe.paymentIntents.capture(id)),
    cancel: (id) => settleOnce(stripe, id, () => stripe.paymentIntents.cancel(id)),
  }
}

/** With its charge, which alone knows that its money was given back. */
function read(stripe: Stripe, id: string): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })
}

type ConfirmAttempt = Parameters<PaymentGateway['confirm']>[0]

type Confirming = {
  readonly stripe: Stripe
  readonly returnUrl: string
  readonly clock: Ticking
}

async function confirm(
  { stripe, returnUrl, clock }: Confirming,
  attempt: ConfirmAttempt,
): Promise<Intent> {
  const { intentId, paymentMethod, key } = attempt
  const send = (idempotencyKey: string) =>
    stripe.paymentIntents.confirm(
      intentId,
      { payment_method: paymentMethod, return_url: returnUrl },
      { idempotencyKey },
    )
  // A caller's key may have all the characters that Stripe allows: there is no room for a prefix.
  const base = `${intentId}:confirm:${derivedSuffix([key])}`
  return withFreshKeys({ base, clock }, async (idempotencyKey) => {
    try {
      return await answer(() => send(idempotencyKey))
    } catch (cause) {
      if (cause instanceof PaymentKeyReusedError) throw cause
      // Whatever went wrong on the way: what counts is what the intent has become.
      const intent = await answer(() => read(stripe, intentId))
      if (intent.status === 'needs-card') throw cause
      return intent
    }
  })
}

type Wish = { readonly base: string; readonly clock: Ticking }

/**
 * Runs `send` under a key; a key that is spent by a stored 500 is followed by the next one, and the
 * last of them by one of the moment: it would be refused for as long as Stripe keeps its answers,
 * which is longer than any reservation.
 */
async function withFreshKeys(
  { base, clock }: Wish,
  send: (idempotencyKey: string) => Promise<Intent>,
): Promise<Intent> {
  for (let attempt = 0; attempt < lastingKeys; attempt += 1) {
    try {
      return await send(`${base}:${attempt}`)
    } catch (cause) {
      if (!(cause instanceof SpentKeyError)) throw cause
    }
  }
  return send(`${base}:at:${Math.floor(clock.nowMs() / limits.paymentKeyPeriodMs)}`)
}

/** Capture and cancel need no key: doing them twice is refused, and then the intent tells. */
async function settleOnce(
  stripe: Stripe,
  id: string,
  send: () => Promise<Stripe.PaymentIntent>,
): Promise<Intent> {
  try {
    return intentFrom(await send())
  } catch (cause) {
    const unexpected =
      cause instanceof Stripe.errors.StripeInvalidRequestError &&
      cause.code === 'payment_intent_unexpected_state'
    if (!unexpected) throw failureFrom(cause)
    return answer(() => read(stripe, id))
  }
}

async function answer(send: () => Promise<Stripe.PaymentIntent>): Promise<Intent> {
  try {
    return intentFrom(await send())
  } catch (cause) {
    if (cause instanceof Stripe.errors.StripeCardError && cause.payment_intent) {
      const intent = intentFrom(cause.payment_intent)
      return { ...intent, declineCode: cause.decline_code ?? cause.code ?? 'card_declined' }
    }
    throw failureFrom(cause)
  }
}

/** The key has a stored 5xx: the same key will answer it for ever. */
class SpentKeyError extends PaymentUnavailableError {}

function failureFrom(cause: unknown): Error {
  if (cause instanceof Stripe.errors.StripeAPIError && (cause.statusCode ?? 0) >= 500) {
    return new SpentKeyError('the payment provider failed', { cause })
  }
  if (
    cause instanceof Stripe.errors.StripeIdempotencyError &&
    cause.code !== 'idempotency_key_in_use'
  ) {
    return new PaymentKeyReusedError('the key was used for something else', { cause })
  }
  if (
    cause instanceof Stripe.errors.StripeInvalidRequestError &&
    cause.param === 'payment_method'
  ) {
    return new CardUnknownError('the payment provider knows no such card', { cause })
  }
  if (
    cause instanceof Stripe.errors.StripeInvalidRequestError ||
    cause instanceof Stripe.errors.StripeAuthenticationError ||
    cause instanceof Stripe.errors.StripePermissionError
  ) {
    return new PaymentRejectedError('the payment provider rejected our request', { cause })
  }
  return new PaymentUnavailableError('no answer from the payment provider', { cause })
}

export function intentFrom(intent: Stripe.PaymentIntent): Intent {
  return {
    id: intent.id,
    status: isRefunded(intent) ? 'canceled' : statusFrom(intent.status),
    order: (intent.metadata['order'] ?? null) as OrderId | null,
    amount: { amount: intent.amount, currency: intent.currency.toUpperCase() },
    clientSecret: intent.client_secret,
    actionUrl: intent.next_action?.redirect_to_url?.url ?? null,
    declineCode: intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code ?? null,
  }
}

/** All of it: such an intent stays `succeeded`, and pays for nothing any more. */
function isRefunded({ latest_charge: charge }: Stripe.PaymentIntent): boolean {
  return typeof charge === 'object' && charge?.refunded === true
}

function statusFrom(status: Stripe.PaymentIntent.Status): IntentStatus {
  switch (status) {
    case 'requires_payment_method':
    case 'requires_confirmation':
      return 'needs-card'
    case 'requires_action':
      return 'needs-action'
    case 'processing':
      return 'processing'
    case 'requires_capture':
      return 'authorized'
    case 'succeeded':
      return 'captured'
    case 'canceled':
      return 'canceled'
    default:
      return unreachable(present(status, 'status') as never)
  }
}

/** What changes an order; everything else that Stripe tells is read where it is needed. */
const settlingEvents = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.succeeded',
])

/** The order that a verified webhook is about, or null when it needs nothing of us. */
export function orderOfWebhook(
  stripe: Stripe,
  delivery: { readonly body: Buffer; readonly signature: string; readonly secret: string },
): OrderId | null {
  const event = stripe.webhooks.constructEvent(delivery.body, delivery.signature, delivery.secret)
  if (!settlingEvents.has(event.type)) return null
  // Rightly signed is not well-formed: an account may have senders of events besides us.
  const object = event.data.object as {
    readonly metadata?: { readonly order?: unknown } | null
  } | null
  const order = object?.metadata?.order
  return typeof order === 'string' && idPatterns.ord.test(order) ? (order as OrderId) : null
}
