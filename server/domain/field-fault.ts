/**
 * What is wrong with an input, field by field, so that a form can show all of it at once. Texts
 * come from outside: they are bounded, and free of what hides, reorders or cannot be stored.
 */
import { isReadable } from './readable.ts'
import { type Refusal, refusal } from './refusal.ts'

export type FieldFault = {
  /** The input's own name of the field, such as `name` or `tiers[2].rules[0].price`. */
  readonly field: string
  /** What must hold. */
  readonly message: string
}

/** Nobody mends more at a time. */
const listedFaultsMax = 100

/** One refusal for all faults, or null when there are none. */
export function badInput(faults: readonly FieldFault[]): Refusal | null {
  const first = faults[0]
  if (first === undefined) return null
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  const listed = faults.slice(0, listedFaultsMax)
  return refusal('BAD_INPUT', `${first.field}: ${first.message}${more}`, { faults: listed })
}

/** The fault, if `holds` is false. */
export function faultUnless(holds: boolean, field: string, message: string): FieldFault[] {
  return holds ? [] : [{ field, message }]
}

/** Controls, lone surrogates, line separators, invisible format characters except the joiners. */
const badInLine = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
/** A longer text may have lines and tabs. */
const badInText = /(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/u

/** A name, city or the like: one line with something visible on it. */
export function lineFaults(field: string, value: string, maxCharacters: number): FieldFault[] {
  const isHidden = badInLine.test(value)
  return [
    // Of what hides, that is said, and no more.
    ...faultUnless(isHidden || isReadable(value), field, 'must have something to read'),
    ...faultUnless(value === value.trim(), field, 'must not begin or end with a space'),
    ...lengthFaults(field, value, maxCharacters),
    ...faultUnless(!isHidden, field, 'must have no control or invisible characters'),
  ]
}

/** A description: any number of lines, or nothing. */
export function textFaults(field: string, value: string, maxCharacters: number): FieldFault[] {
  return [
    ...lengthFaults(field, value, maxCharacters),
    ...faultUnless(!badInText.test(value), field, 'must have no control or invisible characters'),
  ]
}

function lengthFaults(field: string, value: string, maxCharacters: number): FieldFault[] {
  // A code point is at most two code units: what is longer is not even counted.
  const fits = value.length <= 2 * maxCharacters && Array.from(value).length <= maxCharacters
  return faultUnless(fits, field, `must have at most ${maxCharacters} characters`)
}

/** A whole number between two bounds. */
export function wholeFaults(
  field: string,
  value: number,
  bounds: { readonly min: number; readonly max: number },
): FieldFault[] {
  const fits = Number.isSafeInteger(value) && value >= bounds.min && value <= bounds.max
  return faultUnless(fits, field, `must be a whole number from ${bounds.min} to ${bounds.max}`)
}
