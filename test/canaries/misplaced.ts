/** Each canary in fields where it was never asked for, of every procedure that the router has. */
import fc from 'fast-check'
import { procedures } from '../access/procedures.ts'
import { idsOfNothing } from '../garbage/breakers.ts'
import { become, bytesOf, placesIn, raw, treeOf } from '../garbage/json-tree.ts'
import { validInput } from '../garbage/valid-input.ts'
import type { Cage } from './cage.ts'
import type { Canary } from './canary.ts'

const known = { ids: idsOfNothing, words: {} }

/**
 * An unknown field beside it keeps what fits by chance from being done.
 * @returns how many calls were refused
 */
export async function putInWrongFields(
  cage: Cage,
  canaries: readonly Canary[],
  tokens: readonly (string | null)[],
): Promise<number> {
  let refused = 0
  for (const { path, type, input } of procedures) {
    const samples = fc.sample(validInput(input, known), { numRuns: canaries.length, seed: 1 })
    const calls = canaries.map(async ({ value }, at) => {
      const root = treeOf(samples[at] ?? {})
      const texts = placesIn(root).filter((place) => place.kind === 'raw')
      const place = texts[at % Math.max(1, texts.length)]
      if (place !== undefined) become(place, raw(JSON.stringify(value)))
      if (root.kind !== 'object') throw new Error(`${path} takes no object`)
      root.members.push({ key: '"an unknown field"', value: raw('1') })
      const body = bytesOf(root).toString()
      const token = tokens[at % tokens.length] ?? null
      const answer = await send(cage, { path, type, body, token })
      if (answer.ok) throw new Error(`${path} was done: ${body}`)
      refused += 1
    })
    await Promise.all(calls)
  }
  return refused
}

type Call = {
  readonly path: string
  readonly type: string
  readonly body: string
  readonly token: string | null
}

async function send(cage: Cage, { path, type, body, token }: Call): Promise<Response> {
  const proof = token === null ? {} : { authorization: `Bearer ${token}` }
  const url = `${cage.system.url}/trpc/${path}`
  const answer =
    type === 'query'
      ? await fetch(`${url}?input=${encodeURIComponent(body)}`, { headers: proof })
      : await fetch(url, {
          method: 'POST',
          headers: { ...proof, 'content-type': 'application/json' },
          body,
        })
  cage.heard.push(await answer.text())
  return answer
}

/**
 * Each canary where no field is: in paths, names of a query, headers, and bodies that claim to be
 * the payment provider's. A request id is not among them: it is a caller's own text for logs, taken
 * when it is short and plain; what is neither is tried here, too.
 */
export async function putInWrongPlaces(cage: Cage, canaries: readonly Canary[]): Promise<void> {
  const { url } = cage.system
  for (const { value } of canaries) {
    const text = encodeURIComponent(value)
    const list = `${url}/trpc/events.list?input=%7B%7D`
    const headers: readonly Readonly<Record<string, string>>[] = [
      { 'user-agent': value },
      { traceparent: value },
      { tracestate: `frontrow=${value}` },
      { cookie: `__Host-session=${value}` },
      { referer: `https://example.org/${text}` },
      { 'x-request-id': `${value} ?` },
      { 'x-forwarded-for': value },
      { accept: value },
      { origin: `https://${text}.example.org` },
      { 'stripe-signature': `t=1,v1=${value}` },
      { 'x-frontrow-region-call': value },
      { 'x-frontrow-seen': value },
      { 'x-frontrow-deadline-ms': value },
      { 'x-acting-reason': value },
      { 'accept-language': value },
      { authorization: value },
      { authorization: `Bearer ${value}.` },
    ]
    const webhook = { type: value, data: { object: { metadata: { order: value } } } }
    const requests: readonly (readonly [string, RequestInit])[] = [
      [`${url}/${text}`, {}],
      [`${url}/trpc/${text}`, {}],
      [`${url}/trpc/events.${text}?input=%7B%7D`, {}],
      [`${list}&${text}=1`, {}],
      [`${url}/livez?${text}`, {}],
      [`${url}/webhooks/stripe`, posted(webhook)],
      [`${url}/trpc/holds.place`, posted({}, { 'x-frontrow-deadline-ms': value })],
      ...headers.map((shown) => [list, { headers: shown }] as const),
    ]
    const answers = requests.map(async ([target, init]) => (await fetch(target, init)).text())
    cage.heard.push(...(await Promise.all(answers)))
  }
}

function posted(body: object, shown: Readonly<Record<string, string>> = {}): RequestInit {
  const own = { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=00' }
  const headers = { ...own, ...shown }
  return { method: 'POST', headers, body: JSON.stringify(body) }
}
