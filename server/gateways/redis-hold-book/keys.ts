/**
 * The Redis keys of one event's book, and of the stream that it shares with all events of its home
 * region: a script touches both, so a region has one Redis and not a Redis Cluster. The epoch is
 * part of each name, so that the book of an old authority is never read again and dies by its expiry.
 */
import type { HoldScope } from '../../domain/hold-book.ts'
import type { Tenure } from '../../domain/hold-replication.ts'

export type StreamKeys = {
  readonly stream: string
  readonly head: string
  readonly events: string
}

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

export function streamKeys({ home, epoch }: Tenure): StreamKeys {
  const stream = `frontrow:changes:${home}:${epoch}`
  return { stream, head: `${stream}:head`, events: `${stream}:events` }
}

/** What a script that changes a book touches, in its order. */
export function scopeKeys(scope: Pick<HoldScope, 'event' | 'epoch' | 'region'>): string[] {
  const tenure = { home: scope.region, epoch: scope.epoch }
  return [...streamKeyList(streamKeys(tenure)), ...keyList(bookKeys(scope))]
}

export function streamKeyList(keys: StreamKeys): string[] {
  return [keys.stream, keys.head, keys.events]
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
