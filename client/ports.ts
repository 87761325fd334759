/** Time and chance as the client uses them, so that tests can hold them still. */

export type Ports = {
  /** Milliseconds that only grow; their zero means nothing. */
  readonly nowMs: () => number
  /** In [0, 1). */
  readonly random: () => number
  /** Resolves after so many milliseconds, or at once when the signal aborts. Never rejects. */
  readonly wait: (ms: number, signal: AbortSignal | null) => Promise<void>
}

export const systemPorts: Ports = {
  nowMs: () => performance.now(),
  random: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal?.addEventListener('abort', end, { once: true })
    }),
}
