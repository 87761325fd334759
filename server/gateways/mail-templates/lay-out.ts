/**
 * A draft as plain text and as HTML. The HTML has no picture, no link, no script and nothing to
 * load, so that opening it tells nobody anything; styles stand inline, as mail programs want them.
 */
import type { Locale } from '../../domain/mail.ts'
import type { Draft } from './draft.ts'
import { escapeHtml } from './escape-html.ts'

export type Footed = Draft & { readonly footer: string; readonly locale: Locale }

const bodyStyle =
  'margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif'
const codeStyle =
  'margin:24px 0;font:700 32px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:2px;' +
  'word-break:break-all;user-select:all;-webkit-user-select:all'
/** A long code is for copying, not for reading aloud. */
const longCodeStyle = codeStyle.replace('32px', '20px').replace('2px;', '0;')
const shortCodeCharactersMax = 12
const footerStyle = 'margin:32px 0 0;font-size:14px;opacity:.75'

export function asText({ opening, code, closing, footer }: Footed): string {
  const middle = code === null ? [] : [`    ${code}`]
  return `${[...opening, ...middle, ...closing, `-- \n${footer}`].join('\n\n')}\n`
}

export function asHtml(draft: Footed): string {
  const { opening, code, closing, footer, locale, subject } = draft
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="${bodyStyle}"><div style="max-width:560px;margin:0 auto">
${paragraphs(opening)}
${code === null ? '' : codeBlock(code)}
${paragraphs(closing)}
<p style="${footerStyle}">${escapeHtml(footer)}</p>
</div></body></html>
`
}

function paragraphs(sentences: readonly string[]): string {
  return sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')
}

function codeBlock(code: string): string {
  const style = code.length <= shortCodeCharactersMax ? codeStyle : longCodeStyle
  return `<p style="${style}">${escapeHtml(code)}</p>`
}
