/** English. */
import type { DeclineKind } from './facts.ts'
import type { Language, Phrase, Words } from './language.ts'
import type { Say } from './say.ts'

const unknownOutcome =
  'It may have gone through all the same. Look whether it did, or try again right here: the same wish is carried out only once.'

/** Nobody counts three seconds. */
const soon = (seconds: number, say: Say) => (seconds > 3 ? say.inSeconds(seconds) : 'in a moment')

const passing =
  (happened: string): Phrase =>
  ({ waitSeconds }, say) => ({ happened, next: `Please try again ${soon(waitSeconds, say)}.` })

const declines: Readonly<Record<DeclineKind, string>> = {
  funds: 'There is not enough money on it. Please try another card.',
  limit: 'Its limit is reached. Please try another card.',
  expired: 'It has expired. Please try another card.',
  numbers: 'Some of its numbers do not match. Please check them, or try another card.',
  authentication: 'Your bank wants to know that it is you. Please try again and confirm.',
  unsupported: 'It does not work for this purchase. Please try another card.',
  passing: 'Your bank could not answer just now. Please try again, or try another card.',
  other: 'Your bank gives no reason. Please try another card, or ask your bank.',
}

const signIn: Words = { happened: 'You are signed out.', next: 'Please sign in again.' }
const holdAgain = 'Please choose your seats again.'

const account = {
  RATE_LIMITED: passing('That was a lot at once.'),
  WRONG_CREDENTIALS: {
    happened: 'E-mail and password, or the code, do not go together.',
    next: 'Please try again, or set a new password.',
  },
  EMAIL_UNVERIFIED: {
    happened: 'Your e-mail address is not confirmed yet.',
    next: 'Please type in the code that we have sent to it.',
  },
  CODE_WRONG: {
    happened: 'This code does not work, or no longer.',
    next: 'Please type it again, or ask for a new one.',
  },
  PASSWORD_UNFIT: {
    happened: 'This password is not safe enough, or too long.',
    next: 'Please choose another: several words that nobody expects together are good.',
  },
  SESSION_ENDED: signIn,
  REASON_NEEDED: {
    happened: 'You are acting for another organisation.',
    next: 'Please say why; the reason is kept.',
  },
  LAST_OWNER: {
    happened: 'Every organisation keeps at least one owner.',
    next: 'Please make somebody else an owner first.',
  },
  INVITATION_ENDED: {
    happened: 'This invitation is no longer open.',
    next: 'Please ask for a new one.',
  },
} as const satisfies Partial<Language['codes']>

const sale = {
  SALE_NOT_OPEN: ({ opensAt, section }, say) => {
    if (opensAt !== null) {
      const next = `It opens on ${say.time(opensAt)}.`
      return { happened: 'The sale has not opened yet.', next }
    }
    if (section === null) {
      return { happened: 'The sale has not opened yet.', next: 'Please come back when it opens.' }
    }
    const happened = `Section ${section} is not on sale at this time.`
    return { happened, next: 'Please choose another section.' }
  },
  SALE_CLOSED: {
    happened: 'The sale for this event has closed.',
    next: 'Tickets that you have stay valid.',
  },
  EVENT_CANCELLED: {
    happened: 'This event has been cancelled.',
    next: 'The organiser tells you what happens with tickets that you have.',
  },
  SEATS_UNKNOWN: {
    happened: 'These places are not part of this event.',
    next: 'Please choose on the seat map.',
  },
  SEATS_TAKEN: ({ seats }, say) => ({
    happened:
      seats === null
        ? 'Somebody else was faster with some of these seats.'
        : say.count(seats, {
            one: 'Somebody else was faster with one of these seats.',
            other: 'Somebody else was faster with # of these seats.',
          }),
    next: 'Please choose others.',
  }),
  SOLD_OUT: {
    happened: 'There are not so many places free here.',
    next: 'Please try fewer or another section, or come back later: seats that are not paid for become free again.',
  },
  NOT_TOGETHER: {
    happened: 'There are not so many seats free side by side.',
    next: 'Please try fewer, another section, or seats apart.',
  },
  LIMIT_REACHED: ({ limit, already }, say) => {
    const most =
      limit === null
        ? 'There is a limit of tickets for each person.'
        : say.count(limit, {
            one: 'Each person can have # ticket for this event.',
            other: 'Each person can have # tickets for this event.',
          })
    if (already === null || already === 0) {
      return { happened: most, next: 'Please choose fewer.' }
    }
    return { happened: most, next: `You have ${say.number(already)} already. Please choose fewer.` }
  },
  HOLD_EXPIRED: { happened: 'The time for your seats has run out.', next: holdAgain },
  HOLD_AT_CAP: {
    happened: 'There is no more time for these seats.',
    next: 'Please check out now.',
  },
  HOLD_TOKEN_INVALID: { happened: 'These seats are not kept for you.', next: holdAgain },
  ORDER_ENDED: {
    happened: 'This order is closed.',
    next: 'Please look at your orders to see how it ended.',
  },
  CARD_DECLINED: ({ decline }) => ({
    happened: 'The card was declined; your seats are still kept.',
    next: declines[decline],
  }),
  PAYMENT_UNAVAILABLE: passing('Payments do not work just now; your seats are still kept.'),
} as const satisfies Partial<Language['codes']>

