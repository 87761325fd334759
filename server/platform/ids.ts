/**
 * Public identifiers: `evt_use1_01j8…` is a type, the code of a home region, and 128 bits in
 * base32. Whoever sees an id knows where a call about it belongs. Things that live in all
 * regions (organisations, venues) have no region code: `ven_01j8…`.
 */
import { createHash } from 'node:crypto'
import { type UUID, V7Generator } from 'uuidv7'
import { base32UuidPattern, encodeUuid } from './base32.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

export type RegionalType = 'evt' | 'ord' | 'tkt' | 'usr' | 'inv' | 'ses'
export type GlobalType = 'org' | 'ven' | 'key'
type Branded<Name extends string> = string & { readonly __brand: Name }

export type EventId = Branded<'evt'>
/** A hold and the order that it becomes share one id: starting checkout twice is one order. */
export type OrderId = Branded<'ord'>
/** `tkt_use1_<the order's 26 characters>_<unit>`: derived, so issuing twice is one ticket. */
export type TicketId = Branded<'tkt'>
export type OrganisationId = Branded<'org'>
export type VenueId = Branded<'ven'>
export type UserId = Branded<'usr'>
export type InvitationId = Branded<'inv'>
/** A signed-in device. */
export type SessionId = Branded<'ses'>
export type ApiKeyId = Branded<'key'>

/** The short form of a region's name inside ids, two to eight of a-z and 0-9. */
export const regionCodePattern = '[a-z][a-z0-9]{1,7}'

const suffix = base32UuidPattern
export const idPatterns = {
  evt: new RegExp(`^evt_(${regionCodePattern})_${suffix}$`),
  ord: new RegExp(`^ord_(${regionCodePattern})_${suffix}$`),
  tkt: new RegExp(`^tkt_(${regionCodePattern})_(${suffix})_(0|[1-9][0-9]{0,5})$`),
  usr: new RegExp(`^usr_(${regionCodePattern})_${suffix}$`),
  org: new RegExp(`^org_${suffix}$`),
  ven: new RegExp(`^ven_${suffix}$`),
  inv: new RegExp(`^inv_(${regionCodePattern})_${suffix}$`),
  key: new RegExp(`^key_${suffix}$`),
  ses: new RegExp(`^ses_(${regionCodePattern})_${suffix}$`),
} as const

/** The region code in a regional id, or null when the text is no such id. */
export function regionCodeOf(type: RegionalType, id: string): string | null {
  return idPatterns[type].exec(id)?.[1] ?? null
}

/** Makes fresh, time-ordered ids (UUIDv7, RFC 9562). */
export class IdMaker {
  readonly #generator: V7Generator
  readonly #clock: Clock

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = ports.clock
    this.#generator = new V7Generator({
      nextUint32: () => new DataView(Uint8Array.from(ports.random.bytes(4)).buffer).getUint32(0),
    })
  }

  regional<Type extends RegionalType>(type: Type, regionCode: string): Branded<Type> {
    return `${type}_${regionCode}_${encodeUuid(this.#next().bytes)}` as Branded<Type>
  }

  global<Type extends GlobalType>(type: Type): Branded<Type> {
    return `${type}_${encodeUuid(this.#next().bytes)}` as Branded<Type>
  }

  #next(): UUID {
    return this.#generator.generateOrResetCore(Math.max(1, Math.trunc(this.#clock.nowMs())), 10_000)
  }
}

/**
 * The 26 characters that a wish always gets: the same parts give the same id in every region,
 * with no table of keys. UUIDv8 over SHA-256 (RFC 9562, 5.8); parts are length-prefixed, so that
 * no two lists of parts can be spliced into one another.
 */
export function derivedSuffix(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  const bytes = hash.digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return encodeUuid(bytes)
}

/** The id of the hold (and later the order) that `buyer` asks of `event` under `key`. */
export function orderIdFor(wish: { event: EventId; buyer: string; key: string }): OrderId {
  const code = regionCodeOf('evt', wish.event)
  if (code === null) throw new TypeError('not an event id')
  return `ord_${code}_${derivedSuffix(['order', wish.event, wish.buyer, wish.key])}` as OrderId
}

export function ticketIdFor(order: OrderId, unit: number): TicketId {
  return `tkt_${order.slice(4)}_${unit}` as TicketId
}

/** The order and unit that a ticket id names, or null when it is no ticket id. */
export function ticketParts(id: string): { order: OrderId; unit: number } | null {
  const match = idPatterns.tkt.exec(id)
  return match ? { order: `ord_${match[1]}_${match[2]}` as OrderId, unit: Number(match[3]) } : null
}
