/**
 * Regions with a real Redis each and one real database, as their holds see one another. Questions
 * between them go through the use-cases and through JSON, and a test may come in between; HTTP is
 * in over-http.test.ts.
 */
import type { Redis } from 'ioredis'
import { Authorities } from '../../server/application/authorities.ts'
import { AvailabilityElsewhere } from '../../server/application/availability-elsewhere.ts'
import { BookContents } from '../../server/application/book-content.ts'
import { followHolds } from '../../server/application/follow-holds.ts'
import type { FollowNeeds } from '../../server/application/follow-step.ts'
import { FollowTable } from '../../server/application/follow-table.ts'
import {
  bookFor,
  booksFor,
  changesFor,
  copyFor,
  unitsFor,
} from '../../server/application/serve-followers.ts'
import type { Services } from '../../server/application/services.ts'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import type { InventorySnapshot } from '../../server/domain/inventory.ts'
import { RefusedError } from '../../server/domain/refusal.ts'
import {
  type RegionCall,
  RegionCallError,
  type RegionCaller,
} from '../../server/domain/region-caller.ts'
import { openRedis, whenReady } from '../../server/gateways/redis-hold-book/connection.ts'
import { RedisHoldBook } from '../../server/gateways/redis-hold-book/redis-hold-book.ts'
import { RedisHoldCopies } from '../../server/gateways/redis-hold-book/redis-hold-copies.ts'
import { RedisHoldReplication } from '../../server/gateways/redis-hold-book/redis-hold-replication.ts'
import { systemClock } from '../../server/platform/clock.ts'
import type { EventId } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { RegionTable } from '../../server/platform/regions.ts'
import { goldenRegions } from '../support/golden.ts'
import { createTestRedis, type TestRedis } from '../support/redis.ts'

export const home = 'us-east1'
export const away = 'europe-west1'
export const far = 'asia-southeast1'

export type RegionUnderTest = FollowNeeds &
  Pick<Services, 'events' | 'holdBook'> & {
    readonly name: string
    readonly process: TestRedis
    readonly redis: Redis
    readonly book: RedisHoldBook
    /** Events that the catalogue knows: for what is built without a fan's question. */
    readonly known: Map<EventId, HoldScope>
    readonly replication: NonNullable<FollowNeeds['replication']>
    readonly following: NonNullable<FollowNeeds['following']>
    /** What was counted, as "name label". */
    readonly counted: Map<string, number>
    /** One step of following `home`, as the worker makes it. */
    readonly follow: (token?: string) => Promise<string>
  }

export type RegionsUnderTest = AsyncDisposable & {
  readonly all: readonly RegionUnderTest[]
  /** Comes before each question between regions, and may throw instead of an answer. */
  between: (asked: RegionCall) => Promise<void>
  /** What an answer becomes on its way. */
  garble: (answer: unknown, asked: RegionCall) => unknown
}

export type Snapshots = (scope: HoldScope) => Promise<InventorySnapshot>

const nothing: InventorySnapshot = { sold: [], pending: [], blocked: [] }

/** @param snapshot what SQL says; nothing unless told */
export async function openRegions(
  names: readonly string[],
  snapshot: Snapshots = async () => nothing,
): Promise<RegionsUnderTest> {
  const regions = new Map<string, RegionUnderTest>()
  const opened: Pick<RegionsUnderTest, 'between' | 'garble'> = {
    between: () => Promise.resolve(),
    garble: (answer) => answer,
  }
  const caller = (from: string): RegionCaller => ({
    call: async (asked) => {
      await opened.between(asked)
      const target = regions.get(asked.region)
      if (target === undefined) throw new RegionCallError(`${asked.region} is away`)
      return opened.garble(await answerOf(target, from, asked), asked)
    },
  })
  for (const name of names) {
    regions.set(name, await openRegion({ name, names, snapshot, caller: caller(name) }))
  }
  const all = [...regions.values()]
  return Object.assign(opened, {
    all,
    async [Symbol.asyncDispose]() {
      for (const region of all) {
        region.redis.disconnect()
        const { source } = region.replication
        if (source instanceof RedisHoldReplication) source.close()
        await region.process[Symbol.asyncDispose]()
      }
    },
  })
}