const anyCall = {
  NOT_SIGNED_IN: signIn,
  NOT_ALLOWED: {
    happened: 'Your role does not include this.',
    next: 'An owner of the organisation can give you the role.',
  },
  NOT_FOUND: { happened: 'We cannot find this.', next: 'Please go back to the list.' },
  BAD_INPUT: {
    happened: 'Something in the form does not fit yet.',
    next: 'Please look at the marked fields.',
  },
  TOO_LARGE: { happened: 'That is more than fits.', next: 'Please send less at once.' },
  KEY_REUSED: {
    happened: 'This was sent before with other content.',
    next: 'Please start again from the beginning.',
  },
  OUTCOME_UNKNOWN: { happened: 'The answer got lost on its way.', next: unknownOutcome },
  CONTENTION: passing('Many want the same just now.'),
  OLD_EPOCH: passing('The sale is just moving to another server.'),
  NO_AUTHORITY: passing('Another region is just taking over the sale.'),
  AUTHORITY_MOVED: passing('The sale has just moved to another region.'),
  UNAVAILABLE: passing('We are not ready just now.'),
  NETWORK: {
    happened: 'The connection to us broke.',
    next: 'Please check your connection and try again.',
  },
  DEADLINE: passing('No answer came in time.'),
  ABORTED: { happened: 'This was stopped.', next: 'You can try again at any time.' },
  INTERNAL: {
    happened: 'Something failed on our side.',
    next: 'Please try again. If it stays so, tell us.',
  },
} as const satisfies Partial<Language['codes']>

const catalogue = {
  EDIT_CONFLICT: {
    happened: 'Somebody else has changed this in the meantime.',
    next: 'Please look at it again and repeat your change.',
  },
  WRONG_STATE: {
    happened: 'This is not possible any more, or not yet.',
    next: 'Please look at how it stands now.',
  },
  SEAT_MAP_FAULTY: ({ faults }, say) => ({
    happened:
      faults === null
        ? 'The seat map cannot be used yet.'
        : say.count(faults, {
            one: 'The seat map still has # fault.',
            other: 'The seat map still has # faults.',
          }),
    next: 'Please mend what is listed and send the file again.',
  }),
  PRICES_INCOMPLETE: {
    happened: 'Some sections have no price yet.',
    next: 'Please give each section a price.',
  },
} as const satisfies Partial<Language['codes']>

export const en: Language = {
  locale: 'en',
  codes: { ...anyCall, ...sale, ...account, ...catalogue },
  unknownOutcome,
  newer: {
    final: {
      happened: 'This is not possible now.',
      next: 'Please reload the page and look again.',
    },
    transient: passing('This does not work just now.'),
  },
}
