/**
 * The part of Stripe's search language that finds payments again:
 * `metadata['order']:'42' AND status:'succeeded'`. Unlike Stripe's, it is never a minute behind.
 */
import { invalidRequest } from './api-error.ts'
import type { IntentRecord } from './records.ts'

type Accepts = (intent: IntentRecord) => boolean

const metadataClause = /^metadata\[(['"])(.+)\1\]:(['"])(.*)\3$/
const fieldClause = /^(status|currency):(['"])(.*)\2$/

export function parseSearchQuery(query: string): Accepts {
  const clauses = query.split(/\s+AND\s+/i).map((clause) => parseClause(clause.trim()))
  return (intent) => clauses.every((accepts) => accepts(intent))
}

function parseClause(clause: string): Accepts {
  const metadata = metadataClause.exec(clause)
  if (metadata) return (intent) => intent.metadata[metadata[2] ?? ''] === metadata[4]
  const field = fieldClause.exec(clause)
  if (field?.[1] === 'status') return (intent) => intent.status === field[3]
  if (field?.[1] === 'currency') return (intent) => intent.currency === field[3]
  throw invalidRequest(
    `We were unable to parse your search query at: ${clause}. The simulator knows metadata['…']:'…', status:'…' and currency:'…', joined by AND.`,
    { param: 'query' },
  )
}
