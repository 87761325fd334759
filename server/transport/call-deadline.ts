/** How long a caller waits for an answer: the header `x-frontrow-deadline-ms`, within bounds. */
import { limits } from '../platform/limits.ts'

export const deadlineHeader = 'x-frontrow-deadline-ms'

/** Milliseconds, from when the request arrived. What is no whole number is as if not said. */
export function patienceOf(header: string | readonly string[] | undefined): number {
  if (typeof header !== 'string' || !/^[0-9]{1,9}$/.test(header)) return limits.callDeadlineMs
  return Math.min(Number(header), limits.callDeadlineMaxMs)
}
