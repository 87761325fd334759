/**
 * What a client calls what it asks for: the name under which it prepared the statement, and for one
 * without a name the beginning of its text, such as `commit`.
 */
import type { MessageReader } from './message-reader.ts'

const textCharactersMax = 80

export type Asked = {
  readonly statement: string
  /** It ends an explicit transaction and keeps what was done in it. */
  readonly isCommit: boolean
  /** Statement and parameters: the same again when the same is tried again. */
  readonly whole: Buffer
}

export class StatementNames {
  /** Prepared statements that are commits; hardly any client names one. */
  readonly #commits = new Set<string>()
  #unnamed = ''

  /** Of a Parse message: the statement's name, then its text. */
  parsed({ body }: MessageReader): void {
    const name = wordAt(body, 0)
    const text = shortened(body.subarray(Buffer.byteLength(name) + 1))
    if (name === '') this.#unnamed = text
    else if (isCommit(text)) this.#commits.add(name)
  }

  /** Of a Bind message: the portal's name, the statement's, and the parameters. */
  bound({ body }: MessageReader): Asked {
    const portal = wordAt(body, 0)
    const name = wordAt(body, Buffer.byteLength(portal) + 1)
    const statement = name === '' ? this.#unnamed : name
    const isEnd = this.#commits.has(name) || (name === '' && isCommit(statement))
    return { statement, isCommit: isEnd, whole: body }
  }
}

/** Of a Query message, which is a text. */
export function queried({ body }: MessageReader): Asked {
  const statement = shortened(body)
  return { statement, isCommit: isCommit(statement), whole: body }
}

function wordAt(body: Buffer, start: number): string {
  return body.toString('utf8', start, body.indexOf(0, start))
}

/** On one line, in lower case. */
function shortened(text: Buffer): string {
  const end = text.indexOf(0)
  const head = text.toString('utf8', 0, end < 0 ? text.length : Math.min(end, textCharactersMax))
  return head.trim().replace(/\s+/g, ' ').toLowerCase()
}

function isCommit(text: string): boolean {
  return /^(commit|end)\b/.test(text)
}
