/**
 * The hold book in Redis: one bitmap and its records an event, one Lua script a change. Units are
 * chosen here from a read of the bitmap and taken there atomically; only a standing area is
 * searched inside the script. A book that Redis does not have (first use, wiped), or has from a
 * former life (restarted, failed over), is built from SQL and copies, and the call goes on.
 */
import type { Redis } from 'ioredis'
import { checkedUnits } from '../../domain/checked-units.ts'
import { areasOf, chooseUnits, type OpenRequest } from '../../domain/choose-units.ts'
import { crowded } from '../../domain/crowded.ts'
import { type Hold, unitCount } from '../../domain/hold.ts'
import {
  type Availability,
  type ExtendOutcome,
  type HoldBook,
  HoldBookUnavailableError,
  type HoldScope,
  type HoldWish,
  type PlaceOutcome,
  type ReserveOutcome,
  type SettledOrder,
} from '../../domain/hold-book.ts'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type { BookContent } from '../../domain/inventory.ts'
import type { Candidate } from '../../domain/seat-choice.ts'
import { bitmapBytes } from '../../domain/units.ts'
import { systemClock } from '../../platform/clock.ts'
import type { OrderId } from '../../platform/ids.ts'
import { KeyedGate } from '../../platform/keyed-gate.ts'
import { limits } from '../../platform/limits.ts'
import type { Random } from '../../platform/random.ts'
import type { DatabaseOperation } from '../../platform/telemetry.ts'
import { bookKeys, scopeKeys } from './keys.ts'
import { beginBook, leaveBook, loadBook } from './load-book.ts'
import { runIdOf } from './redis-life.ts'
import { bytes, holdFrom, placeOutcome, takenUnits, unexpected } from './replies.ts'
import { type Reply, reaching, runScript, type ScriptName, type ScriptRunner } from './scripts.ts'
import { sealed } from './sealed.ts'

export type RedisHoldBookOptions = {
  /** From `openRedis`; whoever opened it closes it. */
  readonly redis: Redis
  /** What SQL says of an event now, and which holds are known beside it. */
  readonly load: (scope: HoldScope) => Promise<BookContent>
  readonly random: Random
  /** One script that ran, how it ended and how long it took. */
  readonly operation?: (facts: DatabaseOperation) => void
  /** Choices that had to be made anew because all candidates were taken: a sign of crowding. */
  readonly onChoiceLost?: () => void
  /** Ended holds are remembered so long; limits.holdMemoryMs unless told. */
  readonly memoryMs?: number
}

type Question = {
  readonly asked: Readonly<Record<string, unknown>>
  readonly extra?: readonly number[]
}

/** Bytes of the bitmap, both ends included. */
type Stretch = { readonly from: number; readonly to: number }

