/**
 * No statement of the hold book looks at more rows than it names, whatever the statistics: the
 * generic plans on an empty database, and on one with 100,000 claims and holds of which nothing is
 * known yet, are index scans whose conditions bind every key column.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  holdBuyersStatement,
  orderBuyersStatement,
} from '../../server/stores/inventory-snapshot.ts'
import {
  extendHoldStatement,
  releaseHoldStatement,
} from '../../server/stores/sql-hold-book/change-hold.ts'
import { placeClaimsStatement } from '../../server/stores/sql-hold-book/place-claims.ts'
import {
  findHoldStatement,
  holdFactsStatement,
  unitStatesStatement,
} from '../../server/stores/sql-hold-book/read-holds.ts'
import {
  adoptHoldStatement,
  reserveClaimsStatement,
} from '../../server/stores/sql-hold-book/reserve-claims.ts'
import {
  convertHoldStatement,
  freeHoldStatement,
} from '../../server/stores/sql-hold-book/settle-hold.ts'
import type { Statement } from '../../server/stores/statement.ts'
import { type Backing, openBacking } from './backing.ts'
import { seatMapOf } from './seat-maps.ts'

const statements: readonly Statement[] = [
  placeClaimsStatement,
  findHoldStatement,
  holdFactsStatement,
  unitStatesStatement,
  extendHoldStatement,
  releaseHoldStatement,
  reserveClaimsStatement,
  adoptHoldStatement,
  convertHoldStatement,
  freeHoldStatement,
  orderBuyersStatement,
  holdBuyersStatement,
]

/** What each index must be asked for. */
const conditions = [
  { index: /authority_pkey/, columns: ['region'] },
  { index: /claims_pkey/, columns: ['region', 'event_id', 'unit'] },
  { index: /holds_pkey/, columns: ['region', 'id'] },
  { index: /orders_pkey/, columns: ['region', 'id'] },
  { index: /(holds|orders)_by_buyer/, columns: ['buyer', 'event_id'] },
]

type Scan = { readonly node: string; readonly condition: string }

async function scansOf(backing: Backing, statement: Statement): Promise<Scan[]> {
  const { rows } = await backing.fixtures.query<{ 'QUERY PLAN': string }>(
    `explain (generic_plan, costs off) ${statement.text}`,
  )
  const lines = rows.map((row) => row['QUERY PLAN'].trim())
  return lines.flatMap((line, index) =>
    /(Seq|Index|Index Only|Bitmap Index) Scan/.test(line)
      ? [{ node: line, condition: lines[index + 1] ?? '' }]
      : [],
  )
}

function faultsOf(scans: readonly Scan[]): string[] {
  return scans.flatMap(({ node, condition }) => {
    const rule = conditions.find(({ index }) => index.test(node))
    if (rule === undefined) return [`not by a known index: ${node}`]
    if (!condition.startsWith('Index Cond:')) return [`no condition: ${node}`]
    const missing = rule.columns.filter((column) => !condition.includes(`(${column} = `))
    return missing.map((column) => `${column} is not bound: ${node}, ${condition}`)
  })
}

describe('the plans of the SQL hold book', () => {
  let backing: Backing
  beforeAll(async () => {
    backing = await openBacking()
  })
  afterAll(() => backing?.[Symbol.asyncDispose]())

  it.each(statements)('$name on an empty database', async (statement) => {
    const scans = await scansOf(backing, statement)
    expect(scans.length).toBeGreaterThan(0)
    expect(faultsOf(scans)).toEqual([])
  })

  it('are the same once there are 100,000 units and holds', async () => {
    const scope = await backing.newEvent(seatMapOf([{ kind: 'standing', units: 100_000 }]))
    await backing.fill(scope)
    for (const statement of statements) {
      const faults = faultsOf(await scansOf(backing, statement))
      expect([statement.name, faults]).toEqual([statement.name, []])
    }
  })
})
