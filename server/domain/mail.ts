/**
 * Letters to people: which there are, what each needs to know, and the port that sends them. A
 * letter is a wish without an answer: nobody waits for it, and nothing depends on its arrival.
 */
import type { Role } from './access.ts'

/** The languages in which letters are written; the first is for everyone else. */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/**
 * What each letter tells beside its fixed words. `code` is a secret that the reader types in;
 * `minutes` and `days` say how long it is good for, as whole numbers from 1.
 */
export type LetterValues = {
  readonly 'verify-email': { readonly code: string; readonly minutes: number }
  readonly 'reset-password': { readonly code: string; readonly minutes: number }
  /** To the new address. */
  readonly 'change-email': { readonly code: string; readonly minutes: number }
  /** To the old address. */
  readonly 'email-changed': NoValues
  /** Somebody signed up with the address of an account: its owner alone learns of it. */
  readonly 'already-registered': NoValues
  readonly 'password-changed': NoValues
  /** `at`: milliseconds since 1970. */
  readonly 'new-sign-in': { readonly at: number }
  readonly invitation: {
    /** As its members named it: anything may stand there. */
    readonly organisation: string
    /** Who invites, as the reader may know them; null when nobody is named. */
    readonly inviter: string | null
    readonly role: Role
    readonly code: string
    readonly days: number
  }
}

type NoValues = Readonly<Record<never, never>>

export type TemplateName = keyof LetterValues

type LetterOf<Name extends TemplateName> = {
  readonly template: Name
  readonly values: LetterValues[Name]
  /** One address. */
  readonly to: string
  /** A language tag or an Accept-Language header: see `localeOf`. */
  readonly locale: string
}

export type Letter = { [Name in TemplateName]: LetterOf<Name> }[TemplateName]

export type Mailer = {
  /** False: every letter is lost. Whoever needs one to arrive refuses before. */
  readonly isConfigured: boolean
  /** Never waits and never throws; what fails is tried again, counted and logged. */
  readonly send: (letter: Letter) => void
}

/**
 * What became of a letter; `again` may come several times before one of the others.
 * `lost`: there was no room or no time left, or no mail is configured.
 */
export type LetterOutcome = 'sent' | 'again' | 'refused' | 'lost'

const wishCharactersMax = 200

/** The nearest language to a tag such as `de-AT`, or to an Accept-Language header. */
export function localeOf(text: string): Locale {
  const wishes = text.slice(0, wishCharactersMax).split(',').map(wishOf)
  // Sorting is stable: of equal wishes the first wins.
  const found = wishes
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .flatMap(({ language }) => locales.find((locale) => locale === language) ?? [])
  return found[0] ?? locales[0]
}

function wishOf(text: string): { readonly language: string; readonly weight: number } {
  const [tag = '', ...parameters] = text.trim().toLowerCase().split(';')
  const weight = parameters.find((one) => one.trim().startsWith('q='))?.split('=')[1]
  return {
    language: tag.split(/[-_]/)[0] ?? '',
    weight: weight === undefined ? 1 : Number(weight) || 0,
  }
}
