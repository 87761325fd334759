/**
 * What of an input or of a state is written into the audit log: plain JSON that every database
 * takes and gives back unchanged, bounded in size, without secrets and without e-mail addresses.
 * Fields are judged by their names, so that a new procedure cannot forget to.
 */
import { createHash } from 'node:crypto'
import { idPatterns } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import { maskedEmail } from './masked-email.ts'

/** Secrets, and keys with which an action could be repeated. */
const leftOut = new Set([
  'key',
  'code',
  'codeHash',
  'text',
  'secret',
  'secretHash',
  'token',
  'holdToken',
  'password',
])
/** Files: their hash tells which one it was. */
const hashed = new Set(['content', 'bytes'])
const masked = new Set(['email'])

const depthMax = 32
const subjectsMax = 20

/** Null for nothing; a hash and a size for what is too much. */
export function auditable(value: unknown): Json {
  const state = plain(value, depthMax)
  const text = canonicalJson(state)
  const bytes = Buffer.byteLength(text)
  return bytes <= limits.auditStateBytesMax ? state : summary(text, bytes)
}

/** The ids in the first level of `values`, and persons, each once, in their order. */
export function subjectsOf(...values: readonly unknown[]): string[] {
  const found = values.flatMap((value) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, id]) => (isSubject(name, id) ? [id] : []))
      : [],
  )
  return [...new Set(found)].slice(0, subjectsMax)
}

function isSubject(name: string, id: unknown): id is string {
  if (typeof id !== 'string' || name === 'organisation' || leftOut.has(name)) return false
  return name === 'person' || Object.values(idPatterns).some((pattern) => pattern.test(id))
}

function plain(value: unknown, depth: number): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return storable(value)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return summary(value, value.length)
  if (typeof value !== 'object') return `(${typeof value})`
  if (depth === 0) return '(deeper)'
  if (Array.isArray(value)) return value.map((item) => plain(item, depth - 1))
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined || leftOut.has(name) ? [] : [[storable(name), of(name, member, depth)]],
  )
  return Object.fromEntries(members)
}

function of(name: string, member: unknown, depth: number): Json {
  if (typeof member === 'string') {
    if (masked.has(name)) return storable(maskedEmail(member))
    if (hashed.has(name)) return summary(member, Buffer.byteLength(member))
  }
  return plain(member, depth - 1)
}

/** PostgreSQL's jsonb takes no NUL and no half characters. */
function storable(text: string): string {
  return text.replaceAll(/\0|\p{Cs}/gu, '\ufffd')
}

function summary(content: string | Uint8Array, bytes: number): Json {
  return { bytes, sha256: createHash('sha256').update(content).digest('hex') }
}
