/** Counts what one invariant was held against, and tells the first stories of where it broke. */
import type { Facts } from './facts/facts.ts'
import { type About, storyOf } from './story.ts'
import type { Finding, Violation } from './verdict.ts'

/** Told with their stories; the others are only counted. Each story is a walk over everything. */
export const violationsMax = 5

export class Judge {
  readonly #facts: Facts
  readonly #violations: Violation[] = []
  readonly #counts: Record<string, number> = {}
  readonly #notes: string[] = []
  #checked = 0
  #broken = 0

  constructor(facts: Facts) {
    this.#facts = facts
  }

  /** One more thing was held against the invariant. */
  checks(times = 1): void {
    this.#checked += times
  }

  /** @param said one sentence: what is so, and what should be */
  breaks(said: string, about: About): void {
    this.#broken += 1
    if (this.#violations.length >= violationsMax) return
    this.#violations.push({ said, story: storyOf(this.#facts, about) })
  }

  /** Checks that something holds; `otherwise` says that it does not. */
  holds(isSo: boolean, otherwise: () => readonly [said: string, about: About]): void {
    this.#checked += 1
    if (!isSo) this.breaks(...otherwise())
  }

  /** What is no fault and still worth telling. */
  counts(name: string, times = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + times
  }

  /** Why it was not checked, or not wholly. */
  notes(said: string): void {
    if (!this.#notes.includes(said)) this.#notes.push(said)
  }

  finding({ id, title }: Pick<Finding, 'id' | 'title'>): Finding {
    return {
      id,
      title,
      checked: this.#checked,
      broken: this.#broken,
      violations: this.#violations,
      note: this.#notes.length === 0 ? null : this.#notes.join(' '),
      counts: this.#counts,
    }
  }
}

export const notes = {
  noVersions: 'The database kept no record of versions: only the last rows were looked at.',
  needsVersions: 'The database kept no record of versions, without which this cannot be seen.',
  notQuiet: 'The run never became quiet, so that the last rows prove nothing here.',
} as const
