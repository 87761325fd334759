/** One virtual time for all that takes part, and one seed for all chance in it. */
import { mulberry, settled } from '../../support/simulated.ts'

export class VirtualTime {
  nowMs = 0
  readonly random: () => number
  #order = 0
  #queue: { readonly atMs: number; readonly order: number; readonly act: () => void }[] = []

  constructor(seed: number) {
    this.random = mulberry(seed)
  }

  soon(ms: number, act: () => void): void {
    const entry = { atMs: this.nowMs + Math.max(0, ms), order: (this.#order += 1), act }
    let at = this.#queue.length
    while (at > 0 && isLater(this.#queue[at - 1], entry)) at -= 1
    this.#queue.splice(at, 0, entry)
  }

  /** Goes on until then, or until `isOver` says so. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    while (!isOver()) {
      const next = this.#queue[0]
      if (next === undefined || next.atMs > untilMs) break
      this.#queue.shift()
      this.nowMs = next.atMs
      next.act()
      await settled()
    }
    this.nowMs = Math.max(this.nowMs, Math.min(untilMs, this.#queue[0]?.atMs ?? untilMs))
  }

  below(count: number): number {
    return Math.floor(this.random() * count)
  }
}

type Entry = { readonly atMs: number; readonly order: number }

function isLater(one: Entry | undefined, other: Entry): boolean {
  return one !== undefined && one.atMs > other.atMs
}
