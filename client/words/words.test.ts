/** Both languages say everything, say the same, and say it kindly. */
import { describe, expect, it } from 'vitest'
import { failure } from '../failure.ts'
import { FrontrowError } from '../frontrow-error.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { languages, type Refused, wordsFor } from './index.ts'
import type { Language } from './language.ts'

/** All of them: the type of a language asks for each. */
const codes = Object.keys(en.codes)

/** What each code may come with; each is a case of its own. */
const details: readonly Record<string, unknown>[] = [
  {},
  { limit: 1, already: 0 },
  { limit: 1_200, already: 1_100 },
  { units: [7] },
  { units: [7, 8, 9] },
  { faults: [{}] },
  { faults: [{}, {}, {}] },
  { opensAt: '2030-05-17T18:00:00.000Z' },
  { section: 'Block 12' },
  ...['insufficient_funds', 'card_velocity_exceeded', 'expired_card', 'incorrect_cvc'].map(
    (declineCode) => ({ declineCode }),
  ),
  ...['authentication_required', 'card_not_supported', 'processing_error', 'stolen_card'].map(
    (declineCode) => ({ declineCode }),
  ),
]
const waits = [null, 200, 2_000, 45_000, 600_000, 86_400_000]

const cases: readonly Refused[] = [...codes, 'A_NEWER_ONE'].flatMap((code) =>
  details.flatMap((detail) =>
    waits.flatMap((retryAfterMs) =>
      (['refused', 'unknown'] as const).map((outcome) => ({
        code,
        outcome,
        retryAfterMs,
        transient: retryAfterMs !== null,
        details: detail,
      })),
    ),
  ),
)
const textOf = (refused: Refused, locale: string) => {
  const { happened, next } = wordsFor(refused, locale)
  return `${happened} ${next}`
}
const numbersIn = (text: string) => [...(text.match(/\d+/g) ?? [])].toSorted()

const blame: Readonly<Record<string, RegExp>> = {
  en: /\b(you (failed|forgot|must|should|did not|have to)|your (fault|mistake|error)|invalid|illegal|forbidden|wrong|incorrect)\b/i,
  de: /\b(Ihr Fehler|Sie (müssen|sollten|haben vergessen|hätten)|ungültig|falsch|unzulässig|verboten)\b/i,
}

describe.each(['en', 'de'])('the words in %s', (locale) => {
  it.each(codes)('%s: what happened and what to do, in whole sentences', (code) => {
    for (const one of cases.filter((each) => each.code === code)) {
      const { happened, next } = wordsFor(one, locale)
      expect(happened).toMatch(/^\p{Lu}.{8,}[.]$/u)
      expect(next).toMatch(/^\p{Lu}.{8,}[.]$/u)
      expect(happened.length + next.length).toBeLessThan(300)
    }
  })

  it('leave no placeholder, no code and no word of programs', () => {
    for (const one of cases) {
      expect(textOf(one, locale)).not.toMatch(
        /#|\$\{|[{}]|undefined|null|NaN|Invalid Date|[A-Z]{3,}_|\b(key|token|request|HTTP|epoch|server error)\b| {2}|\.\./,
      )
    }
  })

  it('blame nobody', () => {
    for (const one of cases) expect(textOf(one, locale)).not.toMatch(blame[locale] ?? /^/)
  })

  it('are told apart, but where a fan does the same', () => {
    const told = new Map(codes.map((code) => [code, textOf({ code }, locale)]))
    expect(told.get('SESSION_ENDED')).toBe(told.get('NOT_SIGNED_IN'))
    expect(new Set(told.values()).size).toBe(codes.length - 1)
  })
})

