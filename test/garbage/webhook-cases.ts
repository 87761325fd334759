/**
 * Webhooks that nobody sent, or that were sent for somebody else: signed wrongly, and signed rightly
 * about what makes no sense. The first are refused; neither changes anything.
 */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { webhookSecret } from '../support/sale-system.ts'
import type { Ground } from './ground.ts'
import type { Request } from './send.ts'

export type WebhookCase = {
  readonly kind: 'webhook'
  readonly how: string
  readonly event: string
  readonly order: number
  readonly pick: number
}

const settling = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.succeeded',
]

type Facts = { readonly type: string; readonly order: unknown }

const intent = ({ order }: Facts) => ({
  id: 'pi_forged',
  object: 'payment_intent',
  amount: 1,
  status: 'succeeded',
  metadata: { order },
})

const event = (facts: Facts, object: unknown = intent(facts)) => ({
  id: 'evt_forged',
  object: 'event',
  api_version: '2020-08-27',
  created: 1_700_000_000,
  livemode: false,
  pending_webhooks: 1,
  type: facts.type,
  data: { object },
})

const events: Readonly<Record<string, (facts: Facts) => string>> = {
  'an event': (facts) => JSON.stringify(event(facts)),
  'a live event': (facts) => JSON.stringify({ ...event(facts), livemode: true }),
  'of another account': (facts) => JSON.stringify({ ...event(facts), account: 'acct_other' }),
  'of another kind': (facts) => JSON.stringify(event({ ...facts, type: 'charge.dispute.created' })),
  'of no kind': (facts) => JSON.stringify({ ...event(facts), type: null }),
  'without an object': (facts) => JSON.stringify(event(facts, null)),
  'about a number': (facts) => JSON.stringify(event(facts, 5)),
  'about a list': (facts) => JSON.stringify(event(facts, [intent(facts)])),
  'without data': (facts) => JSON.stringify({ ...event(facts), data: undefined }),
  'without metadata': (facts) => JSON.stringify(event(facts, { id: 'pi_forged' })),
  'with metadata of another type': (facts) =>
    JSON.stringify(event(facts, { ...intent(facts), metadata: 'order' })),
  'that is a batch': (facts) => JSON.stringify([event(facts), event(facts)]),
  'that is null': () => 'null',
  'that is empty': () => '',
  'that is no JSON': () => '{"type":',
  'with a prototype': (facts) =>
    JSON.stringify(event(facts)).replace('"data"', '"__proto__":{"type":"x"},"data"'),
  'that is huge': (facts) => JSON.stringify({ ...event(facts), padding: 'x'.repeat(300_000) }),
  'that is deep': (facts) =>
    JSON.stringify(event(facts)).replace('"pi_forged"', `${'['.repeat(9_000)}${']'.repeat(9_000)}`),
}

const sign = (body: string, seconds: number, secret = webhookSecret) =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')

type Signer = (body: string, nowSeconds: number) => Readonly<Record<string, string | string[]>>

const right: Signer = (body, now) => ({ 'stripe-signature': `t=${now},v1=${sign(body, now)}` })

const signers: Readonly<Record<string, Signer>> = {
  'by the right secret': right,
  'by another secret': (body, now) => ({
    'stripe-signature': `t=${now},v1=${sign(body, now, 'whsec_other')}`,
  }),
  'by no secret': (body, now) => ({ 'stripe-signature': `t=${now},v1=${sign(body, now, '')}` }),
  'six minutes ago': (body, now) => right(body, now - 360),
  'for another time': (body, now) => ({ 'stripe-signature': `t=${now},v1=${sign(body, now - 1)}` }),
  'for the same in other words': (body, now) => right(reworded(body), now),
  'in an old way': (body, now) => ({ 'stripe-signature': `t=${now},v0=${sign(body, now)}` }),
  'without a time': (body, now) => ({ 'stripe-signature': `v1=${sign(body, now)}` }),
  'at no time': (body, now) => ({ 'stripe-signature': `t=NaN,v1=${sign(body, now)}` }),
  'before all times': (body) => ({ 'stripe-signature': `t=-1,v1=${sign(body, -1)}` }),
  'with half a signature': (body, now) => ({
    'stripe-signature': `t=${now},v1=${sign(body, now).slice(0, 32)}`,
  }),
  'in capitals': (body, now) => ({
    'stripe-signature': `t=${now},v1=${sign(body, now).toUpperCase()}`,
  }),
  'many times': (body, now) => ({
    'stripe-signature': `t=${now}${`,v1=${sign(body, now, 'x')}`.repeat(100)}`,
  }),
  'in two lines': (body, now) => ({
    'stripe-signature': [`t=${now}`, `v1=${sign(body, now, 'x')}`],
  }),
  'by nothing': () => ({ 'stripe-signature': '' }),
  'not at all': () => ({}),
  'by commas': () => ({ 'stripe-signature': ',=,t=,v1=' }),
  'at length': () => ({ 'stripe-signature': `t=1,v1=${'a'.repeat(9_000)}` }),
}

function reworded(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 1)
  } catch {
    return `${body} `
  }
}

export const webhookCases: fc.Arbitrary<WebhookCase> = fc.record({
  kind: fc.constant('webhook' as const),
  how: fc.oneof(fc.constant('by the right secret'), fc.constantFrom(...Object.keys(signers))),
  event: fc.constantFrom(...Object.keys(events)),
  order: fc.nat(100),
  pick: fc.nat(100),
})

export function prepareWebhook(
  wish: WebhookCase,
  ground: Ground,
): { readonly request: Request; readonly mustFail: boolean } {
  const orders: readonly unknown[] = [
    ...(ground.known.ids['ord'] ?? []),
    ...(ground.known.ids['evt'] ?? []),
    '',
    '\0',
    '__proto__',
    "' or 1=1 --",
    'x'.repeat(100_000),
    7,
    null,
    {},
    [],
    ['ord'],
    { toString: 1 },
  ]
  const type = settling[wish.pick % settling.length] ?? ''
  const facts = { type, order: orders[wish.order % orders.length] }
  const body = events[wish.event]?.(facts) ?? ''
  const signed = signers[wish.how]?.(body, Math.floor(Date.now() / 1000)) ?? {}
  const headers = { 'content-type': 'application/json', ...signed }
  const request = { method: 'POST', path: '/webhooks/stripe', headers, body: Buffer.from(body) }
  return { request, mustFail: wish.how !== 'by the right secret' }
}
