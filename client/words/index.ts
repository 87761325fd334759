/**
 * Every refusal in words that a fan can read. Apart from the rest of the client, so that who does
 * not import it does not carry it. A language is one file (language.ts) and one entry here; or it
 * is given by the caller.
 */
import type { FailureCode } from '../failure.ts'
import type { Outcome } from '../frontrow-error.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { factsOf } from './facts.ts'
import type { Language, Phrase, Words } from './language.ts'
import { type Say, sayIn } from './say.ts'

/** What a FrontrowError knows, and the refusal of a plain HTTP answer as well. */
export type Refused = {
  readonly code: string
  readonly transient?: boolean
  readonly retryAfterMs?: number | null
  readonly details?: Readonly<Record<string, unknown>> | null
  readonly outcome?: Outcome
}

/** The first is spoken to those whose language nobody knows. */
export const languages: readonly Language[] = [en, de]

/**
 * What happened and what to do next, for a fan.
 * @param locale BCP 47, most wanted first: `navigator.languages`, or one of them
 */
export function wordsFor(
  refused: Refused,
  locale: string | readonly string[],
  known: readonly Language[] = languages,
): Words {
  const { language, say } = languageFor(locale, known)
  const { details, retryAfterMs, transient = false } = refused
  const facts = factsOf(details ?? {}, retryAfterMs ?? 0)
  const words = filled(phraseOf(language, refused.code, transient), (fill) => fill(facts, say))
  return refused.outcome === 'unknown' ? { ...words, next: language.unknownOutcome } : words
}

function filled(phrase: Phrase, fill: (open: Exclude<Phrase, Words>) => Words): Words {
  return typeof phrase === 'function' ? fill(phrase) : phrase
}

function phraseOf({ codes, newer }: Language, code: string, transient: boolean): Phrase {
  if (Object.hasOwn(codes, code)) return codes[code as FailureCode]
  return transient ? newer.transient : newer.final
}

type Spoken = { readonly language: Language; readonly say: Say }

/** The region of a wish counts as well: `en-GB` writes times as in Britain. */
function languageFor(locale: string | readonly string[], known: readonly Language[]): Spoken {
  for (const wish of typeof locale === 'string' ? [locale] : locale) {
    const language = known.find((one) => primaryOf(one.locale) === primaryOf(wish))
    if (language !== undefined) return { language, say: sayIn(usable(wish) ?? language.locale) }
  }
  const language = known[0] ?? en
  return { language, say: sayIn(language.locale) }
}

function primaryOf(locale: string): string {
  return (locale.split(/[-_]/, 1)[0] ?? '').toLowerCase()
}

/** Some platforms say `en_US.UTF-8` or `en-US@posix`, which Intl does not take. */
function usable(locale: string): string | null {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? null
  } catch {
    return null
  }
}
