/**
 * What a client has seen of its orders, as the token that it carries between servers. Nobody signs
 * it: all that it can do is make an answer fresher, and only its bearer's own orders are answered.
 * It is opaque to clients; two that were given side by side are joined by a comma.
 */
import { idPatterns, type OrderId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'

export type SeenOrder = {
  readonly id: OrderId
  /** The newest that was shown. */
  readonly version: number
  readonly createdAtMs: number
}

/** The one shown last is last; one entry an order, limits.seenOrdersMax at the most. */
export type SeenOrders = readonly SeenOrder[]

/** After an answer that shows these orders. A version never goes back. */
export function withSeen(seen: SeenOrders, shown: readonly SeenOrder[]): SeenOrders {
  const byId = new Map(seen.map((order) => [order.id, order]))
  for (const order of shown) {
    const known = byId.get(order.id)
    byId.delete(order.id)
    byId.set(order.id, known !== undefined && known.version > order.version ? known : order)
  }
  return [...byId.values()].slice(-limits.seenOrdersMax)
}

/**
 * After a list that shows these, the newest first. Who leafs through their past forgets nothing by
 * it: what is new here goes before all that was shown by itself, and is the first to be left out.
 */
export function withListed(seen: SeenOrders, listed: readonly SeenOrder[]): SeenOrders {
  const known = new Set(seen.map(({ id }) => id))
  const unknown = listed.filter(({ id }) => !known.has(id)).toReversed()
  const newer = (order: SeenOrder) =>
    listed.find(({ id, version }) => id === order.id && version > order.version) ?? order
  return [...unknown, ...seen.map(newer)].slice(-limits.seenOrdersMax)
}

/** At most limits.seenTokenCharactersMax; what was shown longest ago is left out. '' for nothing. */
export function seenToken(seen: SeenOrders): string {
  for (let from = 0; from < seen.length; from += 1) {
    const token = Buffer.from(seen.slice(from).map(entryText).join(' ')).toString('base64url')
    if (token.length <= limits.seenTokenCharactersMax) return token
  }
  return ''
}

/** What a header says; garbage says nothing. Nothing is decoded that is longer than ours are. */
export function readSeen(header: string | undefined): SeenOrders {
  const { seenTokenCharactersMax, seenTokensMax } = limits
  const longest = seenTokensMax * (seenTokenCharactersMax + 2)
  if (header === undefined || header.length > longest) return []
  const tokens = header.split(',', seenTokensMax).map((part) => part.trim())
  return tokens.reduce<SeenOrders>((seen, token) => withSeen(seen, entriesOf(token)), [])
}

/** The client has seen a newer version of this order than this one. */
export function isOlderThanSeen(
  seen: SeenOrders,
  order: Pick<SeenOrder, 'id' | 'version'>,
): boolean {
  return seen.some(({ id, version }) => id === order.id && version > order.version)
}

/** A place in a list of orders, newest first; of one instant by id, the greatest first. */
export type ListPlace = { readonly createdAtMs: number; readonly id: OrderId }

/** What one page of a list covers. */
export type ListStretch = {
  readonly covers: (id: OrderId) => boolean
  /** The last order of the page before; null: it begins with the newest. */
  readonly after: ListPlace | null
  /** The last order that it could show; null: to the oldest. */
  readonly last: ListPlace | null
}

/**
 * The page shows an order older than the client has seen it, or not at all. An order of somebody
 * else never shows; asking again finds that out, and nothing tells it from one that is not there.
 */
export function isPageOlderThanSeen(
  seen: SeenOrders,
  page: readonly Pick<SeenOrder, 'id' | 'version'>[],
  stretch: ListStretch,
): boolean {
  if (page.some((order) => isOlderThanSeen(seen, order))) return true
  const shown = new Set(page.map(({ id }) => id))
  return seen.some((order) => !shown.has(order.id) && belongs(order, stretch))
}

function belongs(order: SeenOrder, { covers, after, last }: ListStretch): boolean {
  if (!covers(order.id)) return false
  if (after !== null && !comesAfter(order, after)) return false
  return last === null || comesAfter(last, order)
}

function comesAfter(one: ListPlace, other: ListPlace): boolean {
  if (one.createdAtMs !== other.createdAtMs) return one.createdAtMs < other.createdAtMs
  return one.id < other.id
}

const prefix = 'ord_'

/** The id without what all of them begin with, the version, and the instant. */
function entryText({ id, version, createdAtMs }: SeenOrder): string {
  return `${id.slice(prefix.length)}.${version.toString(36)}.${createdAtMs.toString(36)}`
}

const entry = /^([a-z0-9_]{1,64})\.([0-9a-z]{1,6})\.([0-9a-z]{1,9})$/

function entriesOf(token: string): SeenOrder[] {
  const { seenTokenCharactersMax, seenOrdersMax } = limits
  if (token.length > seenTokenCharactersMax || !/^[A-Za-z0-9_-]+$/.test(token)) return []
  const parts = Buffer.from(token, 'base64url').toString('latin1').split(' ')
  return parts.slice(-seenOrdersMax).flatMap((part) => {
    const [, tail = '', version = '', createdAt = ''] = entry.exec(part) ?? []
    const id = `${prefix}${tail}`
    if (!idPatterns.ord.test(id)) return []
    const order: SeenOrder = {
      id: id as OrderId,
      version: Number.parseInt(version, 36),
      createdAtMs: Number.parseInt(createdAt, 36),
    }
    return order.version > 0 ? [order] : []
  })
}
