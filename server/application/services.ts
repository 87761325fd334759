/** What use-cases work with. Each takes the part that it needs: `Pick<Services, 'db' | 'clock'>`. */
import type { Attempts } from '../domain/attempts.ts'
import type { HoldBook } from '../domain/hold-book.ts'
import type { HoldCopies, HoldReplication } from '../domain/hold-replication.ts'
import type { Mailer } from '../domain/mail.ts'
import type { PaymentGateway } from '../domain/payment.ts'
import type { RateLimits } from '../domain/rate-limits.ts'
import type { RegionCaller } from '../domain/region-caller.ts'
import type { Clock } from '../platform/clock.ts'
import type { IdMaker } from '../platform/ids.ts'
import type { Count } from '../platform/metric-counters.ts'
import type { Random } from '../platform/random.ts'
import type { RegionTable } from '../platform/regions.ts'
import type { HttpExchange } from '../platform/telemetry.ts'
import type { Database } from '../stores/database.ts'
import type { AccessIssuer } from './access-issuer.ts'
import type { AccountParts } from './accounts/opened-accounts.ts'
import type { ApiKeys } from './api-keys.ts'
import type { AuditLog } from './audit-log.ts'
import type { Authorities } from './authorities.ts'
import type { AvailabilityElsewhere } from './availability-elsewhere.ts'
import type { EventCatalogue } from './event-catalogue.ts'
import type { FollowTable } from './follow-table.ts'
import type { HoldTokens } from './hold-tokens.ts'
import type { Members } from './members.ts'
import type { RegionMoves } from './regions/region-moves.ts'
import type { TicketCodes } from './ticket-codes.ts'

export type Services = {
  readonly db: Database
  readonly holdBook: HoldBook
  /** Who sells for which home region, as far as this server knows. */
  readonly authorities: Authorities
  /** How the regions stand, and planned moves. */
  readonly regionMoves: RegionMoves
  /** The holds' stream and the copies of other regions' books; null without Redis. */
  readonly replication: { readonly source: HoldReplication; readonly copies: HoldCopies } | null
  /** How this region follows others; null for a server that is alone, or without Redis. */
  readonly following: Following | null
  readonly payments: PaymentGateway
  readonly mail: Mailer
  readonly events: EventCatalogue
  readonly holdTokens: HoldTokens
  readonly members: Members
  readonly apiKeys: ApiKeys
  readonly audit: AuditLog
  readonly ticketCodes: TicketCodes
  /** null where access tokens come from elsewhere: then there are no accounts here. */
  readonly accessIssuer: AccessIssuer | null
  /** null where accounts are kept elsewhere, or nowhere. */
  readonly accounts: AccountParts | null
  readonly rateLimits: RateLimits
  readonly attempts: Attempts
  readonly clock: Clock
  readonly random: Random
  readonly ids: IdMaker
  readonly regions: RegionTable
  /** The region in which this server runs. */
  readonly region: string
  /** As package.json has it. */
  readonly version: string
  /** True once the server takes no new work. */
  readonly draining: () => boolean
  readonly metrics: SaleMetrics
  readonly log: Log
  /** Wakes the worker that finishes orders; a hint, never a duty. */
  readonly nudge: () => void
}

export type Following = {
  readonly caller: RegionCaller
  /** Home regions, in whatever region they are sold now. */
  readonly homes: readonly string[]
  readonly table: FollowTable
  /** Seat maps of events that another region sells. */
  readonly elsewhere: AvailabilityElsewhere
}

export type SaleMetrics = {
  readonly sold: (tickets: number) => void
  readonly held: (units: number) => void
  /** One call of a procedure; outcome is `ok`, a refusal's code, or `error`. */
  readonly call: (facts: {
    readonly method: string
    readonly outcome: string
    readonly seconds: number
  }) => void
  readonly request: (facts: HttpExchange) => void
  /** Whatever else is counted, of a closed list with closed labels. */
  readonly count: Count
  /** One duty of the outbox, done or to be tried again. */
  readonly duty: (kind: string, outcome: 'done' | 'again') => void
  /** How long the oldest duty that is due has been so, in seconds; 0 when none is. */
  readonly oldestDue: (seconds: number) => void
}

export type Log = {
  readonly info: (facts: Record<string, unknown>, message: string) => void
  readonly warn: (facts: Record<string, unknown>, message: string) => void
  readonly error: (facts: Record<string, unknown>, message: string) => void
}
