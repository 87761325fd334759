/**
 * Plain routes by everybody: a public one answers all alike, whatever they show; a webhook believes
 * the right signature of the very body and nothing else; a door for servers of regions lets nobody
 * else so far that the body is looked at.
 */
import { createHmac } from 'node:crypto'
import { systemClock } from '../../server/platform/clock.ts'
import type { DeclaredRoute } from '../../server/transport/declared-routes.ts'
import { httpServer } from '../../server/transport/http-server.ts'
import { anyPart } from '../garbage/routes.ts'
import { webhookSecret } from '../support/sale-system.ts'
import { always, type Show } from './ask.ts'
import { regionServer } from './callers.ts'

type RouteCaller = {
  readonly name: string
  readonly show: Show
  readonly signs?: true
}

export function everyCallerOfRoutes(callers: readonly RouteCaller[]): RouteCaller[] {
  return [
    ...callers,
    { name: 'a stranger', show: always({}) },
    { name: 'a forger', show: signing('whsec_of_somebody_else') },
    { name: 'the payment provider', show: signing(webhookSecret), signs: true },
  ]
}

function signing(secret: string): Show {
  return async ({ body }) => {
    const seconds = Math.floor(Date.now() / 1000)
    const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
    return { 'stripe-signature': `t=${seconds},v1=${mac}` }
  }
}

/** About nothing of ours: believed, it changes nothing. */
const event = JSON.stringify({
  id: 'evt_matrix',
  object: 'event',
  type: 'payment_intent.succeeded',
  data: { object: { id: 'pi_matrix', object: 'payment_intent', metadata: {} } },
})

/** One line for each answer that is not what the route declares. */
export async function routeFaults(
  url: string,
  callers: readonly RouteCaller[],
  route: DeclaredRoute,
): Promise<string[]> {
  const { method, access } = route
  const answers = callers.map(async ({ name, show, signs }) => {
    const body = method === 'POST' ? event : ''
    const proof = await show({ method, url: route.url, body })
    const response = await fetch(`${url}${route.url}`, {
      method,
      headers: { ...proof, ...(body === '' ? {} : { 'content-type': 'application/json' }) },
      ...(body === '' ? {} : { body }),
    })
    await response.arrayBuffer()
    return { name, signs: signs === true, status: response.status }
  })
  const got = await Promise.all(answers)
  const [first] = got
  return got.flatMap(({ name, signs, status }) => {
    const believes = access.kind === 'webhook'
    if (access.kind === 'region') {
      const isRight = name === regionServer ? status === 400 : [401, 403].includes(status)
      return isRight ? [] : [`${method} ${route.url} (region) by ${name}: ${status}`]
    }
    const wanted = believes ? (signs ? 200 : 400) : first?.status
    const isRefusal = [401, 403].includes(status) || status >= 500
    const isOdd = !believes && access.kind !== 'public'
    if (status === wanted && !isRefusal && !isOdd) return []
    return [`${method} ${route.url} (${access.kind}) by ${name}: ${status}, not ${wanted}`]
  })
}

/** The real routes, put together with a check of signatures that checks nothing. */
export async function serverThatBelievesWebhooks() {
  const services = withParts(anyPart, { clock: systemClock })
  const webhook = { verify: () => null, settleSoon: () => undefined }
  const isClockOff = () => false
  const believing = withParts(anyPart, { services, webhook, isClockOff }) as Parameters<
    typeof httpServer
  >[0]
  const app = await httpServer(believing)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, [Symbol.asyncDispose]: () => app.close() }
}

function withParts(whole: object, parts: Readonly<Record<string, unknown>>): object {
  const get = (from: object, name: string) => parts[name] ?? Reflect.get(from, name)
  return new Proxy(whole, { get: (from, name) => get(from, String(name)) })
}
