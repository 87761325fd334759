/** What the scripts' answers mean. A word that is not expected is a bug on one of the two sides. */
import { type Hold, type HoldTerms } from '../../domain/hold.ts'
import type { PlaceOutcome } from '../../domain/hold-book.ts'
import { AssertionError, assert } from '../../platform/assert.ts'
import type { EventId, OrderId } from '../../platform/ids.ts'
import type { Reply } from './scripts.ts'

type Named = { readonly event: EventId; readonly id: OrderId }

/** `HELD`, `REPEATED`, `EXTENDED`, `AT_CAP`: record, remaining life, what the cap leaves. */
export function holdFrom(reply: Reply, { event, id }: Named): Hold {
  const record = JSON.parse(text(reply, 0)) as {
    buyer: string
    units: number[]
    digest: string
    terms: string
  }
  assert(record.units.length > 0, 'a hold has units')
  return {
    id,
    event,
    buyer: record.buyer,
    units: record.units,
    terms: JSON.parse(record.terms) as HoldTerms,
    digest: record.digest,
    expiresInMs: integer(reply, 1),
    capInMs: integer(reply, 2),
  }
}

/** The outcome of a wish, or null when the caller should choose other units. */
export function placeOutcome(reply: Reply, named: Named): PlaceOutcome | null {
  switch (reply.status) {
    case 'HELD':
      return { kind: 'held', hold: holdFrom(reply, named), repeated: false }
    case 'REPEATED':
      return { kind: 'held', hold: holdFrom(reply, named), repeated: true }
    case 'LIMIT':
      return { kind: 'limit', already: integer(reply, 0) }
    case 'KEY_REUSED':
      return { kind: 'key-reused' }
    case 'ENDED':
      return { kind: 'ended' }
    case 'SOLD_OUT':
      return { kind: 'sold-out' }
    case 'TAKEN':
      return null
    default:
      return unexpected(reply)
  }
}

export function takenUnits(reply: Reply): number[] {
  return JSON.parse(text(reply, 0)) as number[]
}

/** A bug: a script answered with a word that its caller does not know. */
export function unexpected(reply: Reply): never {
  throw new AssertionError(`a script of the hold book answered ${reply.status}`)
}

export function bytes(reply: Reply, index: number): Buffer {
  const value = reply.values[index]
  assert(Buffer.isBuffer(value), 'a script answers with a string here')
  return value
}

function text(reply: Reply, index: number): string {
  return bytes(reply, index).toString('utf8')
}

function integer(reply: Reply, index: number): number {
  const value = reply.values[index]
  assert(typeof value === 'number', 'a script answers with an integer here')
  return value
}
