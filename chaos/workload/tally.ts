/**
 * What came of the visits, for those who watch a run, in a bounded room: how they ended, and how
 * long fans waited for their purchase from when they meant to begin.
 */
import { type Percentiles, percentilesOf } from '../../bench/onsale/percentiles.ts'

const samplesMax = 5_000

export type VisitTally = {
  readonly came: number
  /** By how they ended: `done`, or the code of the refusal. */
  readonly ended: Readonly<Record<string, number>>
}

export class Tally {
  readonly #came = new Map<string, number>()
  readonly #ended = new Map<string, Map<string, number>>()
  readonly #counts = new Map<string, number>()
  readonly #samples: number[] = []
  #next = 0

  came(behaviour: string): void {
    add(this.#came, behaviour)
  }

  ended(behaviour: string, how: string): void {
    const ends = this.#ended.get(behaviour) ?? new Map<string, number>()
    add(ends, how)
    this.#ended.set(behaviour, ends)
  }

  count(what: string): void {
    add(this.#counts, what)
  }

  /** A whole purchase; the last some thousand are kept. */
  took(ms: number): void {
    this.#samples[this.#next] = ms
    this.#next = (this.#next + 1) % samplesMax
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  get visits(): Readonly<Record<string, VisitTally>> {
    const tallies = [...this.#came].map(([name, came]): [string, VisitTally] => [
      name,
      { came, ended: Object.fromEntries(this.#ended.get(name) ?? []) },
    ])
    return Object.fromEntries(tallies)
  }

  /** Milliseconds; null: nobody bought yet. */
  get tookMs(): Percentiles | null {
    return percentilesOf(this.#samples)
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
