/** Living holds as the book and its copies keep them in Redis, and as they travel. */
import type { CopiedHold } from '../../domain/hold-replication.ts'
import type { OrderId } from '../../platform/ids.ts'

/** A record of book.lua; `cap` by the clock of its own Redis. */
type BookRecord = {
  readonly buyer: string
  readonly units: readonly number[]
  readonly digest: string
  readonly terms?: string
  readonly cap: number
  readonly reserved?: boolean
}

type Seen = { readonly text: string; readonly deadlineMs: number; readonly nowMs: number }

export function holdOfRecord(id: OrderId, { text, deadlineMs, nowMs }: Seen): CopiedHold {
  const record = JSON.parse(text) as BookRecord
  const { buyer, units, digest, terms = null, reserved = false } = record
  const lifeMs = Math.max(0, deadlineMs - nowMs)
  return {
    id,
    buyer,
    units,
    digest,
    terms,
    reserved,
    lifeMs,
    capMs: Math.max(0, record.cap - nowMs),
  }
}

/** What a copy keeps beside the times, which Lua writes by the clock of the copy's Redis. */
export function copyRecord(hold: CopiedHold): string {
  const { buyer, units, digest, terms, reserved } = hold
  return JSON.stringify({ buyer, units, digest, terms, reserved })
}

export function holdOfCopy(id: OrderId, { text, deadlineMs, nowMs }: Seen): CopiedHold {
  const split = text.indexOf(' ')
  const record = JSON.parse(text.slice(split + 1)) as Omit<CopiedHold, 'id' | 'lifeMs' | 'capMs'>
  const capMs = Math.max(0, Number(text.slice(0, split)) - nowMs)
  return { ...record, id, lifeMs: Math.max(0, deadlineMs - nowMs), capMs }
}
