/**
 * Background work: a pass that takes no input, is idempotent and bounded, and returns a status.
 * It runs every period and sooner when nudged; a full pass runs again at once. A pass that throws
 * is logged and repeated: recovery is the normal path.
 */
import type { Log } from '../application/services.ts'
import type { Clock } from '../platform/clock.ts'
import { untraced } from '../platform/tracing.ts'

export type PassStatus = {
  /** Things dealt with in this pass. */
  readonly handled: number
  /** There was more than one pass may take. */
  readonly more: boolean
  /** When to run again, where the pass knows better than the period. */
  readonly againInMs?: number
}

export type ReconcilerOptions = {
  readonly name: string
  readonly periodMs: number
  readonly pass: () => Promise<PassStatus>
  readonly clock: Clock
  readonly log: Log
}

export class Reconciler implements AsyncDisposable {
  readonly #options: ReconcilerOptions
  readonly #stopped = new AbortController()
  #wake = new AbortController()
  readonly #loop: Promise<void>

  /** Starts at once. */
  constructor(options: ReconcilerOptions) {
    this.#options = options
    this.#loop = this.#run()
  }

  /** There may be work. Cheap, and safe to call at any time. */
  nudge(): void {
    this.#wake.abort()
  }

  /** Lets the pass that runs finish, then stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort()
    this.nudge()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { pass, log, name, periodMs, clock } = this.#options
    while (!this.#stopped.signal.aborted) {
      this.#wake = new AbortController()
      const status: PassStatus = await untraced(pass).catch((cause: unknown) => {
        log.warn({ err: cause, worker: name }, 'a pass failed and will be repeated')
        return { handled: 0, more: false }
      })
      if (status.more || this.#stopped.signal.aborted) continue
      await clock.wait(status.againInMs ?? periodMs, this.#wake.signal).catch(() => undefined)
    }
  }
}
