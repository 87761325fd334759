/**
 * Reads CSV as RFC 4180 has it, record by record, with the line and column of each field. It is
 * ours because the libraries at hand tell at most the line. Line ends may be CRLF, LF or CR; blank
 * lines are passed over. A quote inside an unquoted field is refused, not guessed at.
 */
import type { Position } from './seat-map-fault.ts'
import { csvLineMaxFields } from './seat-map-limits.ts'

export type CsvField = Position & { readonly text: string }

export type CsvRecord = Position & { readonly fields: readonly CsvField[] }

/** Why the text is not CSV from here on. */
export type CsvBreak = Position & { readonly message: string }

type Cursor = { readonly text: string; at: number; line: number; lineStart: number }

/** Yields each record; returns where and why it had to end early, or undefined at a proper end. */
export function* readCsvRecords(text: string): Generator<CsvRecord, CsvBreak | undefined> {
  const cursor: Cursor = { text, at: 0, line: 1, lineStart: 0 }
  while (cursor.at < text.length) {
    if (endLine(cursor)) continue
    const fields: CsvField[] = []
    const { line, column } = position(cursor)
    do {
      if (fields.length > 0) cursor.at += 1
      const field = fields.length < csvLineMaxFields ? readField(cursor) : tooManyFields(cursor)
      if ('message' in field) return field
      fields.push(field)
    } while (text[cursor.at] === ',')
    yield { line, column, fields }
  }
  return undefined
}

function position(cursor: Cursor): Position {
  return { line: cursor.line, column: cursor.at - cursor.lineStart + 1 }
}

function tooManyFields(cursor: Cursor): CsvBreak {
  return { ...position(cursor), message: `This line has more than ${csvLineMaxFields} fields.` }
}

function readField(cursor: Cursor): CsvField | CsvBreak {
  if (cursor.text[cursor.at] === '"') return readQuotedField(cursor)
  const { line, column } = position(cursor)
  const from = cursor.at
  while (cursor.at < cursor.text.length && !endsField(cursor.text.charCodeAt(cursor.at))) {
    cursor.at += 1
  }
  if (cursor.text[cursor.at] !== '"') {
    return { line, column, text: cursor.text.slice(from, cursor.at) }
  }
  const message =
    'A quote stands inside an unquoted field. Quote the whole field and double the quote.'
  return { ...position(cursor), message }
}

/** Line feed, carriage return, comma; or a quote, which may not stand here. */
function endsField(code: number): boolean {
  return code === 10 || code === 13 || code === 44 || code === 34
}

function readQuotedField(cursor: Cursor): CsvField | CsvBreak {
  const begin = position(cursor)
  let text = ''
  const opening = cursor.at
  let from = opening + 1
  for (;;) {
    const quote = cursor.text.indexOf('"', from)
    if (quote === -1) {
      return {
        ...begin,
        message: 'This quote is never closed. Close it, or double it if it is meant.',
      }
    }
    text += cursor.text.slice(from, quote)
    cursor.at = quote + 1
    if (cursor.text[quote + 1] !== '"') break
    text += '"'
    from = quote + 2
  }
  countLines(cursor, opening)
  const after = cursor.text[cursor.at]
  if (after === undefined || ',\r\n'.includes(after)) return { ...begin, text }
  return {
    ...position(cursor),
    message: 'Only a comma or the end of the line may follow a closing quote.',
  }
}

/** Steps over the line ends of the quoted field from `from` to the cursor. */
function countLines(cursor: Cursor, from: number): void {
  for (let at = from; at < cursor.at; at += 1) {
    const character = cursor.text[at]
    const isPair = character === '\r' && cursor.text[at + 1] === '\n'
    if (isPair || (character !== '\n' && character !== '\r')) continue
    cursor.line += 1
    cursor.lineStart = at + 1
  }
}

/** Steps over one line end. @returns false when there is none here. */
function endLine(cursor: Cursor): boolean {
  const character = cursor.text[cursor.at]
  if (character !== '\n' && character !== '\r') return false
  const isPair = character === '\r' && cursor.text[cursor.at + 1] === '\n'
  cursor.at += isPair ? 2 : 1
  cursor.line += 1
  cursor.lineStart = cursor.at
  return true
}
