/** A value that is put in somewhere, in all the forms in which it could come out elsewhere. */

export type Canary = {
  readonly what: string
  readonly value: string
  /** `table.column` where it is kept, by the reason why. Nowhere else. */
  readonly belongs?: Readonly<Record<string, string>>
}

/** As it is, escaped, percent-encoded, in hex and in base64 wherever it may begin. */
export function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  const encoded = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    // The letters at both ends depend on what stands beside.
    const inner = whole
      .slice(shift === 0 ? 0 : 4)
      .replace(/=+$/, '')
      .slice(0, -1)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const forms = [value, encodeURIComponent(value), bytes.toString('hex'), ...encoded]
  return [...new Set(forms.map((form) => form.toLowerCase()))]
}

/** What of the canaries is in a text. */
export function foundIn(text: string, canaries: readonly Canary[]): string[] {
  const low = text.toLowerCase()
  return canaries
    .filter(({ value }) => formsOf(value).some((form) => low.includes(form)))
    .map(({ what }) => what)
}

/** The same with some of what stands around it, for whoever must find the place. */
export function around(text: string, { value }: Canary): string {
  const low = text.toLowerCase()
  const at = Math.max(...formsOf(value).map((form) => low.indexOf(form)))
  return text.slice(Math.max(0, at - 160), at + 60)
}
