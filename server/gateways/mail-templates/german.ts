/** Letters in plain German, as one writes to adults whom one does not know. */
import type { Role } from '../../domain/access.ts'
import type { Phrases } from './draft.ts'

const roleNames: Readonly<Record<Role, string>> = {
  owner: 'Inhaberschaft',
  manager: 'Leitung',
  box_office: 'Kasse',
  door: 'Einlass',
  finance: 'Buchhaltung',
}

const minutesFor = (count: number) => (count === 1 ? 'eine Minute' : `${count} Minuten`)
const daysFor = (count: number) => (count === 1 ? 'einen Tag' : `${count} Tage`)

const moment = (at: number) =>
  new Intl.DateTimeFormat('de-DE', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(at)

const notYou =
  'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: ohne den Code ändert sich nichts.'
const neverAsk = 'Niemand von uns wird Sie je nach diesem Code fragen.'
const takeBack =
  'Wenn Sie das nicht waren, setzen Sie bitte sofort über „Passwort vergessen“ ein neues Passwort; damit werden alle Geräte abgemeldet.'

export const german: Phrases = {
  'verify-email': ({ code, minutes }, sender) => ({
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    opening: [
      `Jemand, vermutlich Sie, hat sich bei ${sender} mit dieser E-Mail-Adresse registriert.`,
      'Geben Sie dort diesen Code ein, um zu bestätigen, dass die Adresse Ihre ist:',
    ],
    code,
    closing: [`Der Code gilt ${minutesFor(minutes)}. ${neverAsk}`, notYou],
  }),
  'reset-password': ({ code, minutes }, sender) => ({
    subject: 'Setzen Sie ein neues Passwort',
    opening: [
      `Jemand, vermutlich Sie, möchte ein neues Passwort für Ihr Konto bei ${sender} setzen.`,
      'Geben Sie dort diesen Code ein, um fortzufahren:',
    ],
    code,
    closing: [
      `Der Code gilt ${minutesFor(minutes)}. ${neverAsk}`,
      `${notYou} Ihr Passwort bleibt, wie es ist.`,
    ],
  }),
  'change-email': ({ code, minutes }, sender) => ({
    subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
    opening: [
      `Jemand, vermutlich Sie, möchte diese E-Mail-Adresse für ein Konto bei ${sender} verwenden.`,
      'Geben Sie dort diesen Code ein, um zu bestätigen, dass die Adresse Ihre ist:',
    ],
    code,
    closing: [`Der Code gilt ${minutesFor(minutes)}. ${neverAsk}`, notYou],
  }),
  'email-changed': (_values, sender) => ({
    subject: 'Ihre E-Mail-Adresse wurde geändert',
    opening: [
      `Ihr Konto bei ${sender} hat eine neue E-Mail-Adresse. An die alte schreiben wir zum letzten Mal, damit Sie es wissen.`,
    ],
    code: null,
    closing: [
      'Wenn Sie das waren, brauchen Sie nichts zu tun.',
      `Wenn Sie das nicht waren, hat jemand anders Ihr Konto: bitte schreiben Sie sofort an die Hilfe von ${sender}.`,
    ],
  }),
  'already-registered': (_values, sender) => ({
    subject: 'Sie haben schon ein Konto',
    opening: [
      `Jemand, vermutlich Sie, wollte sich bei ${sender} mit dieser E-Mail-Adresse registrieren. Es gibt schon ein Konto damit, darum wurde kein zweites angelegt.`,
    ],
    code: null,
    closing: [
      'Wenn Sie das waren, melden Sie sich mit Ihrem Passwort an, oder wählen Sie „Passwort vergessen“, um ein neues zu setzen.',
      'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Konto ist, wie es war.',
    ],
  }),
  'password-changed': (_values, sender) => ({
    subject: 'Ihr Passwort wurde geändert',
    opening: [`Das Passwort Ihres Kontos bei ${sender} wurde gerade geändert.`],
    code: null,
    closing: ['Wenn Sie das waren, brauchen Sie nichts zu tun.', takeBack],
  }),
  'new-sign-in': ({ at }, sender) => ({
    subject: 'Eine neue Anmeldung an Ihrem Konto',
    opening: [
      `Jemand, vermutlich Sie, hat sich am ${moment(at)} (UTC) mit einem Gerät, das wir nicht kannten, an Ihrem Konto bei ${sender} angemeldet.`,
    ],
    code: null,
    closing: ['Wenn Sie das waren, brauchen Sie nichts zu tun.', takeBack],
  }),
  invitation: ({ organisation, inviter, role, code, days }, sender) => ({
    subject: `Eine Einladung zu ${organisation}`,
    opening: [
      inviter === null
        ? `Sie sind eingeladen, bei ${sender} für ${organisation} zu arbeiten (${roleNames[role]}).`
        : `${inviter} lädt Sie ein, bei ${sender} für ${organisation} zu arbeiten (${roleNames[role]}).`,
      'Melden Sie sich dort mit dieser E-Mail-Adresse an, und geben Sie diesen Code ein, um anzunehmen:',
    ],
    code,
    closing: [
      `Die Einladung gilt ${daysFor(days)}.`,
      'Wenn Sie nicht wissen, wer Sie einlädt, brauchen Sie nichts zu tun: ohne den Code geschieht nichts.',
    ],
  }),
  footer: (sender) =>
    `${sender} hat diesen Brief von selbst geschickt, aus dem Grund, der oben steht. Antworten darauf liest niemand.`,
}
