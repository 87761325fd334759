/**
 * `expand[]`: puts the object in the place of its id. What was expanded is fixed in the answer, so
 * that a replay under an idempotency key says the same again.
 */
import { type Answer, jsonAnswer, recordAnswer } from './answer.ts'
import { invalidRequest } from './api-error.ts'
import type { FormFields } from './form-body.ts'
import { readList } from './parameters.ts'
import type { SubjectRecord } from './records.ts'
import { type Json, type RenderOptions, renderPaymentMethod, renderRecord } from './render.ts'
import type { Store } from './store.ts'

export interface Expander {
  readonly store: Store
  readonly render: RenderOptions
  /** Names of properties; those of a list's members without the leading `data.`. */
  readonly names: readonly string[]
}

const expandable: Readonly<Record<SubjectRecord['kind'], readonly string[]>> = {
  payment_intent: ['latest_charge', 'payment_method'],
  charge: ['payment_intent'],
  refund: ['charge', 'payment_intent'],
}

/** The names to expand, checked against what the kind of object has. */
export function readExpand(fields: FormFields, kind: SubjectRecord['kind'], prefix = ''): string[] {
  const names = readList(fields, 'expand') ?? []
  return names.map((given) => {
    const name = given.startsWith(prefix) ? given.slice(prefix.length) : given
    if (expandable[kind].includes(name)) return name
    throw invalidRequest(`This property cannot be expanded (${given}).`, { param: 'expand' })
  })
}

export function answerExpanded(record: SubjectRecord, expander: Expander): Answer {
  return expander.names.length === 0
    ? recordAnswer(record)
    : jsonAnswer(renderExpanded(record, expander))
}

export function renderExpanded(record: SubjectRecord, expander: Expander): Json {
  const rendered: Record<string, unknown> = { ...renderRecord(record, expander.render) }
  for (const name of expander.names) {
    const id = rendered[name]
    if (typeof id === 'string') rendered[name] = lookUp(id, expander) ?? id
  }
  return rendered
}

function lookUp(id: string, { store, render }: Expander): Json | undefined {
  if (id.startsWith('pm_')) return renderPaymentMethod(id, 0)
  const record = store.intents.get(id) ?? store.charges.get(id)
  return record && renderRecord(record, render)
}
