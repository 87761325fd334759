/**
 * What is known of a refusal, for programs and for people: the shape of each entry of the table.
 * The texts are the end of a sentence that begins with who acts ("the fan …"); `nothing` where
 * there is nothing to do. docs/errors.md is written from them, so they are Markdown.
 */

/** Every HTTP status that a refusal has; 500 is none: that is a fault of ours. */
export type RefusalStatus = 400 | 401 | 402 | 403 | 404 | 409 | 412 | 413 | 422 | 429 | 503

export type RefusalFacts = {
  readonly status: RefusalStatus
  /**
   * When the same request, sent again unchanged, could end differently without anybody acting:
   * only then may a client repeat it by itself. Null: never, the refusal is final.
   */
  readonly retryAfterMs: number | null
  readonly means: string
  readonly fan: string
  readonly operator: string
  readonly developer: string
  /** The members of `details`, where it has any: name, type and unit. */
  readonly details?: string
}

/** A part of the table; its codes stand together in the documentation. */
export type RefusalGroup = Readonly<Record<string, RefusalFacts>>
