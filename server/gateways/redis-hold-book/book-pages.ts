/**
 * Reads one event's book a part at a time, so that Redis never stops for long: first its living
 * holds, then who has what is sold. What changes meanwhile is in the stream.
 */
import type { Redis } from 'ioredis'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type { BookPage, CopiedHold, SoldUnits } from '../../domain/hold-replication.ts'
import { stateAt } from '../../domain/units.ts'
import type { OrderId } from '../../platform/ids.ts'
import { holdOfCopy, holdOfRecord } from './hold-records.ts'
import type { BookKeys } from './keys.ts'

type Asked = { readonly keys: BookKeys; readonly cursor: string | null; readonly last: number }

const cursorShape = /^([ho])(\d{1,20})$/

/** @returns null where there is no whole book, or the cursor is none of ours */
export async function readBookPage(redis: Redis, asked: Asked): Promise<BookPage | null> {
  const { keys, cursor, last } = asked
  const [, part, from] = cursorShape.exec(cursor ?? 'h0') ?? []
  if (part === undefined || from === undefined) return null
  const bitmap = await redis.getBuffer(keys.bitmap)
  const parts = [keys.bitmap, keys.owners, keys.records, keys.counts, keys.due]
  if (bitmap === null || (await redis.exists(...parts)) < parts.length) return null
  if (part === 'o') {
    const { sold, next } = await readSold(redis, { key: keys.owners, from, bitmap })
    const nextCursor = next === '0' ? null : `o${next}`
    return { last, holds: [], sold, bitmap: null, nextCursor }
  }
  const { holds, next } = await readHolds(redis, { keys, from, kind: 'book' })
  const nextCursor = next === '0' ? 'o0' : `h${next}`
  const shown = cursor === null ? bitmap.toString('base64') : null
  return { last, holds, sold: [], bitmap: shown, nextCursor }
}

type HoldsAsked = {
  readonly keys: Pick<BookKeys, 'records' | 'due'>
  readonly from: string
  readonly kind: 'book' | 'copy'
}

/** Living holds from a cursor on, until there are enough for one answer. */
export async function readHolds(
  redis: Redis,
  { keys, from, kind }: HoldsAsked,
): Promise<{ readonly holds: readonly CopiedHold[]; readonly next: string }> {
  const { holdsPerPageMax, holdsPerScan, followAnswerCharactersMax } = holdBookLimits
  const read = kind === 'book' ? holdOfRecord : holdOfCopy
  const holds: CopiedHold[] = []
  let [next, characters] = [from, 0]
  do {
    const [following, fields] = await redis.hscan(keys.records, next, 'COUNT', holdsPerScan)
    next = following
    const living = pairsOf(fields).filter(([id, text]) => id !== '' && !text.startsWith('!'))
    const [[seconds, micros], deadlines] = await Promise.all([
      redis.time(),
      living.length === 0 ? [] : redis.zmscore(keys.due, ...living.map(([id]) => id)),
    ])
    const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
    living.forEach(([id, text], index) => {
      const hold = read(id as OrderId, { text, deadlineMs: Number(deadlines[index] ?? 0), nowMs })
      characters += text.length
      if (hold.lifeMs > 0) holds.push(hold)
    })
  } while (next !== '0' && holds.length < holdsPerPageMax && characters < followAnswerCharactersMax)
  return { holds, next }
}

type SoldAsked = { readonly key: string; readonly from: string; readonly bitmap: Buffer }

async function readSold(redis: Redis, { key, from, bitmap }: SoldAsked) {
  const { holdsPerPageMax, holdsPerScan } = holdBookLimits
  const units = new Map<OrderId, number[]>()
  let [next, count] = [from, 0]
  do {
    const [following, fields] = await redis.hscan(key, next, 'COUNT', holdsPerScan)
    next = following
    for (const [unit, owner] of pairsOf(fields)) {
      if (unit === '' || stateAt(bitmap, Number(unit)) !== 'sold') continue
      const id = owner.slice(0, owner.indexOf(' ')) as OrderId
      const known = units.get(id)
      if (known === undefined) units.set(id, [Number(unit)])
      else known.push(Number(unit))
      count += 1
    }
  } while (next !== '0' && count < holdsPerPageMax * 4)
  const sold: SoldUnits[] = [...units].map(([id, own]) => ({ id, units: own }))
  return { sold, next }
}

function pairsOf(fields: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: fields.length / 2 }, (_, index) => [
    fields[index * 2] ?? '',
    fields[index * 2 + 1] ?? '',
  ])
}
