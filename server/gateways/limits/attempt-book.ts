/** Where attempts are counted, under names that tell nothing. */

/** Of one account: the attempts from one block, and from all. */
export type AttemptKeys = { readonly here: string; readonly everywhere: string }

export type AttemptBook = {
  /** @returns milliseconds to wait; 0: the attempt is counted */
  readonly check: (keys: AttemptKeys) => Promise<number>
  readonly failed: (keys: AttemptKeys) => Promise<void>
  readonly succeeded: (keys: AttemptKeys) => Promise<void>
}
