/** German, as one speaks to adults whom one does not know. */
import type { DeclineKind } from './facts.ts'
import type { Language, Phrase, Words } from './language.ts'
import type { Say } from './say.ts'

const unknownOutcome =
  'Es kann trotzdem geklappt haben. Bitte sehen Sie nach, oder versuchen Sie es genau hier noch einmal: derselbe Wunsch wird nur einmal ausgeführt.'

/** Nobody counts three seconds. */
const soon = (seconds: number, say: Say) => (seconds > 3 ? say.inSeconds(seconds) : 'gleich')

const passing =
  (happened: string): Phrase =>
  ({ waitSeconds }, say) => ({
    happened,
    next: `Bitte versuchen Sie es ${soon(waitSeconds, say)} noch einmal.`,
  })

const declines: Readonly<Record<DeclineKind, string>> = {
  funds: 'Es ist nicht genug Geld darauf. Bitte nehmen Sie eine andere Karte.',
  limit: 'Ihr Limit ist erreicht. Bitte nehmen Sie eine andere Karte.',
  expired: 'Sie ist abgelaufen. Bitte nehmen Sie eine andere Karte.',
  numbers:
    'Einige Zahlen passen nicht zusammen. Bitte sehen Sie nach, oder nehmen Sie eine andere Karte.',
  authentication:
    'Ihre Bank möchte wissen, dass Sie es sind. Bitte versuchen Sie es noch einmal und bestätigen Sie.',
  unsupported: 'Sie passt nicht zu diesem Kauf. Bitte nehmen Sie eine andere Karte.',
  passing:
    'Ihre Bank konnte gerade nicht antworten. Bitte versuchen Sie es noch einmal, oder nehmen Sie eine andere Karte.',
  other:
    'Ihre Bank nennt keinen Grund. Bitte nehmen Sie eine andere Karte, oder fragen Sie Ihre Bank.',
}

const signIn: Words = { happened: 'Sie sind abgemeldet.', next: 'Bitte melden Sie sich neu an.' }
const holdAgain = 'Bitte wählen Sie Ihre Plätze noch einmal.'

const account = {
  RATE_LIMITED: passing('Das war sehr viel auf einmal.'),
  WRONG_CREDENTIALS: {
    happened: 'E-Mail-Adresse und Passwort oder der Code passen nicht zusammen.',
    next: 'Bitte versuchen Sie es noch einmal, oder setzen Sie ein neues Passwort.',
  },
  EMAIL_UNVERIFIED: {
    happened: 'Ihre E-Mail-Adresse ist noch nicht bestätigt.',
    next: 'Bitte geben Sie den Code ein, den wir Ihnen dorthin geschickt haben.',
  },
  CODE_WRONG: {
    happened: 'Dieser Code gilt nicht oder nicht mehr.',
    next: 'Bitte geben Sie ihn noch einmal ein, oder fordern Sie einen neuen an.',
  },
  PASSWORD_UNFIT: {
    happened: 'Dieses Passwort ist nicht sicher genug oder zu lang.',
    next: 'Bitte wählen Sie ein anderes: gut sind mehrere Wörter, die niemand zusammen erwartet.',
  },
  SESSION_ENDED: signIn,
  REASON_NEEDED: {
    happened: 'Sie handeln für eine andere Organisation.',
    next: 'Bitte nennen Sie den Grund; er wird aufbewahrt.',
  },
  LAST_OWNER: {
    happened: 'Jede Organisation behält mindestens einen Inhaber.',
    next: 'Bitte machen Sie zuerst jemand anderen zum Inhaber.',
  },
  INVITATION_ENDED: {
    happened: 'Diese Einladung ist nicht mehr offen.',
    next: 'Bitte lassen Sie sich eine neue schicken.',
  },
} as const satisfies Partial<Language['codes']>