describe('the two languages', () => {
  it('give the same facts: numbers and times', () => {
    for (const one of cases.filter(({ details: of }) => of?.['opensAt'] === undefined)) {
      const plain = (locale: string) => textOf(one, locale).replaceAll(/(\d)[.,](\d{3})/g, '$1$2')
      expect(numbersIn(plain('de')), JSON.stringify(one)).toEqual(numbersIn(plain('en')))
    }
  })

  it('write a number, a wait and a plural as each does', () => {
    const limit = { code: 'LIMIT_REACHED', details: { limit: 1_200, already: 1_100 } }
    expect(textOf(limit, 'en')).toBe(
      'Each person can have 1,200 tickets for this event. You have 1,100 already. Please choose fewer.',
    )
    expect(textOf(limit, 'de')).toBe(
      'Für diese Veranstaltung gibt es höchstens 1.200 Karten je Person. Sie haben schon 1.100. Bitte wählen Sie weniger.',
    )
    const one = { code: 'LIMIT_REACHED', details: { limit: 1, already: 0 } }
    expect(textOf(one, 'en')).toContain('1 ticket for')
    expect(textOf(one, 'de')).toContain('1 Karte je')
    const fault = (count: number) => ({
      code: 'SEAT_MAP_FAULTY',
      details: { faults: Array.from({ length: count }) },
    })
    expect(textOf(fault(1), 'en')).toContain('has 1 fault.')
    expect(textOf(fault(2), 'en')).toContain('has 2 faults.')
    expect(textOf(fault(1), 'de')).toContain('steht noch 1 Fehler.')
    expect(textOf(fault(2), 'de')).toContain('stehen noch 2 Fehler.')
  })

  it.each([
    [200, 'in a moment', 'gleich'],
    [3_000, 'in a moment', 'gleich'],
    [3_001, 'in 4 seconds', 'in 4 Sekunden'],
    [60_000, 'in 60 seconds', 'in 60 Sekunden'],
    [90_001, 'in 2 minutes', 'in 2 Minuten'],
    [600_000, 'in 10 minutes', 'in 10 Minuten'],
    [86_400_000, 'in 24 hours', 'in 24 Stunden'],
  ])('a wait of %i ms is %s, %s', (retryAfterMs, english, german) => {
    const refused = { code: 'RATE_LIMITED', retryAfterMs }
    expect(textOf(refused, 'en')).toContain(`again ${english}.`)
    expect(textOf(refused, 'de')).toContain(`es ${german} noch`)
  })

  it('name the moment of opening in the language and the zone of the reader', () => {
    const opensAt = '2030-05-17T18:05:00.000Z'
    const refused = { code: 'SALE_NOT_OPEN', details: { opensAt } }
    expect(textOf(refused, 'en-GB')).toMatch(/It opens on Friday.* (17|18) May 2030.*:05/)
    expect(textOf(refused, 'de')).toMatch(/Er beginnt am \w+, (17|18)\. Mai 2030.*:05/)
    expect(textOf(refused, 'de')).toContain(String(new Date(opensAt).getHours()))
  })

  it('say of a card only what its holder may know', () => {
    const words = (declineCode: string) =>
      textOf({ code: 'CARD_DECLINED', details: { declineCode } }, 'en')
    expect(words('insufficient_funds')).toContain('not enough money')
    for (const hushed of ['stolen_card', 'lost_card', 'pickup_card', 'fraudulent', 'x', '']) {
      expect(words(hushed)).toBe(words('generic_decline'))
    }
  })
})

describe('an error of the client', () => {
  it('is said as it is, with what it knows', () => {
    const error = new FrontrowError({
      failure: failure('SEATS_TAKEN', 'm', { details: { units: [1, 2] } }),
      path: 'holds.place',
      key: 'k',
      attempts: 1,
      outcome: 'refused',
      ask: 'a',
      cause: null,
    })
    expect(wordsFor(error, ['de-AT', 'en'])).toEqual({
      happened: 'Bei 2 von diesen Plätzen war jemand schneller.',
      next: 'Bitte wählen Sie andere.',
    })
  })
})

describe('an unknown outcome', () => {
  it('says to look first, and never that nothing was done', () => {
    for (const { unknownOutcome, locale } of languages) {
      for (const code of codes) {
        expect(wordsFor({ code, outcome: 'unknown' }, locale).next).toBe(unknownOutcome)
      }
      expect(wordsFor({ code: 'OUTCOME_UNKNOWN' }, locale).next).toBe(unknownOutcome)
    }
  })
})

describe('what a client does not know', () => {
  it('is said all the same: a code of a newer server, by whether it passes', () => {
    for (const locale of ['en', 'de']) {
      const final = textOf({ code: 'NEWER' }, locale)
      const passing = textOf({ code: 'NEWER', transient: true, retryAfterMs: 30_000 }, locale)
      expect(final).not.toContain('NEWER')
      expect(passing).toContain('in 30 ')
      expect(final).not.toBe(passing)
    }
    expect(() => wordsFor({ code: 'toString' }, 'en')).not.toThrow()
  })

  it.each([{ limit: '6' }, { limit: -1, units: 'many' }, { opensAt: 'soon' }, { section: 4 }])(
    'and details of another shape are as good as absent: %j',
    (odd) => {
      for (const code of ['LIMIT_REACHED', 'SALE_NOT_OPEN', 'SEATS_TAKEN']) {
        expect(wordsFor({ code, details: odd }, 'de')).toEqual(wordsFor({ code }, 'de'))
      }
    },
  )
})

describe('the choice of a language', () => {
  const happened = (locale: string | string[]) => wordsFor({ code: 'NOT_FOUND' }, locale).happened
  const german = wordsFor({ code: 'NOT_FOUND' }, 'de').happened
  const english = wordsFor({ code: 'NOT_FOUND' }, 'en').happened

  it.each([['de-AT'], ['DE'], ['de_DE.UTF-8'], [['fr-FR', 'de-CH', 'en']]])(
    '%j is German',
    (wish) => expect(happened(wish)).toBe(german),
  )

  it.each([['en-GB'], ['fr'], [''], ['deu'], [[]]])('%j is English', (wish) =>
    expect(happened(wish)).toBe(english),
  )

  it('takes a further language from one object', () => {
    const shouted: Language = {
      ...en,
      locale: 'fr',
      codes: { ...en.codes, NOT_FOUND: { happened: 'Introuvable.', next: 'Retournez.' } },
    }
    expect(wordsFor({ code: 'NOT_FOUND' }, 'fr-CA', [...languages, shouted]).happened).toBe(
      'Introuvable.',
    )
  })

  it('has the same codes in each', () => {
    expect(Object.keys(de.codes).toSorted()).toEqual(codes.toSorted())
  })
})
