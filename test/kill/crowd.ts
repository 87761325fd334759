/** Fans who buy one wish after the other, whatever happens to the system meanwhile. */
import { randomInt, randomUUID } from 'node:crypto'
import type { Acknowledged } from '../support/agreement.ts'
import { eventually } from '../support/eventually.ts'
import type { Fan, ProcessSystem } from './process-system.ts'
import { buyUntilAnswered, isOrdinaryRefusal, type Wish } from './purchase.ts'

const seatsOfEvent = 40
const limitPerBuyer = 50

export type CrowdOptions = { readonly fans: number; readonly events: number }

export class Crowd {
  /** What fans were told is theirs. */
  readonly acknowledged: Acknowledged[] = []
  refused = 0
  readonly #system: ProcessSystem
  readonly #events: readonly string[]
  #isStopping = false
  #fans: Promise<unknown> = Promise.resolve()

  private constructor(system: ProcessSystem, events: readonly string[]) {
    this.#system = system
    this.#events = events
  }

  /** They begin at once. */
  static async gather(system: ProcessSystem, options: CrowdOptions): Promise<Crowd> {
    const events: string[] = []
    while (events.length < options.events) events.push(await system.newEvent({ limitPerBuyer }))
    const crowd = new Crowd(system, events)
    const names = Array.from({ length: options.fans }, (_, index) => `crowd-${index}`)
    const fans = await Promise.all(names.map((name) => system.fan(name, 'patient')))
    crowd.#fans = Promise.all(fans.map((fan) => crowd.#shop(fan)))
    crowd.#fans.catch(() => undefined)
    return crowd
  }

  /** Resolves when so many more purchases have been acknowledged; fails with the crowd. */
  async progress(more: number): Promise<void> {
    const wished = this.acknowledged.length + more
    const enough = eventually(() => this.acknowledged.length >= wished, {
      what: `${more} more sales`,
      timeoutMs: 90_000,
    })
    await Promise.race([enough, this.#fans.then(() => enough)])
  }

  /** Everybody ends the purchase that is under way. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#fans
  }

  async #shop(fan: Fan): Promise<void> {
    while (!this.#isStopping) {
      try {
        this.acknowledged.push(await buyUntilAnswered(this.#system, fan, this.#wish()))
      } catch (cause) {
        if (!isOrdinaryRefusal(cause)) throw cause
        this.refused += 1
      }
    }
  }

  /** Every second fan wants a certain seat, which others may want too. */
  #wish(): Wish {
    const event = this.#events[randomInt(this.#events.length)] ?? ''
    const seats =
      randomInt(2) === 0
        ? { kind: 'units' as const, units: [randomInt(seatsOfEvent)] }
        : { kind: 'standing' as const, count: 1 }
    return { key: randomUUID(), event, seats, paymentMethod: 'pm_card_visa' }
  }
}
