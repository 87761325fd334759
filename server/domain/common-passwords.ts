/**
 * The passwords that are tried first, by how often they were found: 18,000 of eight
 * characters and more, in lower case (OWASP ASVS 5.0, 6.2.4, asks for 3,000).
 */
import { dictionary } from '@zxcvbn-ts/language-common'
import { limits } from '../platform/limits.ts'

const list: readonly string[] = dictionary['passwords-common']

export const commonPasswords: ReadonlySet<string> = new Set(
  list
    .map((password) => password.toLowerCase())
    .filter((password) => Array.from(password).length >= limits.passwordCharactersMin),
)
