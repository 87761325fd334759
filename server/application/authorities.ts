/**
 * What this server knows of the authority over each home region. A table in memory and nothing
 * more: the worker that keeps the leases writes it, calls read it, and whoever waits for a change
 * hears of it. It may be old; the epoch inside the sale's statement is what decides.
 */
import type { Authority, Standing } from '../domain/authority.ts'
import type { Clock } from '../platform/clock.ts'

type Known = Authority & {
  /** Until when this server may grant, by its own monotonic clock; 0 where another region has it. */
  readonly mayGrantUntilMs: number
  /** It is being given away: no renewal brings it back. */
  readonly given: boolean
  /** Read from the database, and not only told by another server. */
  readonly isProven: boolean
}

export class Authorities {
  readonly #region: string
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #known = new Map<string, Known>()
  readonly #waiting = new Set<() => void>()
  readonly #listeners = new Set<() => void>()

  /** @param parts.region the region in which this server runs */
  constructor(parts: { readonly region: string; readonly clock: Pick<Clock, 'monotonicMs'> }) {
    this.#region = parts.region
    this.#clock = parts.clock
  }

  /** Cheap: asked by every call of the sale. */
  standing(home: string): Standing {
    const known = this.#known.get(home)
    if (known === undefined) return { kind: 'nobody' }
    const { serverRegion, epoch } = known
    if (serverRegion !== this.#region) return { kind: 'theirs', serverRegion, epoch }
    const isLiving = this.#clock.monotonicMs() < known.mayGrantUntilMs
    return isLiving ? { kind: 'ours', epoch } : { kind: 'nobody' }
  }

  /** The highest epoch heard of; null before anything was. */
  epochOf(home: string): number | null {
    return this.#known.get(home)?.epoch ?? null
  }

  /** The epoch under which this server's region has `home`, whether it may still grant or not. */
  keptEpoch(home: string): number | null {
    const known = this.#known.get(home)
    return known?.serverRegion === this.#region && !known.given ? known.epoch : null
  }

  /** Home regions that this server may sell for, now. */
  held(): { readonly home: string; readonly epoch: number }[] {
    return [...this.#known.keys()].flatMap((home) => {
      const standing = this.standing(home)
      return standing.kind === 'ours' ? [{ home, epoch: standing.epoch }] : []
    })
  }

  /**
   * The lease over `home` was taken or renewed: this server may grant until then, by its own
   * monotonic clock, counted from before the renewal was sent.
   */
  granted(home: string, lease: { readonly epoch: number; readonly untilMs: number }): void {
    const known = this.#known.get(home)
    if (known !== undefined && known.epoch > lease.epoch) return
    if (known?.given === true && known.epoch === lease.epoch) return
    const { epoch, untilMs: mayGrantUntilMs } = lease
    const ours = { serverRegion: this.#region, given: false, isProven: true }
    this.#enter(home, { ...ours, epoch, mayGrantUntilMs })
  }

  /** Another server says who has it. Its word is taken where it is news, until the database is read. */
  told(home: string, authority: Authority): void {
    const known = this.#known.get(home)
    if (known !== undefined && known.epoch >= authority.epoch) return
    const { serverRegion, epoch } = authority
    this.#enter(home, { serverRegion, epoch, mayGrantUntilMs: 0, given: false, isProven: false })
  }

  /**
   * Read from the database. Older news is none; but what another server said ends here, whatever
   * epoch it spoke of.
   */
  heard(home: string, authority: Authority): void {
    const known = this.#known.get(home)
    const isNews = known === undefined || !known.isProven || known.epoch < authority.epoch
    if (!isNews) return
    const { serverRegion, epoch } = authority
    this.#enter(home, { serverRegion, epoch, mayGrantUntilMs: 0, given: false, isProven: true })
  }

  /** Grants no more for `home` under this epoch, although its lease may live: it is given away. */
  ceased(home: string, epoch: number): void {
    const known = this.#known.get(home)
    if (known?.epoch !== epoch) return
    this.#enter(home, { ...known, mayGrantUntilMs: 0, given: true })
  }

  /** The giving away did not happen: the next renewal lets this server grant again. */
  resumed(home: string, epoch: number): void {
    const known = this.#known.get(home)
    if (known?.epoch === epoch) this.#enter(home, { ...known, given: false })
  }

  /** Resolves with the next change, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = () => {
        this.#waiting.delete(settle)
        signal.removeEventListener('abort', settle)
        resolve()
      }
      this.#waiting.add(settle)
      signal.addEventListener('abort', settle)
    })
  }

  /** Hears of each change at once. @returns a function that ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #enter(home: string, next: Known): void {
    const before = this.standing(home)
    this.#known.set(home, next)
    const after = this.standing(home)
    const same = before.kind === after.kind && this.#sameEpoch(before, after)
    if (same) return
    this.#waiting.forEach((settle) => settle())
    this.#listeners.forEach((listener) => listener())
  }

  #sameEpoch(one: Standing, other: Standing): boolean {
    return 'epoch' in one && 'epoch' in other && one.epoch === other.epoch
  }
}
