/**
 * The authority's side of the replication: reads the stream and the books for followers, and seals
 * a stream for a planned hand-over. Whoever asks is bounded: entries, characters, waiting, and one
 * blocking connection for each follower.
 */
import type { Redis } from 'ioredis'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type {
  BookPage,
  BooksPage,
  ChangesAnswer,
  ChangesQuery,
  CopyPage,
  HoldReplication,
  StreamPosition,
  Tenure,
} from '../../domain/hold-replication.ts'
import { assert } from '../../platform/assert.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import type { EventId } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'
import { readBookPage, readHolds } from './book-pages.ts'
import { readEntry, type StreamEntry } from './changes.ts'
import { whenReady } from './connection.ts'
import { type BookKeys, bookKeys, streamKeyList, streamKeys } from './keys.ts'
import { runIdOf } from './redis-life.ts'
import { type Reply, reaching, runScript, type ScriptRunner } from './scripts.ts'

export type ReplicationOptions = {
  /** The hold book's own connection. */
  readonly redis: Redis
  /** Another one to the same Redis, for a follower that waits; closed with `close`. */
  readonly connect: () => Redis
  /** Unique to this process: part of the incarnations that it begins. */
  readonly token: string
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

type Head = StreamPosition & { readonly nowMs: number }

export class RedisHoldReplication implements HoldReplication {
  readonly #options: ReplicationOptions
  readonly #runner: ScriptRunner
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #bounds: Readonly<Record<string, unknown>>
  readonly #waiting = new Map<string, Redis>()

  constructor(options: ReplicationOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#runner = { redis: options.redis, clock: this.#clock }
    this.#bounds = {
      idleTtlMs: holdBookLimits.bookIdleTtlMs,
      streamMax: holdBookLimits.streamEntriesMax,
      token: options.token,
    }
  }

  async changes(query: ChangesQuery, follower: string): Promise<ChangesAnswer | null> {
    const { after, epoch } = query
    const askedMs = this.#clock.monotonicMs()
    const before = await this.#head(query)
    if (before === null) return null
    const { incarnation } = before
    // A position from the future: what was there was lost.
    if (query.incarnation !== incarnation || after > before.last) {
      return { kind: 'reset', epoch, incarnation }
    }
    const entries =
      before.last > after ? await this.#read(query) : await this.#wait(query, follower)
    const waitedMs = Math.floor(this.#clock.monotonicMs() - askedMs)
    const now = await this.#head(query)
    if (now === null || now.incarnation !== incarnation) {
      return { kind: 'reset', epoch, incarnation: now?.incarnation ?? '' }
    }
    return answerOf(query, { entries, head: now, waitedMs })
  }

  async open(tenure: Tenure): Promise<StreamPosition> {
    return this.#positionOf(await this.#run('open', tenure))
  }

  async seal(tenure: Tenure): Promise<StreamPosition> {
    return this.#positionOf(await this.#run('seal', tenure))
  }

  async unseal(tenure: Tenure): Promise<void> {
    await this.#run('unseal', tenure)
  }

  async lastId(tenure: Tenure): Promise<number | null> {
    return (await this.#head(tenure))?.last ?? null
  }

  async books(tenure: Tenure, cursor: string | null): Promise<BooksPage | null> {
    const head = await this.#head(tenure)
    if (head === null) return null
    const { incarnation, last } = head
    const { redis } = this.#options
    const { events: key } = streamKeys(tenure)
    return reaching(async () => {
      const count = holdBookLimits.booksPerPageMax
      const [next, listed] = await redis.sscan(key, cursor ?? '0', 'COUNT', count)
      const lives = await Promise.all(
        listed.map((event) =>
          redis.exists(bookKeys({ event: event as EventId, epoch: tenure.epoch }).bitmap),
        ),
      )
      const dead = listed.filter((_, index) => lives[index] === 0)
      if (dead.length > 0) await redis.srem(key, ...dead)
      const events = listed.filter((_, index) => lives[index] === 1) as EventId[]
      return { incarnation, last, events, nextCursor: next === '0' ? null : next }
    })
  }

  async book(
    tenure: Tenure,
    event: EventId,
    cursor: string | null,
  ): Promise<BookPage | 'outlived' | null> {
    const head = await this.#head(tenure)
    if (head === null) return null
    const keys = bookKeys({ event, epoch: tenure.epoch })
    const { redis } = this.#options
    if (await this.#isOutlived(keys)) return 'outlived'
    return reaching(() => readBookPage(redis, { keys, cursor, last: head.last }))
  }

  async leftHolds(tenure: Tenure, event: EventId, cursor: string | null): Promise<CopyPage | null> {
    if (cursor !== null && !/^\d{1,20}$/.test(cursor)) return null
    const keys = bookKeys({ event, epoch: tenure.epoch })
    if (!(await this.#isOutlived(keys))) return null
    const { redis } = this.#options
    return reaching(async () => {
      const { holds, next } = await readHolds(redis, { keys, from: cursor ?? '0', kind: 'book' })
      const [[life, cut, last], now] = await Promise.all([
        redis.hmget(streamKeys(tenure).head, 'life', 'cut', 'last'),
        runIdOf(redis),
      ])
      const reached = Number((life === now ? cut : last) ?? 0)
      return { epoch: tenure.epoch, last: reached, holds, nextCursor: next === '0' ? null : next }
    })
  }

  async #isOutlived({ records }: BookKeys): Promise<boolean> {
    const { redis } = this.#options
    return reaching(async () => {
      const [built, life] = await Promise.all([redis.hget(records, ''), runIdOf(redis)])
      return built !== null && built !== `!${life}`
    })
  }

  /** Nobody waits any more: those who do are cut off. */
  close(): void {
    for (const redis of this.#waiting.values()) redis.disconnect()
    this.#waiting.clear()
  }

  async #head(tenure: Tenure): Promise<Head | null> {
    const { redis } = this.#options
    return reaching(async () => {
      const [[incarnation, last], [seconds, micros], life] = await Promise.all([
        redis.hmget(streamKeys(tenure).head, 'incarnation', 'last'),
        redis.time(),
        runIdOf(redis),
      ])
      if (typeof incarnation !== 'string' || typeof last !== 'string') return null
      const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
      return { incarnation: `${incarnation}.${life}`, last: Number(last), nowMs }
    })
  }

  async #positionOf(reply: Reply): Promise<StreamPosition> {
    const [incarnation, last] = reply.values
    assert(typeof last === 'number', 'a stream has a last number')
    const life = await reaching(() => runIdOf(this.#options.redis))
    return { incarnation: `${String(incarnation)}.${life}`, last }
  }

  async #run(name: 'open' | 'seal' | 'unseal', tenure: Tenure): Promise<Reply> {
    const keys = streamKeyList(streamKeys(tenure))
    const life = await reaching(() => runIdOf(this.#options.redis))
    const bounds = JSON.stringify({ ...this.#bounds, life })
    return runScript(this.#runner, name, { keys, args: [bounds, '{}'] })
  }

  async #read(query: ChangesQuery): Promise<readonly StreamEntry[]> {
    const { stream } = streamKeys(query)
    const from = `${query.after}-0`
    const { redis } = this.#options
    const read = await reaching(() => redis.xread('COUNT', countOf(query), 'STREAMS', stream, from))
    return read?.[0]?.[1] ?? []
  }

  async #wait(query: ChangesQuery, follower: string): Promise<readonly StreamEntry[]> {
    const { stream } = streamKeys(query)
    const waitMs = Math.min(query.waitMs, holdBookLimits.followWaitMs)
    if (waitMs <= 0) return []
    const redis = this.#connectionOf(`${follower} ${query.home}`)
    const from = `${query.after}-0`
    const read = await reaching(async () => {
      await whenReady(redis, limits.connectTimeoutMs)
      return redis.xread('COUNT', countOf(query), 'BLOCK', waitMs, 'STREAMS', stream, from)
    })
    return read?.[0]?.[1] ?? []
  }

  #connectionOf(name: string): Redis {
    const known = this.#waiting.get(name)
    if (known !== undefined) return known
    const redis = this.#options.connect()
    this.#waiting.set(name, redis)
    return redis
  }
}

function countOf({ limit }: ChangesQuery): number {
  return Math.max(1, Math.min(limit, holdBookLimits.changesPerAnswerMax))
}

type Answering = {
  readonly entries: readonly StreamEntry[]
  readonly head: Head
  readonly waitedMs: number
}

function answerOf({ after }: ChangesQuery, { entries, head, waitedMs }: Answering): ChangesAnswer {
  const { last, nowMs } = head
  const read = entries.map((entry) => readEntry(entry, nowMs))
  const isGap = read.length === 0 ? last > after : read[0]?.change.n !== after + 1
  // Where the wait ended as a change came, that one is for the next question.
  if (isGap && !(read.length === 0 && waitedMs > 0)) return { kind: 'gap', last }
  let characters = 0
  const room = holdBookLimits.followAnswerCharactersMax
  const fitting = read.filter((one) => {
    characters += one.characters
    return characters <= room
  })
  const taken = fitting.length > 0 ? fitting : read.slice(0, 1)
  const end = taken.at(-1)
  const isAll = (end?.change.n ?? after) >= last
  const behindMs = isAll || end === undefined ? 0 : Math.max(0, nowMs - end.atMs)
  return { kind: 'changes', changes: taken.map(({ change }) => change), last, waitedMs, behindMs }
}
