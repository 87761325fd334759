/**
 * Stripe's request encoding: `a=1&b[c]=2&d[0]=x` (also `d[]=x`) into nested fields. Lists become
 * objects with the keys "0", "1", …; `readList` in parameters.ts reads them back. The objects have
 * no prototype, so a name like `__proto__` is only a name.
 */
import { limits } from './limits.ts'

export type FormValue = string | FormFields

export interface FormFields {
  [name: string]: FormValue
}

/** The text is not a form: too many pairs, too deep, or bad percent-encoding. */
export class FormBodyError extends Error {}

export function parseFormBody(text: string): FormFields {
  const fields: FormFields = Object.create(null)
  if (text === '') return fields
  const pairs = text.split('&')
  if (pairs.length > limits.formPairs) throw new FormBodyError('too many parameters')
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    place(fields, splitName(name), value)
  }
  return fields
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch (cause) {
    throw new FormBodyError('bad percent-encoding', { cause })
  }
}

/** `a[b][0]` into `['a', 'b', '0']`. */
function splitName(name: string): string[] {
  const bracket = name.indexOf('[')
  if (bracket <= 0 || !name.endsWith(']')) return [name]
  const path = [name.slice(0, bracket), ...name.slice(bracket + 1, -1).split('][')]
  if (path.length > limits.formDepth) throw new FormBodyError('parameters are nested too deeply')
  return path
}

function place(fields: FormFields, path: readonly string[], value: string): void {
  let target = fields
  for (const [depth, step] of path.entries()) {
    const name = step === '' ? String(Object.keys(target).length) : step
    if (depth === path.length - 1) {
      target[name] = value
      return
    }
    const next = target[name]
    if (typeof next === 'object') target = next
    else target = target[name] = Object.create(null) as FormFields
  }
}
