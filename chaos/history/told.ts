/**
 * What a caller was told when a call did not end with an answer: by our client's error, or by the
 * one of those who call without it. Anything else that is thrown is a defect, and no outcome.
 */
import { FrontrowError } from '../../client/index.ts'

export type Told = {
  readonly code: string
  readonly transient: boolean
  readonly outcome: 'refused' | 'unknown'
}

/** Of a call that was made past our client. */
export class RawCallError extends Error {
  override readonly name = 'RawCallError'
  readonly told: Told

  constructor(path: string, told: Told, options?: ErrorOptions) {
    super(`${path} ended with ${told.code}`, options)
    this.told = told
  }
}

/** @returns null for what is no outcome of a call */
export function toldOf(cause: unknown): Told | null {
  if (cause instanceof RawCallError) return cause.told
  if (!(cause instanceof FrontrowError)) return null
  const { code, transient, outcome } = cause
  return { code, transient, outcome }
}
