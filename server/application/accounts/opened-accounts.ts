/** Accounts as they are opened with a server: the library's book, tokens, and the directory's hash. */
import type { Accounts } from '../../domain/accounts.ts'
import type { RefreshTokens } from './refresh-tokens.ts'

export type AccountParts = {
  readonly book: Accounts
  readonly refreshTokens: RefreshTokens
  /** Finds an address in the directory without naming it. */
  readonly addressHash: (email: string) => string
}
