/** What was opened, closed in reverse order; for systems that are put together step by step. */

export class Closers {
  #steps: (() => unknown)[] = []

  /** Closes `part` with the rest. */
  use<Part extends AsyncDisposable>(part: Part): Part {
    this.defer(() => part[Symbol.asyncDispose]())
    return part
  }

  defer(step: () => unknown): void {
    this.#steps.push(step)
  }

  async close(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }

  /** Runs what opens a system; when it fails, what was opened so far is closed. */
  async opening<System>(open: () => Promise<System>): Promise<System> {
    try {
      return await open()
    } catch (cause) {
      await this.close()
      throw cause
    }
  }
}
