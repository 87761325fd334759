/** A client of the race: wishes for random seats, and every way to go on from there. */
import { randomUUID } from 'node:crypto'
import type { Acknowledged } from '../support/agreement.ts'
import type { FanCalls } from './fan-calls.ts'

const unitsOfEvent = 100

/** What the race has seen so far. */
export class RaceRecord {
  readonly acknowledged: Acknowledged[] = []
  readonly outcomes: Record<string, number> = {}

  count(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1
  }
}

export type RaceClientParts = {
  readonly calls: FanCalls
  readonly record: RaceRecord
  /** From 0 to 1, by seed. */
  readonly random: () => number
}

export class RaceClient {
  readonly #calls: FanCalls
  readonly #record: RaceRecord
  readonly #random: () => number

  constructor({ calls, record, random }: RaceClientParts) {
    this.#calls = calls
    this.#record = record
    this.#random = random
  }

  /** One attempt at seats of one of the events, and what follows when they are had. */
  async attempt(events: readonly string[]): Promise<void> {
    const event = events[this.#below(events.length)] ?? ''
    const units = new Set(
      Array.from({ length: 1 + this.#below(3) }, () => this.#below(unitsOfEvent)),
    )
    const held = await this.#call('hold', () => this.#calls.hold(event, randomUUID(), [...units]))
    if (held === null) return
    const draw = this.#random()
    if (draw < 0.6) {
      await this.#call('release', () => this.#calls.release(event, held.id))
    } else if (draw < 0.7) {
      // Whoever gives seats back and then buys them with the old token is refused, or first.
      await Promise.all([
        this.#call('release', () => this.#calls.release(event, held.id)),
        this.#buy(held.token),
      ])
    } else {
      await this.#buy(held.token)
    }
  }

  async #buy(token: string): Promise<void> {
    const started = await this.#maybeTwice('start', () => this.#calls.start(token))
    if (started === null || this.#random() < 0.3) return
    const key = randomUUID()
    const paid = await this.#maybeTwice('pay', () => this.#calls.pay(started.id, key))
    if (paid?.state !== 'paid') return
    this.#record.acknowledged.push({ order: paid.id, units: paid.units })
  }

  /** Half of the calls are sent twice at once; both answers count. */
  async #maybeTwice<Answer>(name: string, call: () => Promise<Answer>): Promise<Answer | null> {
    if (this.#random() < 0.5) return this.#call(name, call)
    const [one, two] = await Promise.all([this.#call(name, call), this.#call(name, call)])
    return one ?? two
  }

  async #call<Answer>(name: string, call: () => Promise<Answer>): Promise<Answer | null> {
    try {
      const answer = await call()
      this.#record.count(name)
      return answer
    } catch (cause) {
      const code = this.#calls.refusal(cause)
      if (code === null) throw cause
      this.#record.count(`${name}: ${code}`)
      return null
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}

/** Mulberry32: good enough to choose moves, and the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