const sale = {
  SALE_NOT_OPEN: ({ opensAt, section }, say) => {
    if (opensAt !== null) {
      const next = `Er beginnt am ${say.time(opensAt)}.`
      return { happened: 'Der Verkauf hat noch nicht begonnen.', next }
    }
    if (section === null) {
      const next = 'Bitte kommen Sie wieder, wenn er beginnt.'
      return { happened: 'Der Verkauf hat noch nicht begonnen.', next }
    }
    const happened = `Der Bereich ${section} ist zurzeit nicht im Verkauf.`
    return { happened, next: 'Bitte wählen Sie einen anderen Bereich.' }
  },
  SALE_CLOSED: {
    happened: 'Der Verkauf für diese Veranstaltung ist beendet.',
    next: 'Karten, die Sie haben, bleiben gültig.',
  },
  EVENT_CANCELLED: {
    happened: 'Diese Veranstaltung wurde abgesagt.',
    next: 'Der Veranstalter sagt Ihnen, was mit Karten geschieht, die Sie haben.',
  },
  SEATS_UNKNOWN: {
    happened: 'Diese Plätze gehören nicht zu dieser Veranstaltung.',
    next: 'Bitte wählen Sie auf dem Saalplan.',
  },
  SEATS_TAKEN: ({ seats }, say) => ({
    happened:
      seats === null
        ? 'Bei einigen dieser Plätze war jemand schneller.'
        : say.count(seats, {
            one: 'Bei einem von diesen Plätzen war jemand schneller.',
            other: 'Bei # von diesen Plätzen war jemand schneller.',
          }),
    next: 'Bitte wählen Sie andere.',
  }),
  SOLD_OUT: {
    happened: 'So viele Plätze sind hier nicht frei.',
    next: 'Bitte versuchen Sie es mit weniger oder in einem anderen Bereich, oder kommen Sie später wieder: Plätze, die nicht bezahlt werden, werden wieder frei.',
  },
  NOT_TOGETHER: {
    happened: 'So viele Plätze sind nebeneinander nicht frei.',
    next: 'Bitte versuchen Sie es mit weniger, in einem anderen Bereich oder mit getrennten Plätzen.',
  },
  LIMIT_REACHED: ({ limit, already }, say) => {
    const most =
      limit === null
        ? 'Die Zahl der Karten je Person ist begrenzt.'
        : say.count(limit, {
            one: 'Für diese Veranstaltung gibt es # Karte je Person.',
            other: 'Für diese Veranstaltung gibt es höchstens # Karten je Person.',
          })
    if (already === null || already === 0) {
      return { happened: most, next: 'Bitte wählen Sie weniger.' }
    }
    const next = `Sie haben schon ${say.number(already)}. Bitte wählen Sie weniger.`
    return { happened: most, next }
  },
  HOLD_EXPIRED: { happened: 'Die Zeit für Ihre Plätze ist abgelaufen.', next: holdAgain },
  HOLD_AT_CAP: {
    happened: 'Für diese Plätze gibt es nicht mehr Zeit.',
    next: 'Bitte gehen Sie jetzt zur Kasse.',
  },
  HOLD_TOKEN_INVALID: { happened: 'Diese Plätze sind nicht für Sie reserviert.', next: holdAgain },
  ORDER_ENDED: {
    happened: 'Diese Bestellung ist abgeschlossen.',
    next: 'Bitte sehen Sie in Ihren Bestellungen nach, wie sie ausgegangen ist.',
  },
  CARD_DECLINED: ({ decline }) => ({
    happened: 'Die Karte wurde abgelehnt; Ihre Plätze bleiben reserviert.',
    next: declines[decline],
  }),
  PAYMENT_UNAVAILABLE: passing(
    'Zahlungen sind gerade nicht möglich; Ihre Plätze bleiben reserviert.',
  ),
} as const satisfies Partial<Language['codes']>

const anyCall = {
  NOT_SIGNED_IN: signIn,
  NOT_ALLOWED: {
    happened: 'Das gehört nicht zu Ihrer Rolle.',
    next: 'Ein Inhaber der Organisation kann Ihnen die Rolle geben.',
  },
  NOT_FOUND: {
    happened: 'Das können wir nicht finden.',
    next: 'Bitte gehen Sie zurück zur Liste.',
  },
  BAD_INPUT: {
    happened: 'Etwas im Formular passt noch nicht.',
    next: 'Bitte sehen Sie sich die markierten Felder an.',
  },
  TOO_LARGE: {
    happened: 'Das ist mehr, als hineinpasst.',
    next: 'Bitte schicken Sie weniger auf einmal.',
  },
  KEY_REUSED: {
    happened: 'Das wurde schon mit anderem Inhalt gesendet.',
    next: 'Bitte beginnen Sie noch einmal von vorn.',
  },
  OUTCOME_UNKNOWN: {
    happened: 'Die Antwort ist unterwegs verloren gegangen.',
    next: unknownOutcome,
  },
  CONTENTION: passing('Gerade wollen viele dasselbe.'),
  OLD_EPOCH: passing('Der Verkauf zieht gerade auf einen anderen Server um.'),
  NO_AUTHORITY: passing('Der Verkauf wird gerade von einer anderen Region übernommen.'),
  AUTHORITY_MOVED: passing('Der Verkauf ist eben in eine andere Region umgezogen.'),
  UNAVAILABLE: passing('Wir sind gerade nicht bereit.'),
  NETWORK: {
    happened: 'Die Verbindung zu uns ist abgebrochen.',
    next: 'Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  },
  DEADLINE: passing('Es kam nicht rechtzeitig eine Antwort.'),
  ABORTED: {
    happened: 'Das wurde angehalten.',
    next: 'Sie können es jederzeit noch einmal versuchen.',
  },
  INTERNAL: {
    happened: 'Bei uns ist etwas schiefgegangen.',
    next: 'Bitte versuchen Sie es noch einmal. Wenn es dabei bleibt, sagen Sie es uns.',
  },
} as const satisfies Partial<Language['codes']>

const catalogue = {
  EDIT_CONFLICT: {
    happened: 'Inzwischen hat jemand anderes das geändert.',
    next: 'Bitte sehen Sie es sich noch einmal an und wiederholen Sie Ihre Änderung.',
  },
  WRONG_STATE: {
    happened: 'Das geht nicht mehr oder noch nicht.',
    next: 'Bitte sehen Sie nach, wie es jetzt darum steht.',
  },
  SEAT_MAP_FAULTY: ({ faults }, say) => ({
    happened:
      faults === null
        ? 'Der Saalplan lässt sich noch nicht verwenden.'
        : say.count(faults, {
            one: 'Im Saalplan steht noch # Fehler.',
            other: 'Im Saalplan stehen noch # Fehler.',
          }),
    next: 'Bitte beheben Sie, was aufgeführt ist, und schicken Sie die Datei noch einmal.',
  }),
  PRICES_INCOMPLETE: {
    happened: 'Einige Bereiche haben noch keinen Preis.',
    next: 'Bitte geben Sie jedem Bereich einen Preis.',
  },
} as const satisfies Partial<Language['codes']>

export const de: Language = {
  locale: 'de',
  codes: { ...anyCall, ...sale, ...account, ...catalogue },
  unknownOutcome,
  newer: {
    final: {
      happened: 'Das ist jetzt nicht möglich.',
      next: 'Bitte laden Sie die Seite neu und sehen Sie noch einmal nach.',
    },
    transient: passing('Das geht gerade nicht.'),
  },
}
