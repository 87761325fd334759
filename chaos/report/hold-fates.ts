/**
 * Which holds were kept, by what fans saw: who looks at a hold that must still live finds it, or
 * does not. Only what fans looked at can be said; the auditor, who reads the rows too, knows better.
 */
import type { Entry, Invoke } from '../history/entry.ts'

/** What says of a hold that it is not there. */
const gone = new Set(['NOT_FOUND', 'HOLD_EXPIRED'])

export class HoldFates {
  /** Until when each of them lives at least. A hold that became an order, or was given back, is out. */
  readonly #livesUntil = new Map<string, number>()
  readonly #cancelled = new Set<string>()
  readonly #found = new Set<string>()
  readonly #lost = new Set<string>()

  invoked(entry: Invoke): void {
    if (entry.op === 'event.cancel') this.#cancelled.add(entry.args.event)
    if (entry.op === 'hold.release' || entry.op === 'checkout.start') {
      this.#livesUntil.delete(entry.args.hold)
    }
  }

  /** @param asked what it answers */
  answered(entry: Exclude<Entry, Invoke>, asked: Invoke): void {
    if (entry.type === 'ok') {
      if (!isOfHold(entry)) return
      const { hold, expiresInMs } = entry.result
      this.#livesUntil.set(hold, asked.at + expiresInMs)
      if (entry.op === 'hold.get') this.#found.add(hold)
      return
    }
    if (entry.type !== 'fail' || asked.op !== 'hold.get' || !gone.has(entry.code)) return
    const { hold, event } = asked.args
    const livesUntil = this.#livesUntil.get(hold)
    if (livesUntil === undefined || this.#cancelled.has(event)) return
    if (entry.at < livesUntil) this.#lost.add(hold)
  }

  counts(): { readonly kept: number; readonly lost: number } {
    const kept = [...this.#found].filter((hold) => !this.#lost.has(hold))
    return { kept: kept.length, lost: this.#lost.size }
  }
}

type Answer = Extract<Entry, { readonly type: 'ok' }>
type OfHold = Extract<
  Answer,
  { readonly op: 'hold.place' | 'hold.get' | 'hold.extend' | 'hold.reclaim' }
>

function isOfHold(entry: Answer): entry is OfHold {
  const { op } = entry
  return op === 'hold.place' || op === 'hold.get' || op === 'hold.extend' || op === 'hold.reclaim'
}
