/** What every procedure gets: who calls, under which request id, and the services. */
import type { Logger } from 'pino'
import type { Services } from '../application/services.ts'
import type { Caller } from '../domain/access.ts'

export type Context = {
  readonly services: Services
  /** null: no token, or one that does not verify. */
  readonly caller: Caller | null
  readonly requestId: string
  readonly log: Logger
}
