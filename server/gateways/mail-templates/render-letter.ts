/** A letter as it goes out: subject, plain text and HTML, in the reader's language. */
import { type Letter, type Locale, localeOf } from '../../domain/mail.ts'
import { chosenName } from './chosen-name.ts'
import type { Draft, Phrases } from './draft.ts'
import { english } from './english.ts'
import { german } from './german.ts'
import { asHtml, asText } from './lay-out.ts'
import { letterFaults } from './letter-faults.ts'

export type RenderedLetter = {
  readonly locale: Locale
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A bug of whoever sent it; the message names the values, and tells none. */
export class LetterFaultError extends Error {
  override readonly name = 'LetterFaultError'
}

const languages: Readonly<Record<Locale, Phrases>> = { en: english, de: german }

/**
 * @param sender what the installation calls itself
 * @throws LetterFaultError when a value is missing or of no use
 */
export function renderLetter(letter: Letter, sender: string): RenderedLetter {
  const faults = letterFaults(letter)
  if (faults.length > 0) {
    throw new LetterFaultError(`the letter ${letter.template} is wrong in: ${faults.join(', ')}`)
  }
  const locale = localeOf(letter.locale)
  const phrases = languages[locale]
  const draft = draftOf(letter, phrases, sender)
  const footed = { ...draft, footer: phrases.footer(sender), locale }
  return { locale, subject: draft.subject, text: asText(footed), html: asHtml(footed) }
}

function draftOf(letter: Letter, phrases: Phrases, sender: string): Draft {
  switch (letter.template) {
    case 'invitation': {
      const { organisation, inviter, ...rest } = letter.values
      const named = {
        organisation: chosenName(organisation),
        inviter: inviter === null ? null : chosenName(inviter),
      }
      return phrases.invitation({ ...rest, ...named }, sender)
    }
    case 'verify-email':
    case 'reset-password':
    case 'change-email':
      return phrases[letter.template](letter.values, sender)
    case 'email-changed':
    case 'already-registered':
    case 'password-changed':
      return phrases[letter.template](letter.values, sender)
    case 'new-sign-in':
      return phrases['new-sign-in'](letter.values, sender)
    default:
      return letter satisfies never
  }
}
