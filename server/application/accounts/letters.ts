/** The letters about accounts. Codes and addresses go into letters and nowhere else. */
import type { Account, CodePurpose } from '../../domain/accounts.ts'
import type { Mailer } from '../../domain/mail.ts'
import { limits } from '../../platform/limits.ts'

const minutes = Math.floor(limits.mailCodeMs / 60_000)

type Reader = Pick<Account, 'email' | 'locale'>

export function sendCodeLetter(
  mail: Mailer,
  { email: to, locale }: Reader,
  wish: { readonly code: string; readonly template: CodePurpose | 'change-email' },
): void {
  mail.send({ to, locale, template: wish.template, values: { code: wish.code, minutes } })
}

export function sendNotice(
  mail: Mailer,
  { email: to, locale }: Reader,
  template: 'already-registered' | 'password-changed' | 'email-changed',
): void {
  mail.send({ to, locale, template, values: {} })
}
