/** What answers say of an authority that has moved: nothing was done, and perhaps who has it now. */
import type { Authority } from '../domain/authority.ts'
import type { WireAnswer } from '../gateways/region-calls/exchange.ts'
import { itemsOf, type Part } from './batch-parts.ts'
import type { CalledHomes } from './called-homes.ts'

type Refused = { readonly code?: unknown; readonly details?: unknown }

/**
 * From a server that was asked for what it is not the authority of; `authority` is null where it
 * does not know better. null: it answered the call.
 */
export function authorityTold(answer: WireAnswer): { readonly authority: Authority | null } | null {
  if (answer.status !== 503 || !answer.body.includes('"AUTHORITY_MOVED"')) return null
  const [refused] = refusalsIn(answer, 1)
  if (refused?.code !== 'AUTHORITY_MOVED') return null
  return { authority: authorityIn(refused.details) }
}

function authorityIn(details: unknown): Authority | null {
  if (typeof details !== 'object' || details === null) return null
  const { serverRegion, epoch } = details as Readonly<Record<string, unknown>>
  const isEpoch = typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch > 0
  return typeof serverRegion === 'string' && isEpoch ? { serverRegion, epoch } : null
}

/** Calls of the request that were refused because their authority had just moved. */
export function staleCalls({ calls, isBatch }: CalledHomes, answer: WireAnswer): Part {
  if (answer.status !== 503 && answer.status !== 207) return []
  if (!/"(OLD_EPOCH|AUTHORITY_MOVED)"/.test(answer.body)) return []
  const refused = refusalsIn(answer, isBatch ? calls.length : 1)
  return refused.flatMap(({ code }, index) =>
    (code === 'OLD_EPOCH' || code === 'AUTHORITY_MOVED') && calls[index]?.home ? [index] : [],
  )
}

function refusalsIn(answer: WireAnswer, count: number): Refused[] {
  return itemsOf(answer, count).map((item) => {
    const data = item.error?.data as { readonly refusal?: Refused | null } | undefined
    return data?.refusal ?? {}
  })
}
