/**
 * The 3-D Secure page: what the bank of a test card would show. A person approves or refuses, and
 * is sent back to the return_url with the parameters that Stripe adds. The client secret in the
 * address is the permission to see it.
 */
import { answerText } from './answer.ts'
import { authenticationSchema, ControlError, readBody } from './control-input.ts'
import { parseFormBody } from './form-body.ts'
import { authenticateIntent } from './intents.ts'
import { moneyText } from './money-text.ts'
import type { IntentRecord } from './records.ts'
import type { WireRequest, WireResponse } from './wire.ts'
import type { World } from './world.ts'

export function handleAuthenticationPage(
  world: World,
  request: WireRequest,
  id: string,
): WireResponse {
  const intent = world.store.intents.get(id)
  if (
    intent === undefined ||
    parseFormBody(request.query)['client_secret'] !== intent.clientSecret
  ) {
    throw new ControlError(404, 'There is no such authentication.')
  }
  if (request.method === 'GET') return html(200, page(intent))
  const { outcome } = readBody(authenticationSchema, request.body)
  if (intent.status !== 'requires_action') return html(409, page(intent))
  const answer = world.execute(
    (unit) => ({
      kind: 'record',
      status: 200,
      record: authenticateIntent(unit, intent, outcome === 'approve'),
    }),
    { requestId: null },
  )
  const decided = world.store.intents.get(id) ?? intent
  if (answer.status !== 200) return html(answer.status, answerText(answer, world.render))
  return decided.returnUrl === null ? html(200, page(decided)) : goBack(decided, decided.returnUrl)
}

function goBack(intent: IntentRecord, returnUrl: string): WireResponse {
  const failed = intent.status === 'requires_payment_method'
  const location = new URL(returnUrl)
  location.searchParams.set('payment_intent', intent.id)
  location.searchParams.set('payment_intent_client_secret', intent.clientSecret)
  location.searchParams.set('redirect_status', failed ? 'failed' : 'succeeded')
  return { kind: 'send', status: 303, headers: { location: location.href }, body: '' }
}

function page(intent: IntentRecord): string {
  const amount = escapeHtml(moneyText(intent.amount, intent.currency))
  const what = intent.description ? ` for ${escapeHtml(intent.description)}` : ''
  const body =
    intent.status === 'requires_action'
      ? `<p>Your bank asks: do you want to pay <strong>${amount}</strong>${what}?</p>
<form method="post">
<button name="outcome" value="approve">Approve</button>
<button name="outcome" value="refuse">Refuse</button>
</form>`
      : `<p>Nothing to decide: this payment of ${amount} is now <strong>${intent.status}</strong>.</p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>3-D Secure test page</title>
<style>body{font:18px/1.5 system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem;margin-right:1rem}</style>
</head><body><h1>3-D Secure test page</h1>
${body}
<p><small>A page of the Stripe simulator. No money moves.</small></p></body></html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function html(status: number, body: string): WireResponse {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  }
  return { kind: 'send', status, headers, body }
}
