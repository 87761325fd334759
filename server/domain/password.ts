/**
 * Which passwords are refused: the short, the endless, and those that are tried first. No rules of
 * composition (NIST SP 800-63B, 3.1.1.2), and nothing of what was typed is trimmed or changed.
 */
import { limits } from '../platform/limits.ts'
import { commonPasswords } from './common-passwords.ts'

/** @returns a sentence for whoever chose it, or null when it is fit */
export function passwordFault(password: string, email: string): string | null {
  const { passwordCharactersMin: least, passwordCharactersMax: most } = limits
  if (Array.from(password).length < least) return `A password has ${least} characters or more.`
  if (password.length > most) return `A password has ${most} characters at most.`
  const plain = password.toLowerCase()
  const isKnown = commonPasswords.has(plain) || isOneCharacter(plain) || isStaircase(plain)
  if (isKnown) return 'This password is among the first that are tried. Choose another.'
  if (isOfAddress(plain, email.toLowerCase())) {
    return 'A password must not be the e-mail address or a part of it.'
  }
  return null
}

function isOneCharacter(text: string): boolean {
  return new Set(text).size === 1
}

/** `abcdefgh`, `23456789`, and the same downwards. */
function isStaircase(text: string): boolean {
  const codes = Array.from(text).map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  return steps.every((step) => step === 1) || steps.every((step) => step === -1)
}

function isOfAddress(text: string, email: string): boolean {
  const [local = '', domain = ''] = email.split('@')
  return [email, local, domain].includes(text)
}
