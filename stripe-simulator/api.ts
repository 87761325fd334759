/**
 * The way of one API request, in Stripe's order: who calls, which endpoint, faults of the transport,
 * idempotency, parameters, execution. An answer is text only at the very end.
 */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, answerText, errorAnswer } from './answer.ts'
import { ApiError, invalidRequest } from './api-error.ts'
import { authenticateCaller } from './authenticate-caller.ts'
import type { Execute } from './endpoint.ts'
import { executionFaults, type FaultWish, transportFaults } from './fault-book.ts'
import { FormBodyError, type FormFields, parseFormBody } from './form-body.ts'
import { checkKey, type KeyUse } from './idempotency-keys.ts'
import { newId } from './identifiers.ts'
import { limits } from './limits.ts'
import { apiVersion } from './render.ts'
import type { Route, Router } from './router.ts'
import type { WireHeaders, WireRequest, WireResponse } from './wire.ts'
import { serverError, type World } from './world.ts'

export interface ApiDeps {
  readonly world: World
  readonly router: Router
}

/** What is known of a request before it is executed. */
interface Incoming {
  readonly request: WireRequest
  readonly route: Route
  readonly requestId: string
  readonly key: KeyUse | undefined
}

interface Given {
  readonly answer: Answer
  readonly headers: WireHeaders
}

export async function handleApi(deps: ApiDeps, request: WireRequest): Promise<WireResponse> {
  const requestId = newId('req_')
  try {
    authenticateCaller(header(request, 'authorization'))
    const route = findRoute(deps.router, request)
    const key = keyUse(request)
    const fault = deps.world.faults.draw(transportFaults, request.method, request.path)
    return await withFault(deps, { request, route, requestId, key }, fault)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return send(deps, { answer: errorAnswer(error), headers: baseHeaders(requestId) })
  }
}

async function withFault(
  deps: ApiDeps,
  incoming: Incoming,
  fault: FaultWish | undefined,
): Promise<WireResponse> {
  const closeAfterMs = fault?.delayMs ?? limits.hangMs
  switch (fault?.kind) {
    case 'rate_limit':
      throw rateLimited()
    case 'timeout_before':
      return { kind: 'hang', closeAfterMs }
    case 'connection_reset':
      return { kind: 'reset' }
    case 'timeout_after_success':
      give(deps, incoming)
      return { kind: 'hang', closeAfterMs }
    case 'connection_reset_after_success':
      give(deps, incoming)
      return { kind: 'reset' }
    case 'slow':
      return send(deps, await giveSlowly(deps, incoming, fault.delayMs ?? limits.webhookDelayMs))
    default:
      return send(deps, give(deps, incoming))
  }
}

/** While it works, a twin with the same key is refused. */
async function giveSlowly(deps: ApiDeps, incoming: Incoming, delayMs: number): Promise<Given> {
  const { keys, clock } = deps.world
  const { key } = incoming
  if (key === undefined || keys.find(key, clock.nowMs()) !== undefined) {
    await delay(delayMs)
    return give(deps, incoming)
  }
  keys.lock(key.id)
  try {
    await delay(delayMs)
  } finally {
    keys.release(key.id)
  }
  return give(deps, incoming)
}

/** The kept answer, or that of executing now. */
function give(deps: ApiDeps, incoming: Incoming): Given {
  const { world } = deps
  const { key, requestId } = incoming
  const kept = key && world.keys.find(key, world.clock.nowMs())
  if (kept) {
    const headers = {
      ...baseHeaders(requestId),
      'idempotency-key': kept.id,
      'idempotent-replayed': 'true',
      'original-request': kept.requestId,
      ...retryAdvice(kept.answer),
    }
    return { answer: kept.answer, headers }
  }
  const answer = executeNow(deps, incoming)
  const keyHeaders = key && { 'idempotency-key': key.id, 'original-request': requestId }
  return { answer, headers: { ...baseHeaders(requestId), ...keyHeaders, ...retryAdvice(answer) } }
}

function executeNow({ world }: ApiDeps, { request, route, requestId, key }: Incoming): Answer {
  const run: Execute = route.endpoint.prepare({ fields: readFields(request), id: route.id })
  const fault = world.faults.draw(executionFaults, request.method, request.path)
  switch (fault?.kind) {
    case 'error_500':
      return world.answerOnly(serverError(), { requestId, key })
    case 'error_500_after_success':
      return world.execute(run, { requestId, key, answerInstead: serverError() })
    default:
      return world.execute(run, { requestId, key })
  }
}

function readFields({ method, query, body }: WireRequest): FormFields {
  try {
    return parseFormBody(method === 'GET' ? query : body)
  } catch (error) {
    if (error instanceof FormBodyError) throw invalidRequest(`Invalid request: ${error.message}.`)
    throw error
  }
}

function findRoute(router: Router, { method, path }: WireRequest): Route {
  const route = router.find(method, path)
  if (route) return route
  const message = `Unrecognized request URL (${method}: ${path}). The simulator speaks only the part of the API that its README lists.`
  throw new ApiError(404, { type: 'invalid_request_error', message })
}

/** Keys count for POSTs only. */
function keyUse(request: WireRequest): KeyUse | undefined {
  if (request.method !== 'POST') return undefined
  const id = checkKey(header(request, 'idempotency-key'))
  return id === undefined
    ? undefined
    : { id, path: request.path, fingerprint: digest(request.body) }
}

/** The same parameters in another order are the same parameters. */
function digest(body: string): string {
  return createHash('sha1').update(body.split('&').sort().join('&')).digest('base64')
}

function header({ headers }: WireRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function baseHeaders(requestId: string): WireHeaders {
  return {
    'content-type': 'application/json',
    'request-id': requestId,
    'stripe-version': apiVersion,
  }
}

/** A kept 500 would only be replayed, so Stripe tells the SDK not to try. */
function retryAdvice(answer: Answer): WireHeaders {
  return answer.status >= 500 ? { 'stripe-should-retry': 'false' } : {}
}

function send({ world }: ApiDeps, { answer, headers }: Given): WireResponse {
  const body = answerText(answer, world.render)
  return { kind: 'send', status: answer.status, headers, body }
}

function rateLimited(): ApiError {
  return new ApiError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message:
      'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
  })
}
