/** The mailer of a server that is told of no mail server: every letter is lost, and counted. */
import type { LetterOutcome, Mailer, TemplateName } from '../domain/mail.ts'
import type { MailLog } from './smtp-mailer.ts'

export type NoMailerOptions = {
  readonly log: MailLog
  readonly onOutcome: (template: TemplateName, outcome: LetterOutcome) => void
}

export function noMailer({ log, onOutcome }: NoMailerOptions): Mailer {
  let isTold = false
  return {
    isConfigured: false,
    send: ({ template }) => {
      if (!isTold) log.warn({}, 'no mail is configured: no letter goes out')
      isTold = true
      onOutcome(template, 'lost')
    },
  }
}
