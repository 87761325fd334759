/**
 * Names that somebody chose, made fit for a letter of ours: one line, of bounded length, in its
 * own direction, and never a link. Otherwise an invitation from "Free money: http://evil.example"
 * would carry a stranger's words under our name.
 */
import { limits } from '../../platform/limits.ts'

const wordJoiner = '\u2060'
/** Embeddings, overrides and isolates: they would turn the words around that follow. */
const directionControls = /[\u202A-\u202E\u2066-\u2069]/gu

export function chosenName(text: string): string {
  const line = text
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(directionControls, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  return unlinked(clipped(line))
}

function clipped(text: string): string {
  // Whole characters, so that none is cut in half.
  const characters = Array.from(text)
  if (characters.length <= limits.mailNameCharactersMax) return text
  return `${characters.slice(0, limits.mailNameCharactersMax - 1).join('')}…`
}

/** Mail programs make links of what looks like one; an invisible joint keeps them from it. */
function unlinked(text: string): string {
  return text.replace(/[.:/@](?=\S)/gu, (mark) => `${mark}${wordJoiner}`)
}
