/** One fan's calls on their way into the measurements. */
import { setTimeout as wait } from 'node:timers/promises'
import { FrontrowError } from '../../client/index.ts'
import type { Recorder } from './measured-groups.ts'
import type { Step } from './measurements.ts'

export class TimedCalls {
  readonly #measurements: Recorder
  readonly #lastMs = new Map<Step, number>()
  #dueMs: number

  /** @param dueMs when the first call was meant to begin, by `performance.now()` */
  constructor(measurements: Recorder, dueMs: number) {
    this.#measurements = measurements
    this.#dueMs = dueMs
  }

  /** The next call is meant to begin so much later than the last one ended. */
  async pause(ms: number): Promise<void> {
    this.#dueMs += ms
    const restMs = this.#dueMs - performance.now()
    if (restMs > 0) await wait(restMs)
  }

  /** Several at once have one beginning. Refusals are counted by code, and thrown on. */
  async call<Answer>(step: Step, send: () => Promise<Answer>): Promise<Answer> {
    const dueMs = this.#dueMs
    this.#measurements.called()
    try {
      const answer = await send()
      this.#took(step, dueMs)
      return answer
    } catch (cause) {
      this.#took('refused', dueMs)
      if (cause instanceof FrontrowError) this.#measurements.refused(cause.code)
      throw cause
    }
  }

  /** A call that belongs to no step: counted, not measured. */
  async ask<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    this.#measurements.called()
    try {
      return await send()
    } finally {
      this.#dueMs = performance.now()
    }
  }

  /** A call that is given up in the middle; it is counted, but nobody waited for it. */
  async abandoned<Answer>(send: () => Promise<Answer>): Promise<Answer | null> {
    this.#measurements.called()
    try {
      return await send()
    } catch (cause) {
      if (cause instanceof FrontrowError && cause.code === 'ABORTED') return null
      throw cause
    } finally {
      this.#dueMs = performance.now()
    }
  }

  /** A sale is as long as its three calls; what the fan thought in between is theirs. */
  bought(tickets: number): void {
    const parts = (['hold', 'start', 'complete'] as const).map(
      (step) => this.#lastMs.get(step) ?? 0,
    )
    const tookMs = parts.reduce((sum, partMs) => sum + partMs, 0)
    this.#measurements.took('sale', performance.now(), tookMs)
    this.paid(tickets)
  }

  paid(tickets: number): void {
    this.#measurements.paid(performance.now(), tickets)
  }

  #took(step: Step, dueMs: number): void {
    const endedAtMs = performance.now()
    this.#measurements.took(step, endedAtMs, endedAtMs - dueMs)
    this.#lastMs.set(step, endedAtMs - dueMs)
    this.#dueMs = endedAtMs
  }
}
