/** What every procedure gets: who calls, under which request id, and the services. */
import type { Logger } from 'pino'
import type { Services } from '../application/services.ts'
import type { Session } from '../application/session.ts'
import type { Caller } from '../domain/access.ts'
import type { Refusal } from '../domain/refusal.ts'

export type Context = {
  readonly services: Services
  /** null: no token, or one that does not verify. */
  readonly caller: Caller | null
  readonly requestId: string
  /** Where the call came from: the client's address as text. */
  readonly address: string
  /** Why an admin of the platform acts for an organisation: the header `x-acting-reason`. */
  readonly actingReason: string | null
  /** What this client has seen: the header `x-frontrow-seen`. Calls of one request share it. */
  readonly session: Session
  readonly log: Logger
  /** Decided already, without asking the procedure: its region cannot be reached, or is not this. */
  readonly refused: Refusal | null
}
