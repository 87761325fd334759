/** Calls as a client that remembers what it has seen makes them, with the headers of the answers. */
import { olderHeader, seenHeader } from '../../server/transport/session-headers.ts'
import { tokenFor } from '../support/sale-system.ts'

export type Answer<Output> = {
  readonly output: Output
  /** The token of the answer; null: it had none. */
  readonly seen: string | null
  readonly isOlder: boolean
}

export type Asker = <Output>(
  path: string,
  input: object,
  seen?: string | null,
) => Promise<Answer<Output>>

export async function askerOf(url: string, name: string): Promise<Asker> {
  const authorization = `Bearer ${await tokenFor(url, { name })}`
  return async <Output>(path: string, input: object, seen: string | null = null) => {
    const query = encodeURIComponent(JSON.stringify(input))
    const headers = { authorization, ...(seen === null ? {} : { [seenHeader]: seen }) }
    const response = await fetch(`${url}/trpc/${path}?input=${query}`, { headers })
    const body = (await response.json()) as { result?: { data: Output } }
    if (body.result === undefined) throw new Error(`${path}: ${JSON.stringify(body)}`)
    return {
      output: body.result.data,
      seen: response.headers.get(seenHeader),
      isOlder: response.headers.get(olderHeader) === 'true',
    }
  }
}

export type Listed = {
  readonly items: { readonly id: string; readonly state: string; readonly version: number }[]
}
