/** Numbers, waits and times in a language, by the platform's Intl; no word of ours. */

export type Say = {
  readonly number: (value: number) => string
  /** The form for a count, in which `#` stands for the number: `{ one: '# seat', other: '# seats' }`. */
  readonly count: (value: number, forms: PluralForms) => string
  /** "in 20 seconds", "in 3 minutes": rounded up, in the largest unit that is still honest. */
  readonly inSeconds: (seconds: number) => string
  /** A moment in the time zone of the reader, with its name. */
  readonly time: (moment: Date) => string
}

export type PluralForms = { readonly other: string } & Readonly<
  Partial<Record<Intl.LDMLPluralRule, string>>
>

export function sayIn(locale: string): Say {
  const number = new Intl.NumberFormat(locale)
  const plural = new Intl.PluralRules(locale)
  return {
    number: (value) => number.format(value),
    count: (value, forms) =>
      (forms[plural.select(value)] ?? forms.other).replace('#', number.format(value)),
    inSeconds: (seconds) => {
      const [size, unit] = unitFor(seconds)
      const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' })
      return relative.format(Math.ceil(seconds / size), unit)
    },
    time: (moment) => new Intl.DateTimeFormat(locale, timeForm).format(moment),
  }
}

const timeForm = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
} as const

/** Up to 90 of a unit are said in that unit: "in 80 seconds", but "in 2 minutes". */
function unitFor(seconds: number): readonly [number, Intl.RelativeTimeFormatUnit] {
  if (seconds <= 90) return [1, 'second']
  return seconds <= 90 * 60 ? [60, 'minute'] : [3_600, 'hour']
}
