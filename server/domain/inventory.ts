/**
 * What SQL says of an event's units at one moment: what a hold book is (re)built from. The bitmap
 * is derived: a unit is sold, reserved or held by an order, blocked, or free.
 */
import type { OrderId } from '../platform/ids.ts'
import type { CopiedHold } from './hold-replication.ts'
import { bitmapBytes, setState } from './units.ts'

export type UnitOwner = {
  readonly id: OrderId
  readonly buyer: string
  /** Ascending. */
  readonly units: readonly number[]
}

export type InventorySnapshot = {
  readonly sold: readonly UnitOwner[]
  /** Living reservations, and holds that live in SQL. `expiresInMs` by the database's clock. */
  readonly pending: readonly (UnitOwner & { readonly expiresInMs: number })[]
  readonly blocked: readonly number[]
}

/** What a book begins with: SQL's word, and holds from a copy that it leaves room for. */
export type BookContent = InventorySnapshot & { readonly held?: readonly CopiedHold[] }

/** The bitmap of `units` units that the snapshot describes. */
export function snapshotBitmap(snapshot: BookContent, units: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(units))
  for (const unit of snapshot.blocked) setState(bitmap, unit, 'blocked')
  for (const owner of snapshot.sold) {
    for (const unit of owner.units) setState(bitmap, unit, 'sold')
  }
  for (const owner of [...snapshot.pending, ...(snapshot.held ?? [])]) {
    for (const unit of owner.units) setState(bitmap, unit, 'held')
  }
  return bitmap
}

/** Units that each buyer holds or owns. */
export function unitsByBuyer(snapshot: BookContent): Map<string, number> {
  const counts = new Map<string, number>()
  const { sold, pending, held = [] } = snapshot
  for (const { buyer, units } of [...sold, ...pending, ...held]) {
    counts.set(buyer, (counts.get(buyer) ?? 0) + units.length)
  }
  return counts
}
