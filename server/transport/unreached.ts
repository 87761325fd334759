/**
 * What tRPC refuses before any procedure of ours runs, in our words: its own name the procedure
 * that was asked for, or repeat the parser's, which repeats the body.
 */
import type { TRPCError } from '@trpc/server'
import type { RefusalCode } from '../domain/refusal.ts'

type Unreached = { readonly code: RefusalCode; readonly message: string }

const unreadable = { code: 'BAD_INPUT', message: 'The input is not JSON.' } as const

export const unreached: Readonly<Partial<Record<TRPCError['code'], Unreached>>> = {
  BAD_REQUEST: unreadable,
  PARSE_ERROR: unreadable,
  METHOD_NOT_SUPPORTED: {
    code: 'BAD_INPUT',
    message: 'Queries are sent by GET, mutations by POST.',
  },
  UNSUPPORTED_MEDIA_TYPE: { code: 'BAD_INPUT', message: 'Send JSON as application/json.' },
  NOT_FOUND: { code: 'NOT_FOUND', message: 'There is no such procedure.' },
  PAYLOAD_TOO_LARGE: { code: 'TOO_LARGE', message: 'The body is too large.' },
}

/**
 * The path of a call as an answer names it: only that of a procedure. What somebody made up, or put
 * in the wrong place, is not repeated.
 */
export function shownPath(path: string | undefined, type: string): string | null {
  // tRPC's word for what has no procedure.
  return type === 'unknown' ? null : (path ?? null)
}