type Opening = {
  readonly name: string
  readonly names: readonly string[]
  readonly snapshot: Snapshots
  readonly caller: RegionCaller
}

async function openRegion(opening: Opening): Promise<RegionUnderTest> {
  const { name, names, snapshot, caller } = opening
  const process = await createTestRedis()
  const connect = () => openRedis({ url: process.url, onError: () => undefined })
  const redis = connect()
  await whenReady(redis, 10_000)
  const counted = new Map<string, number>()
  const count = (what: string, labels: Readonly<Record<string, string>>, by = 1) => {
    const key = [what, ...Object.values(labels)].join(' ')
    counted.set(key, (counted.get(key) ?? 0) + by)
  }
  const copies = new RedisHoldCopies({ redis, random: systemRandom })
  const source = new RedisHoldReplication({ redis, connect, token: name })
  const others = names.filter((other) => other !== name)
  const clock = systemClock
  const contents = new BookContents({ snapshot, copies, own: source, caller, others, clock, count })
  const authorities = new Authorities({ region: name, clock })
  const elsewhere = new AvailabilityElsewhere({ copies, caller, authorities, snapshot, clock })
  const metrics = { count } as FollowNeeds['metrics']
  const replication = { source, copies }
  const following = { caller, homes: names, table: new FollowTable(clock), elsewhere }
  const needs: FollowNeeds = {
    authorities,
    replication,
    following,
    clock,
    regions: new RegionTable(goldenRegions),
    metrics,
  }
  const signal = new AbortController().signal
  const load = (scope: HoldScope) => contents.of(scope)
  const book = new RedisHoldBook({ redis, load, random: systemRandom })
  const known = new Map<EventId, HoldScope>()
  const get = async (id: EventId) => ({ scope: known.get(id) })
  return {
    ...needs,
    name,
    process,
    redis,
    counted,
    replication,
    following,
    book,
    holdBook: book,
    known,
    events: { get } as unknown as Services['events'],
    follow: (token = name) => followHolds(needs, { home, token, signal }),
  }
}

/** As a server of that region would answer, and without its waiting. */
async function answerOf(
  target: RegionUnderTest,
  from: string,
  { procedure, input }: RegionCall,
): Promise<unknown> {
  const asked = { ...(JSON.parse(JSON.stringify(input)) as object), waitMs: 0 } as never
  const { cursor } = asked as { cursor: string | null }
  const procedures: Record<string, () => Promise<unknown>> = {
    'internal.changes': () => changesFor(target, from, asked),
    'internal.books': () => booksFor(target, asked, cursor),
    'internal.book': () => bookFor(target, asked),
    'internal.units': () => unitsFor(target, asked),
    'internal.copy': () => copyFor(target, asked),
  }
  try {
    return JSON.parse(JSON.stringify(await procedures[procedure]?.()))
  } catch (cause) {
    const code = cause instanceof RefusedError ? { code: cause.refusal.code } : {}
    throw new RegionCallError(`${target.name} refused`, { cause, ...code })
  }
}

/** The first region sells for its own home region; the others have heard of it. */
export function settle(
  regions: readonly RegionUnderTest[],
  seller: RegionUnderTest,
  epoch: number,
) {
  for (const region of regions) {
    if (region === seller) {
      region.authorities.granted(home, { epoch, untilMs: Number.POSITIVE_INFINITY })
    } else {
      region.authorities.heard(home, { serverRegion: seller.name, epoch })
    }
  }
}

/** Follows until nothing is behind. @throws Error when it does not get there */
export async function catchUp(follower: RegionUnderTest, authority: RegionUnderTest, epoch = 1) {
  for (let step = 0; step < 200; step += 1) {
    await follower.follow()
    const position = await follower.replication.copies.position({ home, epoch })
    const last = await authority.replication.source.lastId({ home, epoch })
    if (position !== null && position.last === last && position.behind === 0) return
  }
  throw new Error('the follower does not catch up')
}
