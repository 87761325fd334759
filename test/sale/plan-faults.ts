/** Reads a plan of PostgreSQL and says where a statement would touch more than its own rows. */

type PlanNode = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/**
 * The columns of which an index condition must bind all of one list, by table. Indexes beside the
 * primary key leave the region to CockroachDB, which puts it in front of each.
 */
const keys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  event_sales: [['region', 'event_id']],
  claims: [['region', 'event_id', 'unit']],
  orders: [['region', 'id'], ['buyer']],
  holds: [
    ['region', 'id'],
    ['buyer', 'event_id'],
  ],
  payments: [['region', 'order_id']],
  tickets: [['region', 'order_id']],
  outbox: [
    ['region', 'id'],
    ['region', 'due_at'],
  ],
}

/** One row a region, written at a takeover only: reading all of it meets no sale. */
const tiny = new Set(['authority'])

/** @param plan what `explain (format json)` answers */
export function planFaults(plan: { readonly Plan: PlanNode }): string[] {
  return faultsUnder(plan.Plan)
}

function faultsUnder(node: PlanNode): string[] {
  const own = scanFault(node)
  return [...(own === null ? [] : [own]), ...(node.Plans ?? []).flatMap(faultsUnder)]
}

function scanFault(node: PlanNode): string | null {
  const table = node['Relation Name']
  const kind = node['Node Type']
  if (table === undefined || kind === 'ModifyTable' || tiny.has(table)) return null
  if (kind === 'Seq Scan') return `scans ${table}`
  const bound = conditionsOf(node)
  const fits = keys[table]?.some((columns) =>
    columns.every((column) => new RegExp(`\\b${column}\\b`).test(bound)),
  )
  return fits ? null : `meets ${table} by ${bound || kind}`
}

/** A bitmap scan has its conditions one level deeper. */
function conditionsOf(node: PlanNode): string {
  const inner = node['Node Type'].startsWith('Bitmap') ? (node.Plans ?? []).map(conditionsOf) : []
  return [node['Index Cond'] ?? '', ...inner].filter((text) => text !== '').join(' ')
}
