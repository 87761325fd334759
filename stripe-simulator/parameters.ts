/**
 * Reads and checks the parameters of one request, with Stripe's refusals. Nothing here looks at
 * stored objects: a refusal from here happens before execution and is not kept under a key.
 */
import { type ApiError, invalidRequest } from './api-error.ts'
import type { FormFields, FormValue } from './form-body.ts'
import { limits } from './limits.ts'
import type { Metadata } from './records.ts'

/** Refuses names that the endpoint does not know, as Stripe does: a typo must not pass silently. */
export function checkKnown(fields: FormFields, known: ReadonlySet<string>): void {
  for (const name of Object.keys(fields)) {
    if (known.has(name) || name === 'expand') continue
    throw invalidRequest(`Received unknown parameter: ${name}`, {
      code: 'parameter_unknown',
      param: name,
    })
  }
}

/** An empty text is absent: it is how the SDK sends null. */
export function readText(fields: FormFields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw invalidRequest(`Invalid string: ${name}`, { param: name })
  if (value.length > limits.textLength) {
    const message = `Invalid string: ${name} must be at most ${limits.textLength} characters`
    throw invalidRequest(message, { param: name })
  }
  return value
}

/** An absolute address to go back to; scripts are none. */
export function readUrl(fields: FormFields, name: string): string | undefined {
  const value = readText(fields, name)
  if (value === undefined) return undefined
  if (URL.canParse(value) && !/^(javascript|data):/i.test(value)) return value
  throw invalidRequest('Not a valid URL', { code: 'url_invalid', param: name })
}

export function requireText(fields: FormFields, name: string): string {
  return readText(fields, name) ?? fail(missing(name))
}

export function readChoice<T extends string>(
  fields: FormFields,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = readText(fields, name)
  if (value === undefined) return undefined
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  const message = `Invalid ${name}: must be one of ${choices.join(', ')}`
  throw invalidRequest(message, { param: name })
}

export function readFlag(fields: FormFields, name: string): boolean | undefined {
  const value = readText(fields, name)
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') {
    throw invalidRequest(`Invalid boolean: ${value}`, { param: name })
  }
  return value === 'true'
}

/** A whole number of at least `least`. */
export function readInteger(fields: FormFields, name: string, least = 1): number | undefined {
  const value = readText(fields, name)
  if (value === undefined) return undefined
  const details = { code: 'parameter_invalid_integer', param: name }
  if (!/^-?\d{1,15}$/.test(value)) throw invalidRequest(`Invalid integer: ${value}`, details)
  const number = Number(value)
  if (number < least) {
    throw invalidRequest(`This value must be greater than or equal to ${least}.`, details)
  }
  return number
}

export function requireInteger(fields: FormFields, name: string, least = 1): number {
  return readInteger(fields, name, least) ?? fail(missing(name))
}

export function readList(fields: FormFields, name: string): string[] | undefined {
  const value = fields[name]
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string') return [value]
  return Object.values(value).filter((item): item is string => typeof item === 'string')
}

export function readFields(fields: FormFields, name: string): FormFields | undefined {
  const value: FormValue | undefined = fields[name]
  return typeof value === 'object' ? value : undefined
}

/** At most 50 keys of 40 characters with values of 500; an empty value removes its key. */
export function readMetadata(fields: FormFields, earlier: Metadata = {}): Metadata {
  if (fields['metadata'] === '') return {}
  const given = readFields(fields, 'metadata')
  if (given === undefined) return earlier
  const merged: Record<string, string> = { ...earlier }
  for (const [name, value] of Object.entries(given)) {
    const param = `metadata[${name}]`
    if (typeof value !== 'string' || value.length > limits.metadataValueLength) {
      const most = limits.metadataValueLength
      throw invalidRequest(`Metadata values can have up to ${most} characters`, { param })
    }
    if (name.length > limits.metadataKeyLength) {
      const most = limits.metadataKeyLength
      throw invalidRequest(`Metadata keys can have up to ${most} characters`, { param })
    }
    if (value === '') delete merged[name]
    else merged[name] = value
  }
  if (Object.keys(merged).length > limits.metadataKeys) {
    const message = `You can only have up to ${limits.metadataKeys} metadata keys`
    throw invalidRequest(message, { param: 'metadata' })
  }
  return merged
}

function missing(name: string): ApiError {
  return invalidRequest(`Missing required param: ${name}.`, {
    code: 'parameter_missing',
    param: name,
  })
}

function fail(error: ApiError): never {
  throw error
}
