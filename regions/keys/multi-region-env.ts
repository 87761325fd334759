/**
 * The values of .env.multi-region, from its example: every empty name gets a new key set, secret or
 * password by what the name says. Text in, text out; a name that says nothing is a fault.
 */
import { randomBytes } from 'node:crypto'
import { KeySetError, newKeySet, parseKeySet, published } from './key-set.ts'

/** Region codes, as names of settings end with them, and the names of their regions. */
const regionNames = { USE1: 'us-east1', EUW1: 'europe-west1', ASE1: 'asia-southeast1' } as const

const secretBytes = 32

/** @returns the example with a value for each name that has none; `known` values are kept. */
export function filledExample(example: string, known: ReadonlyMap<string, string>): string {
  const values = new Map(known)
  const lines = example.split('\n').map((line) => {
    const name = /^([A-Z][A-Z0-9_]*)=$/.exec(line)?.[1]
    if (name === undefined) return line
    const value = values.get(name) ?? newValue(name, values)
    values.set(name, value)
    return `${name}=${value.startsWith('{') ? `'${value}'` : value}`
  })
  return lines.join('\n')
}

/** Names and values of such a file; only the form that is written here. */
export function readEnv(text: string): Map<string, string> {
  const pairs = text.split('\n').flatMap((line): [string, string][] => {
    const match = /^([A-Z][A-Z0-9_]*)=(?:'(.*)'|(.*))$/.exec(line)
    const value = match?.[2] ?? match?.[3] ?? ''
    return match?.[1] === undefined || value === '' ? [] : [[match[1], value]]
  })
  return new Map(pairs)
}

function newValue(name: string, values: ReadonlyMap<string, string>): string {
  if (name === 'REGION_CALL_PUBLIC_KEYS') return JSON.stringify(publicCallKeys(values))
  if (/_KEYS(_[A-Z]+\d)?$/.test(name)) return JSON.stringify(newKeySet())
  if (name === 'STRIPE_WEBHOOK_SECRET') return `whsec_${newSecret()}`
  if (/_(SECRET|PASSWORD|API_KEY)$/.test(name)) return newSecret()
  throw new KeySetError(`${name} is neither a key set, a secret nor a password by its name.`)
}

/** Of the sets that stand above it in the file. */
function publicCallKeys(values: ReadonlyMap<string, string>) {
  const sets = Object.entries(regionNames).map(([code, region]) => {
    const set = parseKeySet(values.get(`REGION_CALL_KEYS_${code}`) ?? '')
    return [region, published(set)] as const
  })
  return Object.fromEntries(sets)
}

function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}
