/** What a server counts, as it tells Prometheus. */

const metricsWithinMs = 2_000

/** @returns null when it does not answer */
export async function metricsOf(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(metricsWithinMs) })
    return answer.ok ? await answer.text() : null
  } catch {
    return null
  }
}
