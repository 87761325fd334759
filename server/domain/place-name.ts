/**
 * The names of sections, rows and seats (and of a map). People read them aloud at a door, so two
 * names that look alike are one name, and a name has no character that hides or reorders text.
 */

import { quoted, type SeatMapFaultCode } from './seat-map-fault.ts'
import { placeNameMaxCharacters } from './seat-map-limits.ts'

export type PlaceNameResult =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly code: SeatMapFaultCode; readonly message: string }

/** Controls, lone surrogates, line separators, invisible format characters (bidi overrides among
 * them) except the two joiners that scripts need, and the mark that a lossy conversion leaves. */
const badCharacter = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u

/** Normalising a name this long cannot bring it within the limit. */
const hopelessLength = 20 * placeNameMaxCharacters

/** Nearly all names: nothing to normalise, so that a large map is read in a fraction of the time. */
const plainName = /^[!-~]{1,40}$/

/** The name as it is kept: NFC, without outer spaces, inner spaces single; or what is wrong. */
export function readPlaceName(raw: string): PlaceNameResult {
  if (plainName.test(raw)) return { ok: true, name: raw }
  if (raw.length > hopelessLength) return tooLong(raw)
  const bad = badCharacter.exec(raw)
  if (bad) return badName(raw, bad[0])
  const name = raw.normalize('NFC').trim().replace(/\s+/g, ' ')
  if (placeNameKey(name) === '') {
    return { ok: false, code: 'empty-name', message: 'This name is empty. Give it one.' }
  }
  return Array.from(name).length > placeNameMaxCharacters ? tooLong(name) : { ok: true, name }
}

/** Equal for names that differ only in case, Unicode form, spaces or invisible characters. */
export function placeNameKey(name: string): string {
  if (plainName.test(name)) return name.toLowerCase()
  const plain = name.normalize('NFKC').replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '')
  return plain.toUpperCase().toLowerCase()
}

function tooLong(name: string): PlaceNameResult {
  const message = `The name ${quoted(name)} is longer than ${placeNameMaxCharacters} characters. Shorten it.`
  return { ok: false, code: 'name-too-long', message }
}

function badName(raw: string, character: string): PlaceNameResult {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const why = character === '\ufffd' ? 'a sign that its encoding was damaged before' : 'not allowed'
  const message = `The name ${quoted(raw)} has the character U+${code}, ${why}. Type the name anew.`
  return { ok: false, code: 'name-bad-character', message }
}
