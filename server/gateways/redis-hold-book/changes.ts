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
  const n = Number.parseInt(id, 10)
  const text = value('v')
  return { change: changeOf(n, value, nowMs), atMs: Number(value('a')), characters: text.length }
}

function changeOf(n: number, value: (name: string) => string, nowMs: number): HoldChange {
  const [event, id, text] = [value('e') as EventId, value('i') as OrderId, value('v')]
  const kind = value('t')
  switch (kind) {
    case 'l': {
      const hold = holdOfRecord(id, { text, deadlineMs: Number(value('d')), nowMs })
      return { n, kind: 'living', event, hold }
    }
    case 's':
      return { n, kind: 'sold', event, id, units: JSON.parse(text) as number[] }
    case 'g':
      return { n, kind: 'gone', event, id, units: JSON.parse(text) as number[] }
    case 'b':
      return { n, kind: 'book', event }
    case 'z':
      return { n, kind: 'sealed' }
    default:
      throw new AssertionError(`an entry of the stream of holds begins with ${kind}`)
  }
}
