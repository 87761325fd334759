/**
 * The Redis keys of one event's book. The braces put all of an event's keys into one cluster slot,
 * so that a script may touch them together; the epoch is part of the name, so that the book of an
 * old authority is never read again and dies by its expiry.
 */
import type { HoldScope } from '../../domain/hold-book.ts'

export type BookKeys = {
  readonly bitmap: string
  readonly owners: string
  readonly records: string
  readonly counts: string
  readonly due: string
}

export function bookKeys(scope: Pick<HoldScope, 'event' | 'epoch'>): BookKeys {
  return keysUnder(bookPrefix(scope))
}

/** Where a book is prepared before it is put in its place: nobody else uses this token. */
export function preparedKeys(scope: Pick<HoldScope, 'event' | 'epoch'>, token: string): BookKeys {
  return keysUnder(`${bookPrefix(scope)}loading:${token}:`)
}

/** In the order in which the scripts take them. */
export function keyList(keys: BookKeys): string[] {
  return [keys.bitmap, keys.owners, keys.records, keys.counts, keys.due]
}

function bookPrefix(scope: Pick<HoldScope, 'event' | 'epoch'>): string {
  return `frontrow:{${scope.event}}:${scope.epoch}:`
}

function keysUnder(prefix: string): BookKeys {
  return {
    bitmap: `${prefix}bitmap`,
    owners: `${prefix}owners`,
    records: `${prefix}records`,
    counts: `${prefix}counts`,
    due: `${prefix}due`,
  }
}
