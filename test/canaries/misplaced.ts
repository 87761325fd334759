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
