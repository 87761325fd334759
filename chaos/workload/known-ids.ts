/** Ids of holds and orders that somebody has seen lying about: what a curious stranger would try. */
import type { Chance } from '../../bench/onsale/seeded-chance.ts'

/** Younger ones push older ones out: those are over anyway. */
const keptMax = 200

export type KnownId = { readonly actor: string; readonly event: string; readonly id: string }

export class KnownIds {
  readonly #kept: KnownId[] = []
  #next = 0

  saw(known: KnownId): void {
    this.#kept[this.#next] = known
    this.#next = (this.#next + 1) % keptMax
  }

  /** @returns null when there is nobody else's yet */
  someoneElses(actor: string, chance: Chance): KnownId | null {
    const others = this.#kept.filter((known) => known.actor !== actor)
    return others[chance.below(others.length)] ?? null
  }
}
