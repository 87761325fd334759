/** Tables as all of the page's look: numbers to the right, the first cell of a row its name. */
import { html, type Markup } from './markup.ts'

type Cell = string | number | Markup

export type Column = { readonly title: string; readonly isNumber?: true; readonly isWide?: true }

export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const kind = ({ isNumber, isWide }: Column) => html`${isNumber && 'number'}${isWide && 'wide'}`
  const cells = (row: readonly Cell[]) =>
    columns.map((column, index) => {
      const cell = row[index] ?? ''
      return index === 0
        ? html`<th scope="row" class="${kind(column)}">${cell}</th>`
        : html`<td class="${kind(column)}">${cell}</td>`
    })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption class="unseen">${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
</table></div>`
}

/** A word and a sign beside the colour, for who sees none and for paper. */
export function badge(kind: 'good' | 'bad' | 'none', text: string): Markup {
  const signs = { good: '✓', bad: '✗', none: '–' }
  return html`<span class="badge ${kind}"><span aria-hidden="true">${signs[kind]}</span> ${text}</span>`
}
