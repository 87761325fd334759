/**
 * What a drill stands on: a running system of several regions, and ways to look at it from outside.
 * A target (`local`, `compose`) makes one.
 */

import type { Snapshot, Sql } from '../../bench/failover/open-system.ts'
import type { Identity } from '../../bench/onsale/identities.ts'
import type { Client } from '../../client/index.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import type { FaultMaker } from '../faults/fault-maker.ts'

export type { Snapshot, Sql }

export type Ground = AsyncDisposable & {
  readonly target: 'local' | 'compose'
  readonly regions: readonly string[]
  readonly organisation: string
  /** Several for each home region are allowed. */
  readonly events: readonly EventFacts[]
  /** Every change of the rows is recorded, from before the first event. */
  readonly hasVersions: boolean
  /** Another event on sale, made like the first ones. */
  readonly publishEvent: (home: string) => Promise<EventFacts>
  /** Past all links and faults. */
  readonly sql: Sql
  /** The same, of one moment: rows that are read one after the other agree. */
  readonly snapshot: Snapshot
  /** The provider, whose control API is below it: `/_simulator/…`. */
  readonly stripeUrl: string
  readonly token: (identity: Identity) => Promise<string>
  /** Where a fan of this place calls, the own region first. */
  readonly endpointsAt: (place: string) => readonly string[]
  /** Calls as a platform admin; `at` says where, any living region unless told. */
  readonly admin: (at?: string) => Promise<Client>
  readonly faults: FaultMaker
  /** Prometheus's text of a region's server; null: it does not answer. */
  readonly metrics: (region: string) => Promise<string | null>
  readonly versions: () => Promise<Readonly<Record<string, string>>>
  /** Where the logs are, for the report. */
  readonly logs: Readonly<Record<string, string>>
}
