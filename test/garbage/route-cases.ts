/** Plain routes by every method, with queries, bodies and headers that they never asked for. */
import fc from 'fast-check'
import type { DeclaredRoute } from '../../server/transport/declared-routes.ts'
import { cheapBreakers, dearBreakers, textBreakers } from './breakers.ts'
import { type CallerName, callerNames, type Ground } from './ground.ts'
import { bytesOf, placesIn, treeOf } from './json-tree.ts'
import { oddWords } from './odd-words.ts'
import type { Request } from './send.ts'

export type RouteCase = {
  readonly kind: 'route'
  readonly method: string
  readonly url: string
  readonly caller: CallerName
  readonly query: string | null
  /** How its parameters are filled in. */
  readonly word: string
  readonly how: string
  readonly place: number
  readonly pick: number
  readonly contentType: string
}

const bodies = { ...cheapBreakers, ...dearBreakers }
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']
const types = [
  'application/json',
  'text/plain',
  'multipart/form-data',
  'application/csp-report',
  '',
]

export function routeCases(routes: readonly DeclaredRoute[]): fc.Arbitrary<RouteCase> {
  return fc.constantFrom(...routes).chain(({ method, url }) =>
    fc.record({
      kind: fc.constant('route' as const),
      method: fc.oneof({ weight: 3, arbitrary: fc.constant(method) }, fc.constantFrom(...methods)),
      url: fc.constant(url),
      caller: fc.constantFrom(...callerNames),
      query: fc.option(fc.constantFrom(...oddWords)),
      word: fc.constantFrom(...oddWords, 'x'.repeat(5_000)),
      how: fc.constantFrom(...Object.keys(bodies), ...Object.keys(textBreakers)),
      place: fc.nat(10),
      pick: fc.nat(10_000),
      contentType: fc.oneof(
        { weight: 4, arbitrary: fc.constant(types[0] ?? '') },
        fc.constantFrom(...types),
      ),
    }),
  )
}

/** No route takes this, and no single change makes it fit. */
const unfit = { name: 'Not A Name', roles: 'none', type: 1, data: null, url: ['x'] }

export function prepareRoute(wish: RouteCase, ground: Ground): Request {
  const { method, query, url, word, how, place, pick } = wish
  const filled = url.replaceAll(/[:*][^/]*/g, encoded(word))
  const path = query === null ? filled : `${filled}?${encoded(query)}=${encoded(word)}`
  if (method === 'GET' || method === 'HEAD') return { method, path }
  const root = treeOf(unfit)
  const places = placesIn(root)
  const at = places[place % places.length] ?? root
  bodies[how]?.({ root, place: at, pick, ids: ground.known.ids })
  const whole = bytesOf(root)
  const body = textBreakers[how]?.(whole) ?? whole
  return { method, path, headers: { 'content-type': wish.contentType }, body }
}

/** Half a surrogate pair cannot be percent-encoded. */
function encoded(word: string): string {
  return encodeURIComponent(Buffer.from(word).toString())
}
