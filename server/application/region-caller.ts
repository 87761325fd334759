/** The port through which servers of other regions are asked: by signed calls of ours to theirs. */

export type RegionQuestion = {
  /** The procedure: `internal.status`. */
  readonly path: string
  readonly kind: 'query' | 'mutation'
  readonly input: unknown
  readonly timeoutMs: number
}

/** No server of the region answered; whether anything was done there is not known. */
export class RegionUnreachableError extends Error {
  override readonly name = 'RegionUnreachableError'
}

export type RegionCaller = {
  /**
   * The answer's data, unchecked: whoever asks parses it.
   * @throws RegionUnreachableError nobody answered in time
   * @throws RefusedError what the other server refused with
   */
  call(region: string, question: RegionQuestion): Promise<unknown>
}
