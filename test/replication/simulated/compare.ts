/** What must hold of copies: they end as the book is, and never say that they are newer than they are. */
import type { FollowPosition, Tenure } from '../../../server/domain/hold-replication.ts'
import type { OrderId } from '../../../server/platform/ids.ts'
import { tenureKey } from './stream.ts'
import type { Server, World } from './world.ts'

type Heard = { readonly tenure: Tenure; readonly to: FollowPosition }

/** What a position says of its age is true: all that was written before is in it. */
export function checkFreshness({ regions, broken }: World, server: Server, heard: Heard): void {
  const { tenure, to } = heard
  const trueMs = (to.asOfMs - server.offsetMs) / server.rate
  for (const { streams } of regions) {
    const stream = streams.get(tenureKey(tenure))
    if (stream?.incarnation !== to.incarnation) continue
    const lacks = stream.entries.find(({ n, atMs }) => n > to.last && atMs < trueMs - 50)
    if (lacks !== undefined) {
      const lateMs = Math.round(trueMs - lacks.atMs)
      broken.push(`${server.region.name} lacks ${lacks.n}, and says it is ${lateMs} ms newer`)
    }
  }
}

/** How the copies differ from the books; '' when they do not. */
export function differences({ authority, regions, tenure }: World): string {
  const stream = authority.streams.get(tenureKey(tenure))
  if (stream === undefined) return 'there is no stream'
  for (const { name, copies } of regions) {
    if (name === authority.name) continue
    const position = copies.positions.get(tenureKey(tenure))
    const isThere = position?.incarnation === stream.incarnation && position.last === stream.last
    if (!isThere) return `${name} is at ${position?.last} of ${stream.last}`
    for (const [event, book] of stream.books) {
      const copy = copies.books.get(event)?.find(({ epoch }) => epoch === tenure.epoch)
      const [is, should] = [said(copy), said(book)]
      if (is !== should) return `${name} has of ${event}\n${is}\nand not\n${should}`
    }
  }
  return ''
}

type Sayable = {
  readonly holds: ReadonlyMap<OrderId, unknown>
  readonly owners: ReadonlyMap<number, { readonly id: OrderId; readonly isSold: boolean }>
}

function said(book: Sayable | undefined): string {
  if (book === undefined) return 'no book'
  const owners = [...book.owners].toSorted(([a], [b]) => a - b)
  const units = owners.map(([unit, { id, isSold }]) => `${unit}:${id}${isSold ? ' sold' : ''}`)
  return `${units.join(' ')} | ${[...book.holds.keys()].toSorted().join(' ')}`
}
