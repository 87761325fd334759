/** Turns retry storms on and off, one at a time. */

export class Storms {
  readonly defects: unknown[] = []
  readonly #begin: (signal: AbortSignal, round: number) => Promise<void>
  #running: Promise<void> = Promise.resolve()
  #off: AbortController | null = null
  #round = 0

  constructor(begin: (signal: AbortSignal, round: number) => Promise<void>) {
    this.#begin = begin
  }

  set(isOn: boolean): void {
    if (isOn === (this.#off !== null)) return
    if (!isOn) {
      this.#off?.abort()
      this.#off = null
      return
    }
    const off = new AbortController()
    this.#off = off
    this.#round += 1
    const round = this.#round
    this.#running = this.#running
      .then(() => this.#begin(off.signal, round))
      .catch((cause: unknown) => {
        this.defects.push(cause)
      })
  }

  /** The calls in flight have ended. */
  async end(): Promise<void> {
    this.set(false)
    await this.#running
  }
}
