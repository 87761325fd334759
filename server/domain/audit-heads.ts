/**
 * The file of heads that is kept outside of the database: where each chain ended at some time. Its
 * digest is short enough to be written down elsewhere, so that the file itself can be checked.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AuditHead } from './audit-chain.ts'
import { canonicalJson } from './canonical-json.ts'

const format = 'frontrow audit heads 1'
const hash = z.string().regex(/^[0-9a-f]{64}$/)

const shape = z.strictObject({
  format: z.literal(format),
  takenAt: z.iso.datetime(),
  heads: z.array(
    z.strictObject({ region: z.string(), chain: z.string(), seq: z.int().min(1), hash }),
  ),
  digest: hash,
})

export type AuditHeads = {
  readonly takenAt: string
  readonly heads: readonly AuditHead[]
  /** SHA-256 of the canonical JSON of all else in the file. */
  readonly digest: string
}

export function writeHeads(heads: readonly AuditHead[], atMs: number): AuditHeads {
  const takenAt = new Date(atMs).toISOString()
  return { takenAt, heads, digest: digestOf(takenAt, heads) }
}

export function headsText(heads: AuditHeads): string {
  return `${JSON.stringify({ format, ...heads }, null, 1)}\n`
}

/** Null for what is no such file, or was changed after it was written. */
export function readHeads(text: string): AuditHeads | null {
  const parsed = shape.safeParse(parse(text))
  if (!parsed.success) return null
  const { takenAt, heads, digest } = parsed.data
  return digest === digestOf(takenAt, heads) ? { takenAt, heads, digest } : null
}

function digestOf(takenAt: string, heads: readonly AuditHead[]): string {
  const listed = heads.map(({ region, chain, seq, hash: head }) => ({
    region,
    chain,
    seq,
    hash: head,
  }))
  const text = canonicalJson({ format, takenAt, heads: listed })
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
