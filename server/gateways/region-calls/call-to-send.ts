/** A call to a server of another region, and how far it came. */
import type { WireAnswer, WireCall } from './exchange.ts'
import type { PassedOnClaims } from './region-call.ts'

export type CallToSend = WireCall & {
  /** Name of the region. */
  readonly target: string
  /** Absent: the region's own call. */
  readonly for?: PassedOnClaims
  /** What goes along as it is; `traceparent` gives way to that of the span that is open here. */
  readonly headers: Readonly<Record<string, string>>
  readonly withinMs: number
}

export type Sent =
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  /** Nothing can have been done. */
  | { readonly kind: 'unsent' }
  /** It may have been done, or may be yet. */
  | { readonly kind: 'unanswered' }
