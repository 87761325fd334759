/**
 * The rows of accounts as the accounts library sees them: five tables of one home region, met by
 * plain conditions. The port between the library (a gateway) and our tables (a store).
 */

export type AccountTable = 'users' | 'sessions' | 'credentials' | 'verifications' | 'two_factors'

export type AccountValue = string | number | boolean | Date | null

/** Columns by their names in the database; the region is not among them. */
export type AccountRow = Readonly<Record<string, AccountValue>>

export type AccountCondition = {
  readonly column: string
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in'
  readonly value: AccountValue | readonly AccountValue[]
}

export type AccountFind = {
  readonly where: readonly AccountCondition[]
  readonly limit: number
  readonly offset?: number
  readonly sortBy?: { readonly column: string; readonly direction: 'asc' | 'desc' }
}

export type AccountChange = {
  readonly where: readonly AccountCondition[]
  readonly set: AccountRow
  /** Added to what stands there; null counts as zero. */
  readonly add?: Readonly<Record<string, number>>
}

/** Bound to one region: no statement reaches rows of another. */
export type AccountRows = {
  readonly insert: (table: AccountTable, row: AccountRow) => Promise<AccountRow>
  readonly find: (table: AccountTable, wish: AccountFind) => Promise<AccountRow[]>
  /** @returns the rows as they are now */
  readonly update: (table: AccountTable, change: AccountChange) => Promise<AccountRow[]>
  /** @returns the rows as they were */
  readonly remove: (
    table: AccountTable,
    where: readonly AccountCondition[],
  ) => Promise<AccountRow[]>
}
