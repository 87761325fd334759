/**
 * One text for one JSON value, whoever wrote it and in whatever order: RFC 8785 (JSON
 * Canonicalization Scheme). Members are sorted by UTF-16 code units, numbers and strings are
 * written as ECMAScript writes them, there is no white space. What is no I-JSON (RFC 7493) is
 * refused: numbers that are not finite, lone surrogates.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

/** Pairs are one character to a pattern with the flag u: only halves are left. */
const loneSurrogate = /\p{Cs}/u

/** @throws TypeError for what JSON cannot say, or not in one way */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return number(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`JSON has no ${typeof value}`)
  const members = Object.keys(value)
    .sort(byCodeUnits)
    .map((name) => `${text(name)}:${canonicalJson(value[name] as Json)}`)
  return `{${members.join(',')}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function text(value: string): string {
  if (loneSurrogate.test(value)) throw new TypeError('a lone surrogate has no UTF-8')
  return JSON.stringify(value)
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`)
  return JSON.stringify(value)
}

/** RFC 8785, 3.2.3: as arrays of code units, whatever the locale. */
function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
