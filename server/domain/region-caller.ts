/** Calls of procedures on the servers of other regions, as use-cases see them. */
import type { RefusalCode } from './refusal.ts'

export type RegionCall = {
  /** Name of the region that is called. */
  readonly region: string
  /** Such as `internal.changes`. */
  readonly procedure: string
  /** A query unless told. */
  readonly kind?: 'query' | 'mutation'
  readonly input: unknown
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export type RegionCaller = {
  /**
   * The answer as it came: whoever asked judges its shape.
   * @throws RegionCallError
   */
  call(asked: RegionCall): Promise<unknown>
}

/** No answer, or none that can be read, or a refusal. */
export class RegionCallError extends Error {
  override readonly name = 'RegionCallError'
  /** null: there was no answer of the procedure. */
  readonly code: RefusalCode | null

  constructor(message: string, options: ErrorOptions & { readonly code?: RefusalCode } = {}) {
    super(message, options)
    this.code = options.code ?? null
  }
}
