/** Entries of the stream as followers are told them. A word that is not expected is a bug. */
import { type HoldChange } from '../../domain/hold-replication.ts'
import { AssertionError } from '../../platform/assert.ts'
import type { EventId, OrderId } from '../../platform/ids.ts'
import { holdOfRecord } from './hold-records.ts'

/** As ioredis answers XREAD: the id, then names and values by turns. */
export type StreamEntry = readonly [id: string, fields: readonly string[]]

export type ReadEntry = {
  readonly change: HoldChange
  /** When it was written, by the clock of its Redis. */
  readonly atMs: number
  readonly characters: number
}

export function readEntry([id, fields]: StreamEntry, nowMs: number): ReadEntry {
  const value = (name: string) => fields[fields.indexOf(name) + 1] ?? ''
  const [at, kind = '', event, hold, deadline] = value('k').split(' ')
  const text = value('v')
  const change = changeOf(Number.parseInt(id, 10), {
    kind,
    event: event as EventId,
    id: hold as OrderId,
    seen: { text, deadlineMs: Number(deadline), nowMs },
  })
  return { change, atMs: Number(at), characters: text.length }
}

type Written = {
  readonly kind: string
  readonly event: EventId
  readonly id: OrderId
  readonly seen: Parameters<typeof holdOfRecord>[1]
}

function changeOf(n: number, { kind, event, id, seen }: Written): HoldChange {
  switch (kind) {
    case 'l':
      return { n, kind: 'living', event, hold: holdOfRecord(id, seen) }
    case 's':
      return { n, kind: 'sold', event, id, units: JSON.parse(seen.text) as number[] }
    case 'g':
      return { n, kind: 'gone', event, id, units: JSON.parse(seen.text) as number[] }
    case 'b':
      return { n, kind: 'book', event }
    case 'z':
      return { n, kind: 'sealed' }
    default:
      throw new AssertionError(`an entry of the stream of holds begins with ${kind}`)
  }
}
