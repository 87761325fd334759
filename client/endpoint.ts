/** One base URL, and what the client knows of it. */

export type Endpoint = {
  /** Where the procedures are. */
  readonly trpcUrl: string
  /** Answers as cheaply as can be, for measuring. */
  readonly liveUrl: string
  /** Those in a row. */
  failures: number
  restsUntilMs: number
  /** Since when it has answered without failing; null: not since it failed last. */
  steadySinceMs: number | null
  /** Its latest round trips, oldest first. */
  samplesMs: readonly number[]
}

/** @throws TypeError a base URL that is none */
export function endpointAt(base: string): Endpoint {
  const url = URL.canParse(base) ? new URL(base) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`endpoints: "${base}" is no http(s) URL, such as https://tickets.example`)
  }
  const root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  return {
    trpcUrl: `${root}/trpc`,
    liveUrl: `${root}/livez`,
    failures: 0,
    restsUntilMs: 0,
    steadySinceMs: Number.NEGATIVE_INFINITY,
    samplesMs: [],
  }
}

/** Infinity: not measured. */
export function distanceMs({ samplesMs }: Endpoint): number {
  return Math.min(...samplesMs)
}
