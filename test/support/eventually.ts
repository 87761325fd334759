/** Waiting in tests: for a state, by looking again and again, never for a time. */
import { waitUntil } from '../../regions/local/wait-until.ts'

const defaultTimeoutMs = 15_000

export type EventuallyOptions = {
  /** What is waited for, as the failure message says it. */
  readonly what: string
  readonly timeoutMs?: number
}

/** @throws Error when the predicate was still false after the time limit. */
export async function eventually(
  predicate: () => boolean | Promise<boolean>,
  { what, timeoutMs = defaultTimeoutMs }: EventuallyOptions,
): Promise<void> {
  if (await waitUntil(predicate, timeoutMs)) return
  throw new Error(`Within ${timeoutMs} ms this did not happen: ${what}`)
}
