/** One turn of a conversation: what the client says up to its Sync, and all that it is answered. */
import type { Blow } from './strike-book.ts'
import type { TransactionStatus } from './told.ts'

export type Turn = {
  /** Null: it passes, or nothing was run in it so far. */
  blow: Blow | null
  /** Something was run in it, and whether that is struck has been drawn. */
  isDrawn: boolean
  isCommit: boolean
  /** Of the transaction, when it was drawn. */
  before: TransactionStatus
  /** The server is being told what leaves it in the state that the client is told of. */
  isMending: boolean
  /** Of a reply that will break off. */
  readonly reply: Buffer[]
  replyBytes: number
}

export function newTurn(): Turn {
  return {
    blow: null,
    isDrawn: false,
    isCommit: false,
    before: 'I',
    isMending: false,
    reply: [],
    replyBytes: 0,
  }
}

/**
 * What leaves the server where an error leaves it: a transaction that was going on fails and waits
 * for its end, and one that should have begun or ended just now is over.
 */
export function mendingText({ isCommit, before }: Turn): string {
  return isCommit || before !== 'T' ? 'rollback' : 'select 1/0'
}
