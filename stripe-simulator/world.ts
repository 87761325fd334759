/**
 * Everything that the simulator is, in one place: its objects, keys, faults, clock, webhooks and
 * journal. All changes go through `execute`, which keeps the order: change, keep the answer under
 * its key, write the journal, publish the events; only then is the caller answered.
 */
import { type Answer, errorAnswer } from './answer.ts'
import { ApiError } from './api-error.ts'
import type { Execute } from './endpoint.ts'
import { FaultBook } from './fault-book.ts'
import { IdempotencyKeys, type KeyUse } from './idempotency-keys.ts'
import { cancelIntent } from './intents.ts'
import { Journal } from './journal.ts'
import type { JournalEntry, JournalLine } from './journal-line.ts'
import { limits } from './limits.ts'
import type { RenderOptions } from './render.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { Store } from './store.ts'
import { UnitOfWork } from './unit-of-work.ts'
import { Webhooks } from './webhooks.ts'

export interface WorldOptions {
  /** Of the journal; without it nothing outlives the process. */
  readonly dataPath?: string | undefined
  /** A journal that is larger, and mostly dead, is rewritten at the start to what is alive. */
  readonly journalCompactBytes?: number | undefined
  readonly maxIntents: number
  readonly seed: number
  /** Told about faults of the simulator itself. */
  readonly onError: (error: unknown) => void
}

export interface Call {
  readonly requestId: string | null
  readonly key?: KeyUse | undefined
  /** Answers this instead of what the execution gave. */
  readonly answerInstead?: Answer | undefined
}

export class World {
  readonly store: Store
  readonly keys: IdempotencyKeys
  readonly faults: FaultBook
  readonly clock = new SimulatedClock()
  readonly webhooks: Webhooks
  /** `baseUrl` is set when the server listens. */
  readonly render: RenderOptions & { baseUrl: string } = { baseUrl: '' }
  readonly #onError: (error: unknown) => void
  #journal: Journal | undefined
  /** What the journal's last state says was dropped before its first line. */
  #droppedBefore = 0

  private constructor(options: WorldOptions) {
    this.store = new Store(options.maxIntents)
    this.keys = new IdempotencyKeys(options.maxIntents * limits.keysPerIntent)
    this.faults = new FaultBook(options.seed)
    this.webhooks = new Webhooks({ faults: this.faults, render: this.render })
    this.#onError = options.onError
  }

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options)
    if (options.dataPath === undefined) return world
    const journal = await Journal.open(options.dataPath, {
      state: ({ clockOffsetMs, dropped }) => {
        world.clock.restore(clockOffsetMs)
        if (dropped === undefined) return
        world.store.restoreDropped(dropped)
        world.#droppedBefore = dropped.intents
      },
      entry: (entry) => world.#restore(entry),
    })
    const most = options.journalCompactBytes ?? limits.journalCompactBytes
    if (journal.bytes > most && world.#isMostlyDead()) {
      const state = { clockOffsetMs: world.clock.offsetMs, dropped: world.store.dropped }
      await journal.compact(state, (line) => world.#isAlive(line))
    }
    world.#journal = journal
    return world
  }

  /** Runs it and gives the answer, also when it refuses or breaks; never throws. */
  execute(run: Execute, call: Call): Answer {
    const origin = { requestId: call.requestId, idempotencyKey: call.key?.id ?? null }
    const unit = new UnitOfWork(this.store, this.clock.nowSeconds(), origin)
    const answer = this.#attempt(run, unit)
    return this.#finish(unit, call, call.answerInstead ?? answer)
  }

  /** Keeps an answer under its key without having done anything. */
  answerOnly(answer: Answer, call: Call): Answer {
    const unit = new UnitOfWork(this.store, this.clock.nowSeconds(), {
      requestId: call.requestId,
      idempotencyKey: call.key?.id ?? null,
    })
    return this.#finish(unit, call, answer)
  }

  /** Time goes on, and authorisations that nobody captured run out. */
  advanceClock(byMs: number): void {
    this.clock.advance(byMs)
    this.#journal?.appendState({ clockOffsetMs: this.clock.offsetMs })
    const runOut = this.clock.nowSeconds() - limits.authorizationTtlMs / 1_000
    const held = [...this.store.intents.oldestFirst()].filter((intent) => {
      const charge = this.store.charges.get(intent.latestCharge ?? '')
      return intent.status === 'requires_capture' && (charge?.created ?? runOut + 1) <= runOut
    })
    for (const intent of held) {
      const expire: Execute = (unit) => ({
        kind: 'record',
        status: 200,
        record: cancelIntent(unit, intent, 'automatic'),
      })
      this.execute(expire, { requestId: null })
    }
  }

  /** Back to the beginning; webhook endpoints stay. */
  reset(): void {
    this.store.clear()
    this.keys.clear()
    this.faults.reset()
    this.webhooks.reset()
    this.clock.restore(0)
    this.#journal?.empty()
  }

  close(): void {
    this.webhooks.close()
    this.#journal?.close()
    this.#journal = undefined
  }

  #attempt(run: Execute, unit: UnitOfWork): Answer {
    try {
      return run(unit)
    } catch (error) {
      if (error instanceof ApiError) return errorAnswer(error)
      this.#onError(error)
      return serverError()
    }
  }

  #finish(unit: UnitOfWork, { key, requestId }: Call, answer: Answer): Answer {
    const keep = key !== undefined && answer.status !== tooManyRequests
    const kept = keep
      ? { ...key, at: this.clock.nowMs(), requestId: requestId ?? '', answer }
      : undefined
    if (kept) this.keys.keep(kept)
    this.#journal?.append({ records: unit.written, kept })
    this.webhooks.publish(unit.events)
    return answer
  }

  #restore({ records, kept }: JournalEntry): void {
    for (const record of records) this.store.put(record)
    if (kept) this.keys.keep(kept)
  }

  /** More intents in the journal were dropped than are left. */
  #isMostlyDead(): boolean {
    return this.store.dropped.intents - this.#droppedBefore > this.store.intents.size
  }

  /** All records of a line belong to one intent; without records it is a kept answer alone. */
  #isAlive({ records, key }: JournalLine): boolean {
    const subject = records?.find((record) => record.kind !== 'event')
    if (subject !== undefined) {
      const intent = subject.kind === 'payment_intent' ? subject.id : subject.intent
      return this.store.intents.get(intent) !== undefined
    }
    return key !== undefined && this.keys.has(key.id)
  }
}

const tooManyRequests = 429

/** What Stripe says when it is at fault. */
export function serverError(): Answer {
  const error = {
    type: 'api_error',
    message:
      'An unknown error occurred. (This 500 comes from the simulator: a fault on demand, or a bug.)',
  } as const
  return { kind: 'error', status: 500, error, intent: null }
}
