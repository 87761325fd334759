/**
 * What SQL says of an event's units at one moment: what a hold book is (re)built from. The bitmap
 * is derived: a unit is sold, reserved or held by an order, blocked, or free.
 */
import type { OrderId } from '../platform/ids.ts'
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

/** The bitmap of `units` units that the snapshot describes. */
export function snapshotBitmap(snapshot: InventorySnapshot, units: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(units))
  for (const unit of snapshot.blocked) setState(bitmap, unit, 'blocked')
  for (const owner of snapshot.sold) {
    for (const unit of owner.units) setState(bitmap, unit, 'sold')
  }
  for (const owner of snapshot.pending) {
    for (const unit of owner.units) setState(bitmap, unit, 'held')
  }
  return bitmap
}

/** Units that each buyer holds or owns. */
export function unitsByBuyer(snapshot: InventorySnapshot): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { buyer, units } of [...snapshot.sold, ...snapshot.pending]) {
    counts.set(buyer, (counts.get(buyer) ?? 0) + units.length)
  }
  return counts
}
