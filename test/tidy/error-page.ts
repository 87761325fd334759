/**
 * docs/errors.md, written from the table of refusals, so that what people read cannot differ from
 * what the server does. The text around the table stands here; the texts in it in domain/refusals/.
 */
import type { RefusalFacts, RefusalGroup } from '../../server/domain/refusals/refusal-facts.ts'
import { refusalGroups } from '../../server/domain/refusals/refusal-table.ts'

export const errorPagePath = 'docs/errors.md'

const opening = `# Refusals

Every expected "no" has one of these codes. It arrives as \`error.data.refusal\`: \`{ code, message, transient, retryAfterMs, details }\`, beside \`error.data.requestId\`; faults in the input also list \`error.data.issues\`, one \`{ path, message }\` a field. **Transient** means that the same request, sent again unchanged after \`retryAfterMs\`, could end differently: the client in \`client/\` does that by itself, with the same key. Everything else is final until somebody does something.

An answer without a refusal and with status 500 is a fault of ours: it has a request id, and the log has the rest.

A newer server may have codes that a client does not know: \`transient\`, \`retryAfterMs\` and \`message\` hold for them too.

This page is written by \`npm run docs:errors\` from \`server/domain/refusals/\`.`

const columns = [
  'code',
  'HTTP',
  'transient, wait',
  'what it means',
  'the fan',
  'the operator',
  'the developer',
  '`details`',
]

const closing = `## In words

\`wordsFor(error, locale)\` of \`client/\` says each of them to a fan, in English and German: what happened, and what to do next, with the limit, the wait or the reason of the card where the refusal knows it. It also has words for what only a client sees (no connection, no answer in time), for an outcome that is unknown, and for codes of a newer server.

Another language is one file; the compiler names each code that it lacks:

\`\`\`ts
import { type Language, languages, wordsFor } from 'frontrow/client'
const fr: Language = { locale: 'fr', codes: { SEATS_TAKEN: { happened: '…', next: '…' } /* … */ } /* … */ }
wordsFor(error, 'fr-CA', [...languages, fr])
\`\`\`
`

export function errorPage(): string {
  const sections = refusalGroups.map(({ title, group }) => `## ${title}\n\n${tableOf(group)}`)
  return [opening, ...sections, closing].join('\n\n')
}

function tableOf(group: RefusalGroup): string {
  const rows = Object.entries(group).map(([code, facts]) => rowOf(code, facts))
  return [columns, columns.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function rowOf(code: string, facts: RefusalFacts): string[] {
  const { status, retryAfterMs, means, fan, operator, developer, details = '' } = facts
  const wait = retryAfterMs === null ? 'no' : `yes, ${retryAfterMs} ms`
  const texts = [means, fan, operator, developer, details].map((text) =>
    text.replaceAll('|', '\\|'),
  )
  return [`\`${code}\``, String(status), wait, ...texts]
}
