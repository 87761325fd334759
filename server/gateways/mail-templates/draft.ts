/** A letter in words, before it becomes plain text and HTML: both tell the same, by construction. */
import type { LetterValues, TemplateName } from '../../domain/mail.ts'

export type Draft = {
  readonly subject: string
  /** What happened and why this letter comes; sentences, a paragraph each. */
  readonly opening: readonly string[]
  /** To be typed in, shown by itself; null where there is none. */
  readonly code: string | null
  /** For how long, and what to do if it was not you. */
  readonly closing: readonly string[]
}

/** Every letter in one language. `sender` is what the installation calls itself. */
export type Phrases = {
  readonly [Name in TemplateName]: (values: LetterValues[Name], sender: string) => Draft
} & {
  /** Under every letter. */
  readonly footer: (sender: string) => string
}
