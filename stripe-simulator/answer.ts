/**
 * What a request is answered with, before it is text. Answers point at immutable records, so that
 * keeping one under an idempotency key costs a few bytes instead of the whole body.
 */
import type { ApiError, ErrorFields } from './api-error.ts'
import type { AnyRecord, IntentRecord } from './records.ts'
import { type RenderOptions, renderIntent, renderRecord } from './render.ts'

export type Answer =
  | { readonly kind: 'record'; readonly status: 200; readonly record: AnyRecord }
  | {
      readonly kind: 'error'
      readonly status: number
      readonly error: ErrorFields
      readonly intent: IntentRecord | null
    }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }

export function recordAnswer(record: AnyRecord): Answer {
  return { kind: 'record', status: 200, record }
}

export function errorAnswer(error: ApiError): Answer {
  return { kind: 'error', status: error.status, error: error.fields, intent: error.intent ?? null }
}

/** Any JSON, fixed now: lists, and objects with expanded parts. */
export function jsonAnswer(body: unknown): Answer {
  return { kind: 'text', status: 200, text: JSON.stringify(body) }
}

export function answerText(answer: Answer, options: RenderOptions): string {
  switch (answer.kind) {
    case 'record':
      return JSON.stringify(renderRecord(answer.record, options))
    case 'error': {
      const { error, intent } = answer
      const parts = intent ? { ...error, payment_intent: renderIntent(intent, options) } : error
      return JSON.stringify({ error: parts })
    }
    case 'text':
      return answer.text
  }
}
