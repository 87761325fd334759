/**
 * What a person sees: the newest mails, and one of them. No script at all; the list loads itself
 * again, and the HTML of a mail stands in a frame that may run and load nothing.
 */
import { limits } from './limits.ts'
import type { Mail } from './mail.ts'

export const pagePolicy =
  "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
/** `sandbox`: also when it is opened by itself. */
export const mailHtmlPolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'"

const refreshSeconds = 3

export const style = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:baseline;justify-content:space-between}
h1{font-size:1.25rem;margin:0}
ol{list-style:none;margin:1rem 0;padding:0}
li a{display:block;padding:.75rem 0;border-top:1px solid #8886;color:inherit;text-decoration:none}
li a:hover,li a:focus{background:#8882}
.subject{font-weight:600}.quiet{opacity:.7;font-size:.875rem;overflow-wrap:anywhere}
.code{font:700 1.75rem/1.3 ui-monospace,monospace;user-select:all;overflow-wrap:anywhere;margin:1rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;border:1px solid #8886;border-radius:.5rem;padding:1rem}
iframe{width:100%;height:34rem;border:1px solid #8886;border-radius:.5rem;background:#fff}
button{font:inherit;padding:.4rem .9rem}
`

export function listPage(mails: readonly Mail[]): string {
  const items = mails.slice(0, limits.listedMax).map(
    (mail) => `<li><a href="/mails/${escape(mail.id)}"><div class="subject">${escape(
      mail.subject,
    )}</div>
<div class="quiet">to ${escape(mail.to.join(', '))} · ${shownTime(mail.at)}${
      mail.code === null ? '' : ` · code <b>${escape(mail.code)}</b>`
    }</div></a></li>`,
  )
  const body = items.length === 0 ? '<p>No mail yet.</p>' : `<ol>${items.join('\n')}</ol>`
  return page(
    'Mails',
    `<header><h1>Mails of this system</h1><form method="post" action="/delete"><button>Delete all</button></form></header>
${body}
<p class="quiet">${mails.length} kept. Nothing leaves this machine. This page looks again every ${refreshSeconds} seconds.</p>`,
    `<meta http-equiv="refresh" content="${refreshSeconds}">`,
  )
}

export function mailPage(mail: Mail): string {
  const frame =
    mail.html === null
      ? ''
      : `<h2>HTML</h2><iframe sandbox title="The mail as HTML" src="/mails/${escape(mail.id)}/html"></iframe>`
  return page(
    mail.subject,
    `<header><h1>${escape(mail.subject)}</h1><a href="/">All mails</a></header>
<p class="quiet">from ${escape(headerOf(mail, 'from'))}<br>to ${escape(mail.to.join(', '))}<br>${shownTime(mail.at)}${
      mail.template === null ? '' : `<br>template ${escape(mail.template)}`
    }</p>
${mail.code === null ? '' : `<p class="code">${escape(mail.code)}</p>`}
<h2>Text</h2><pre>${escape(mail.text)}</pre>
${frame}`,
  )
}

function headerOf(mail: Mail, name: string): string {
  return mail.headers.find(([key]) => key === name)?.[1] ?? mail.from
}

const shownTime = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)}</title>${head}<link rel="stylesheet" href="/style.css"></head>
<body>${body}</body></html>
`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