export class RedisHoldBook implements HoldBook {
  readonly kind = 'redis'
  readonly #options: RedisHoldBookOptions
  readonly #bounds: Readonly<Record<string, unknown>>
  /** The same as text, in the life of Redis that was seen last. */
  #told = { life: '', bounds: '' }
  readonly #runner: ScriptRunner
  readonly #loads = new Map<string, Promise<void>>()
  readonly #choices = new KeyedGate({
    width: holdBookLimits.choicesAtOnce,
    waitingMax: holdBookLimits.waitingPerEventMax,
    full: crowded,
  })

  constructor(options: RedisHoldBookOptions) {
    this.#options = options
    const { redis, operation } = options
    this.#runner = { redis, clock: systemClock, ...(operation === undefined ? {} : { operation }) }
    this.#bounds = {
      memoryMs: options.memoryMs ?? limits.holdMemoryMs,
      recordsMax: holdBookLimits.recordsPerBookMax,
      purgeMax: holdBookLimits.purgePerScriptMax,
      idleTtlMs: holdBookLimits.bookIdleTtlMs,
      streamMax: holdBookLimits.streamEntriesMax,
      token: Buffer.from(options.random.bytes(8)).toString('hex'),
    }
  }

  async place(scope: HoldScope, wish: HoldWish): Promise<PlaceOutcome> {
    const { request } = wish
    switch (request.kind) {
      case 'units': {
        const units = checkedUnits(scope.seatMap, request.units)
        const reply = await this.#take(scope, wish, [{ units, edges: [] }])
        return namedOf(scope, wish, reply) ?? { kind: 'taken', units: takenUnits(reply) }
      }
      case 'anywhere': {
        const reply = await this.#run(scope, 'anywhere', {
          asked: {
            ...askedOf(scope, wish),
            areas: areasOf(scope.seatMap, request.sections).map((a) => [a.firstUnit, a.units]),
            start: this.#options.random.fraction(),
          },
        })
        return namedOf(scope, wish, reply) ?? unexpected(reply)
      }
      case 'best':
        return this.#choices.pass(scope.event, () => this.#placeBest(scope, wish, request))
    }
  }

  async find(scope: HoldScope, id: OrderId, buyer?: string): Promise<Hold | null> {
    const asked = buyer === undefined ? { id } : { id, buyer }
    const reply = await this.#run(scope, 'find', { asked })
    return reply.status === 'GONE' ? null : holdFrom(reply, { event: scope.event, id })
  }

  async extend(scope: HoldScope, id: OrderId, ttlMs: number): Promise<ExtendOutcome> {
    const reply = await this.#run(scope, 'extend', { asked: { id, ttlMs } })
    if (reply.status === 'GONE') return { kind: 'gone' }
    const hold = holdFrom(reply, { event: scope.event, id })
    return { kind: reply.status === 'AT_CAP' ? 'at-cap' : 'extended', hold }
  }

  async release(scope: HoldScope, id: OrderId): Promise<boolean> {
    const reply = await this.#run(scope, 'release', { asked: { id } })
    return reply.status === 'RELEASED'
  }

  async reserve(scope: HoldScope, hold: Hold, forMs: number): Promise<ReserveOutcome> {
    const { id, buyer, digest } = hold
    const units = checkedUnits(scope.seatMap, hold.units)
    const terms = JSON.stringify(hold.terms)
    const asked = { id, buyer, digest, units, terms, forMs, capMs: hold.capInMs }
    const limit = scope.limitPerBuyer
    const reply = await this.#run(scope, 'reserve', { asked: { ...asked, limit } })
    return { kind: reply.status === 'RESERVED' ? 'reserved' : 'gone' }
  }

  async convert(scope: HoldScope, order: SettledOrder): Promise<void> {
    const units = checkedUnits(scope.seatMap, order.units)
    await this.#run(scope, 'convert', { asked: { id: order.id, buyer: order.buyer, units } })
  }

  async free(scope: HoldScope, order: SettledOrder): Promise<void> {
    const units = checkedUnits(scope.seatMap, order.units)
    await this.#run(scope, 'free', { asked: { id: order.id, buyer: order.buyer, units } })
  }

  async availability(scope: HoldScope): Promise<Availability> {
    const bitmap = Buffer.alloc(bitmapBytes(scope.seatMap.units))
    const all = { from: 0, to: bitmap.length - 1 }
    const reply = await this.#run(scope, 'read', { asked: {}, extra: [all.from, all.to] })
    copyStretches(reply, [all], bitmap)
    return { bitmap }
  }

  async #placeBest(scope: HoldScope, wish: HoldWish, request: OpenRequest): Promise<PlaceOutcome> {
    const stretches = stretchesOf(scope, request)
    const look = {
      asked: askedOf(scope, wish),
      extra: stretches.flatMap(({ from, to }) => [from, to]),
    }
    for (let round = 1; round <= holdBookLimits.choiceRoundsMax; round += 1) {
      const seen = await this.#run(scope, 'look', look)
      if (seen.status !== 'BYTES') return namedOf(scope, wish, seen) ?? unexpected(seen)
      const bitmap = Buffer.alloc(bitmapBytes(scope.seatMap.units))
      copyStretches(seen, stretches, bitmap)
      const random = this.#options.random.fraction
      const choice = chooseUnits({ seatMap: scope.seatMap, request, bitmap, random })
      if (choice.kind !== 'candidates') return choice
      const outcome = namedOf(scope, wish, await this.#take(scope, wish, choice.candidates))
      if (outcome !== null) return outcome
      this.#options.onChoiceLost?.()
    }
    throw crowded()
  }

  #take(scope: HoldScope, wish: HoldWish, groups: readonly Candidate[]): Promise<Reply> {
    return this.#run(scope, 'place', { asked: { ...askedOf(scope, wish), groups } })
  }

  /** Runs a script until it has an answer: the book is loaded and what has expired is freed. */
  async #run(scope: HoldScope, name: ScriptName, question: Question): Promise<Reply> {
    const keys = scopeKeys(scope)
    const asked = JSON.stringify({ ...question.asked, event: scope.event })
    const extra = question.extra ?? []
    let loads = 0
    for (let round = 0; round < holdBookLimits.purgeRoundsMax; round += 1) {
      const { bounds } = await this.#now()
      const reply = await runScript(this.#runner, name, { keys, args: [bounds, asked, ...extra] })
      if (reply.status === 'UNLOADED') {
        loads += 1
        if (loads > holdBookLimits.loadRoundsMax) break
        await this.#load(scope)
      } else if (reply.status === 'SEALED') {
        throw sealed()
      } else if (reply.status !== 'AGAIN') {
        return reply
      }
    }
    throw new HoldBookUnavailableError('the hold book keeps losing what it is given')
  }

  /** The life of Redis that answers now, and what scripts are told in it. */
  async #now(): Promise<{ readonly life: string; readonly bounds: string }> {
    const life = await reaching(() => runIdOf(this.#options.redis))
    if (this.#told.life !== life) {
      this.#told = { life, bounds: JSON.stringify({ ...this.#bounds, life }) }
    }
    return this.#told
  }

  /** One load of an event at a time in this process; other servers may race. */
  async #load(scope: HoldScope): Promise<void> {
    const key = bookKeys(scope).bitmap
    const running = this.#loads.get(key)
    if (running !== undefined) return running
    const token = Buffer.from(this.#options.random.bytes(16)).toString('hex')
    const started = this.#build(scope, token).finally(() => this.#loads.delete(key))
    this.#loads.set(key, started)
    return started
  }

  /** Begun before the content is read: what is lost after that is lost with what was begun. */
  async #build(scope: HoldScope, token: string): Promise<void> {
    const begun = { scope, token, ...(await this.#now()) }
    await beginBook(this.#runner, begun)
    try {
      await loadBook(this.#runner, { ...begun, content: await this.#options.load(scope) })
    } catch (cause) {
      leaveBook(this.#runner, begun)
      throw cause
    }
  }
}

function namedOf(scope: HoldScope, wish: HoldWish, reply: Reply): PlaceOutcome | null {
  return placeOutcome(reply, { event: scope.event, id: wish.id })
}

function askedOf(scope: HoldScope, wish: HoldWish) {
  return {
    id: wish.id,
    buyer: wish.buyer,
    digest: wish.digest,
    terms: JSON.stringify(wish.terms),
    count: unitCount(wish.request),
    ttlMs: wish.ttlMs,
    capMs: wish.capMs,
    limit: scope.limitPerBuyer,
  }
}

function stretchesOf(scope: HoldScope, request: OpenRequest): Stretch[] {
  return areasOf(scope.seatMap, request.sections).map(({ firstUnit, units }) => ({
    from: firstUnit >> 2,
    to: (firstUnit + units - 1) >> 2,
  }))
}

function copyStretches(reply: Reply, stretches: readonly Stretch[], bitmap: Buffer): void {
  stretches.forEach(({ from }, index) => {
    bytes(reply, index).copy(bitmap, from)
  })
}
