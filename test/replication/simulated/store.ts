/** A region's Redis as its servers reach it: each command atomic, slow, and sometimes not answered. */
import { HoldBookUnavailableError } from '../../../server/domain/hold-book.ts'
import type { HoldReplication, Tenure } from '../../../server/domain/hold-replication.ts'
import { type Stream, tenureKey } from './stream.ts'
import type { Region, Server, World } from './world.ts'

export type Reach = <Answer>(what: (nowMs: number) => Answer) => Promise<Answer>

/** A command to the region's Redis: there and back, and sometimes without an answer. */
export function reachFor(world: World, server: () => Server): Reach {
  const lost = () => new HoldBookUnavailableError('lost')
  return <Answer>(what: (nowMs: number) => Answer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const time = world.time
      const fail = () => world.whenAwake(server(), () => reject(lost()))
      time.soon(time.random() * 2, () => {
        if (world.strikes('store')) return time.soon(500, fail)
        const answer = what(time.nowMs)
        if (world.strikes('store')) return time.soon(500, fail)
        time.soon(time.random() * 2, () => world.whenAwake(server(), () => resolve(answer)))
      })
    })
}

export function sourceOf(world: World, region: Region, reach: Reach): HoldReplication {
  const streamOf = (tenure: Tenure) => region.streams.get(tenureKey(tenure)) ?? null
  const never = () => Promise.reject(new Error('nobody hands over here'))
  return {
    changes: async (query) => {
      const askedMs = world.time.nowMs
      const stream = await reach(() => streamOf(query))
      const isCurrent = stream?.incarnation === query.incarnation
      if (stream !== null && isCurrent && stream.last === query.after) {
        await changeOf(world, stream, query.waitMs)
      }
      const waitedMs = Math.floor(world.time.nowMs - askedMs)
      return reach((nowMs) => streamOf(query)?.answer(query, { nowMs, waitedMs }) ?? null)
    },
    open: (tenure) => reach(() => world.opened(region, tenure)),
    books: (tenure) =>
      reach(() => {
        const stream = streamOf(tenure)
        if (stream === null) return null
        const { incarnation, last, books } = stream
        return { incarnation, last, events: [...books.keys()], nextCursor: null }
      }),
    book: (tenure, event, cursor) =>
      reach((nowMs) => streamOf(tenure)?.page(event, cursor, nowMs) ?? null),
    leftHolds: async () => null,
    lastId: (tenure) => reach(() => streamOf(tenure)?.last ?? null),
    seal: never,
    unseal: never,
  }
}

function changeOf({ time }: World, stream: Stream, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      stream.waiting.delete(wake)
      resolve()
    }
    stream.waiting.add(wake)
    time.soon(waitMs, wake)
  })
}
