/**
 * The accounts library's door to our rows: its model names and camelCase fields on one side, our
 * tables and columns on the other. No transactions: what the library does in several steps is
 * ordered by it so that a crash between them leaves nothing usable behind.
 */
import { type CleanedWhere, createAdapterFactory } from 'better-auth/adapters'
import type {
  AccountCondition,
  AccountRow,
  AccountRows,
  AccountTable,
  AccountValue,
} from '../../domain/account-rows.ts'
import { assert, present } from '../../platform/assert.ts'

export const tableOfModel: Readonly<Record<string, AccountTable>> = {
  user: 'users',
  session: 'sessions',
  account: 'credentials',
  verification: 'verifications',
  twoFactor: 'two_factors',
}

type Fields = Readonly<Record<string, unknown>>
type Target = { readonly model: string }
type Selecting = Target & { readonly where?: CleanedWhere[] | undefined }

export function accountAdapter(rows: AccountRows) {
  return createAdapterFactory({
    config: {
      adapterId: 'frontrow',
      adapterName: 'frontrow',
      supportsNumericIds: false,
      supportsJSON: false,
      supportsDates: true,
      supportsBooleans: true,
      transaction: false,
    },
    adapter: () => methodsOf(rows),
  })
}

function methodsOf(rows: AccountRows) {
  const updated = async (wish: Selecting & { update: unknown }, add: Record<string, number> = {}) =>
    await rows.update(tableOf(wish), {
      where: conditions(wish.where),
      set: toRow(wish.update as Fields),
      add: toRow(add) as Record<string, number>,
    })
  const removed = (wish: Selecting) => rows.remove(tableOf(wish), conditions(wish.where))
  return {
    create: async <T>({ data, ...target }: Target & { data: T }) =>
      toRecord<T>(await rows.insert(tableOf(target), toRow(data as Fields))),
    findOne: async <T>({ where, ...target }: Selecting) => {
      const found = await rows.find(tableOf(target), { where: conditions(where), limit: 1 })
      return firstOf<T>(found)
    },
    findMany: async <T>(wish: Selecting & Page) => {
      const { where, limit, offset, sortBy } = wish
      const found = await rows.find(tableOf(wish), {
        where: conditions(where),
        limit,
        ...(offset === undefined ? {} : { offset }),
        ...(sortBy === undefined
          ? {}
          : { sortBy: { column: columnOf(sortBy.field), direction: sortBy.direction } }),
      })
      return found.map((row) => toRecord<T>(row))
    },
    update: async <T>(wish: Selecting & { update: T }) => firstOf<T>(await updated(wish)),
    updateMany: async (wish: Selecting & { update: Fields }) => (await updated(wish)).length,
    delete: async (wish: Selecting) => {
      await removed(wish)
    },
    deleteMany: async (wish: Selecting) => (await removed(wish)).length,
    consumeOne: async <T>(wish: Selecting) => firstOf<T>(await removed(wish)),
    incrementOne: async <T>(
      wish: Selecting & { increment: Record<string, number>; set?: Fields | undefined },
    ) => firstOf<T>(await updated({ ...wish, update: wish.set ?? {} }, wish.increment)),
    count: async ({ where, ...target }: Selecting) =>
      (await rows.find(tableOf(target), { where: conditions(where), limit: countedMax })).length,
  }
}

type Page = {
  readonly limit: number
  readonly offset?: number | undefined
  readonly sortBy?: { readonly field: string; readonly direction: 'asc' | 'desc' } | undefined
}

/** Nothing of what is switched on counts rows; if it ever does, it counts no further. */
const countedMax = 1_000

function tableOf({ model }: Target): AccountTable {
  return present(tableOfModel[model], `table of ${model}`)
}

const operators = {
  eq: '=',
  ne: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  in: 'in',
} as const satisfies Record<string, AccountCondition['operator']>

function conditions(where: readonly CleanedWhere[] = []): AccountCondition[] {
  return where.map(({ field, operator, value, connector, mode }) => {
    assert(connector === 'AND' && mode === 'sensitive', 'conditions of accounts are plain')
    const known = operators[operator as keyof typeof operators]
    return { column: columnOf(field), operator: present(known, `operator ${operator}`), value }
  })
}

/** `emailVerified` is `email_verified`. */
export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function toRow(record: Fields): AccountRow {
  return Object.fromEntries(
    Object.entries(record).map(([field, value]) => [columnOf(field), value as AccountValue]),
  )
}

function toRecord<T>(row: AccountRow): T {
  const fields = Object.entries(row).map(([column, value]) => [
    column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ])
  return Object.fromEntries(fields) as T
}

function firstOf<T>([row]: readonly AccountRow[]): T | null {
  return row === undefined ? null : toRecord<T>(row)
}
