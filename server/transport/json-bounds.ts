/**
 * Depth and size of JSON, judged on its text before anything is built from it. Linear in time:
 * strings are jumped over, and whether the text is JSON at all is left to the parser.
 */
import { limits } from '../platform/limits.ts'

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

/** @returns what is too much, in a sentence; null when nothing is */
export function jsonBoundFault(text: string): string | null {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at)
    } else if (code === openBracket || code === openBrace) {
      depth += 1
      values += 1
      if (depth > limits.jsonDepthMax) return `JSON may be ${limits.jsonDepthMax} levels deep.`
    } else if (code === closeBracket || code === closeBrace) {
      depth -= 1
    } else if (code === comma) {
      values += 1
    }
    if (values > limits.jsonValuesMax) return `JSON may hold ${limits.jsonValuesMax} values.`
  }
  return null
}

/** Where the string that begins at `from` ends; the end of the text where it does not. */
function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1)
  while (at !== -1 && isEscaped(text, at, from)) at = text.indexOf('"', at + 1)
  return at === -1 ? text.length : at
}

/** Each backslash is looked at once: no two quotes share a run of them. */
function isEscaped(text: string, quoteAt: number, from: number): boolean {
  let at = quoteAt - 1
  while (at > from && text.charCodeAt(at) === backslash) at -= 1
  return (quoteAt - 1 - at) % 2 === 1
}
