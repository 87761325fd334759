/**
 * From copies to books. SQL is right about what is sold, reserved and blocked; a hold that lived in
 * a copy goes on where SQL leaves room for it, as it was: its units, its price, what is left of it.
 */
import type { CopiedBook, CopiedHold } from './hold-replication.ts'
import {
  type BookContent,
  type InventorySnapshot,
  snapshotBitmap,
  unitsByBuyer,
} from './inventory.ts'
import { setState, stateAt } from './units.ts'

export type MergeFacts = {
  readonly snapshot: InventorySnapshot
  /** Of one copy, or of several of one epoch: the first that names a hold counts. */
  readonly holds: readonly CopiedHold[]
  readonly units: number
  readonly limitPerBuyer: number
}

export type MergedBook = {
  readonly content: BookContent
  /** Holds that go on, and those that do not; what SQL knows as an order is neither. */
  readonly kept: number
  readonly dropped: number
}

export function mergeBook({ snapshot, holds, units, limitPerBuyer }: MergeFacts): MergedBook {
  const bitmap = snapshotBitmap(snapshot, units)
  const counts = unitsByBuyer(snapshot)
  const known = new Set([...snapshot.sold, ...snapshot.pending].map(({ id }) => id))
  const held: CopiedHold[] = []
  let dropped = 0
  for (const hold of holds) {
    if (known.has(hold.id)) continue
    known.add(hold.id)
    const count = (counts.get(hold.buyer) ?? 0) + hold.units.length
    const fits = count <= limitPerBuyer && isWhole(hold) && areFree(bitmap, hold.units, units)
    if (fits) {
      held.push(hold)
      counts.set(hold.buyer, count)
      for (const unit of hold.units) setState(bitmap, unit, 'held')
    } else {
      dropped += 1
    }
  }
  return { content: { ...snapshot, held }, kept: held.length, dropped }
}

/** Over, or a reservation that was built from SQL, whose order has ended there since: no hold. */
function isWhole({ units, terms, lifeMs }: CopiedHold): boolean {
  return lifeMs > 0 && terms !== null && units.length > 0 && new Set(units).size === units.length
}

function areFree(bitmap: Uint8Array, asked: readonly number[], units: number): boolean {
  return asked.every((unit) => unit >= 0 && unit < units && stateAt(bitmap, unit) === 'free')
}

/**
 * The units of a copy as its owners say, beside what is blocked. Parts of a book are read one after
 * the other: a unit that seems taken in its bitmap and is nobody's would never be free again.
 */
export function copiedBitmap({ bitmap: seen, holds, sold }: CopiedBook): Uint8Array {
  const bitmap = Uint8Array.from(seen, blockedOnly)
  const paint = (units: readonly number[], state: 'held' | 'sold') => {
    for (const unit of units) if (unit >> 2 < bitmap.length) setState(bitmap, unit, state)
  }
  for (const { units } of holds) paint(units, 'held')
  for (const { units } of sold) paint(units, 'sold')
  return bitmap
}

/** Keeps the units of a byte whose two bits are both set. */
function blockedOnly(byte: number): number {
  const both = byte & (byte >> 1) & 0b01010101
  return both | (both << 1)
}
