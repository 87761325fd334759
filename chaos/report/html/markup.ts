/**
 * Text that becomes HTML is escaped unless it was made here: names, sentences and error texts of a
 * run come from outside, and none of them may run or break the page.
 */

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Markup | null | undefined | false | readonly Piece[]

/** A tag for templates: `html\`<p>${said}</p>\``. Nothing is written for null, undefined and false. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const parts = strings.map((text, index) => `${text}${written(pieces[index] ?? null)}`)
  return new Markup(parts.join(''))
}

const names: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** No HTML text may contain these, and terminals act on them: they become a sign that one was there. */
const control = /[^\P{Cc}\t\n]/gu

export function escaped(text: string): string {
  return text.replace(control, '\uFFFD').replace(/[&<>"']/g, (sign) => names[sign] ?? '')
}

function written(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return ''
  if (piece instanceof Markup) return piece.text
  if (typeof piece === 'string') return escaped(piece)
  if (typeof piece === 'number') return String(piece)
  return piece.map(written).join('')
}
