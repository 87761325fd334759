/**
 * All that is known after a run, as files of one folder, so that a run can be judged again later
 * and elsewhere: what fans were told, what the database has and how it came to it, what the payment
 * provider has, and which faults were set when. Amounts are minor units; times are milliseconds
 * since the Unix epoch, with fractions.
 */

/** The files of the folder. Those in JSON lines hold one record a line. */
export const evidenceFiles = {
  run: 'run.json',
  history: 'history.jsonl',
  faults: 'faults.jsonl',
  versions: 'versions.jsonl',
  ledger: 'ledger.json',
  availability: 'availability.jsonl',
  rows: (table: DumpedTable) => `rows/${table}.jsonl`,
} as const

/** Those whose every change is recorded. */
export const recordedTables = [
  'claims',
  'orders',
  'payments',
  'tickets',
  'outbox',
  'authority',
] as const

export const dumpedTables = ['events', 'event_sales', ...recordedTables] as const
export type DumpedTable = (typeof dumpedTables)[number]

/** Every column as JSON has it: timestamps as milliseconds, int8 as numbers. */
export type Row = Readonly<Record<string, unknown>>

export type RunFacts = {
  readonly scenario: string
  readonly seed: number
  readonly options: Readonly<Record<string, unknown>>
  readonly target: string
  readonly database: string
  /** The program's, the database's, Redis', Node's, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly machine: string
  readonly regions: readonly string[]
  /** By the home region; what each event is. */
  readonly events: readonly EventFacts[]
  readonly startedAt: number
  /** All faults were healed for the last time. */
  readonly healedAt: number
  /** All duties were done; null: they were not within the time given. */
  readonly quietAt: number | null
  /** Null where the database kept no record of versions. */
  readonly hasVersions: boolean
}

export type EventFacts = {
  readonly id: string
  readonly home: string
  readonly units: number
  readonly limitPerBuyer: number
  readonly currency: string
  /** What one unit may cost with fees, by section: the lowest of them first. */
  readonly prices: readonly {
    readonly firstUnit: number
    readonly units: number
    readonly amounts: readonly number[]
  }[]
}

/**
 * A change of one row, in the order in which the database made them (of one row exactly; between
 * rows by the moment of writing). Read in the same transaction: who wrote it, and who had the
 * authority over the row's region then.
 */
export type VersionRecord = {
  readonly seq: number
  readonly at: number
  readonly transaction: string
  readonly table: (typeof recordedTables)[number]
  /** The region of the server that wrote it; `drill` for the drill's own hand; '' is nobody's. */
  readonly writer: string
  /** Of the authority's row as this transaction saw it. */
  readonly epoch: number
  readonly holder: string
  /** Null: the row was made, or was taken away. */
  readonly before: Row | null
  readonly after: Row | null
}

/** One PaymentIntent of the provider. */
export type LedgerLine = {
  readonly intent: string
  readonly order: string | null
  readonly status: string
  readonly currency: string
  readonly amount: number
  readonly authorized: number
  readonly captured: number
  readonly voided: number
  readonly refunded: number
}

/** What a region showed of an event when all was quiet: a letter a unit over all sections. */
export type ShownAvailability = {
  /** When it was answered. */
  readonly at: number
  /**
   * Of when it is, as the region says: of its oldest section. Not in evidence of older drills, which
   * had this moment in the place of `at`.
   */
  readonly asOf?: number
  readonly region: string
  readonly event: string
  readonly sections: readonly {
    readonly firstUnit: number
    readonly units: number
    readonly free: number
    readonly states: string | null
  }[]
}

/** A fault was set or healed, or the drill said something worth drawing. */
export type FaultRecord = {
  readonly at: number
  readonly what: 'inject' | 'heal' | 'progress' | 'note'
  /** Joins a heal with its inject. */
  readonly id: number
  readonly kind: string
  readonly where: string
  /** For people. */
  readonly said: string
  /** How often it was met, when it was healed. */
  readonly felt?: number
  /** Of `progress`: seconds until the first sale after healing, by home region. */
  readonly firstSaleSeconds?: Readonly<Record<string, number | null>>
  /** Of `progress`: the moment from which those seconds count. */
  readonly since?: number
  /** Of `progress`: in how many seconds sales were demanded. */
  readonly withinSeconds?: number
}
