/** Reads a plan of PostgreSQL and says where a statement would touch more than its own rows. */

type PlanNode = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/**
 * The columns that a condition on an index must bind, each to given values. Indexes beside the
 * primary key may leave the region to CockroachDB, which puts it in front of each.
 */
const keys: Readonly<Record<string, readonly string[]>> = {
  event_sales_pkey: ['region', 'event_id'],
  claims_pkey: ['region', 'event_id', 'unit'],
  orders_pkey: ['region', 'id'],
  orders_by_buyer: ['buyer'],
  holds_pkey: ['region', 'id'],
  holds_by_buyer: ['buyer', 'event_id'],
  payments_pkey: ['region', 'order_id'],
  tickets_pkey: ['region', 'order_id'],
  outbox_pkey: ['region', 'id'],
}

/** Walked from its beginning by what lists duties, and by nothing else. */
const queue = 'outbox_due'

/** One row a region, written at a takeover only: reading all of it meets no sale. */
const tiny = new Set(['authority'])

/**
 * @param plan what `explain (format json)` answers
 * @param options.listsDuties the statement may walk the queue
 */
export function planFaults(
  plan: { readonly Plan: PlanNode },
  options: { readonly listsDuties?: boolean } = {},
): string[] {
  return nodesUnder(plan.Plan).flatMap((node) => {
    const { 'Node Type': kind, 'Relation Name': table = '' } = node
    if (tiny.has(table)) return []
    if (kind === 'Seq Scan') return [`scans ${table}`]
    const index = node['Index Name']
    if (index === undefined || [...tiny].some((name) => index === `${name}_pkey`)) return []
    if (index === queue && options.listsDuties) return []
    const condition = node['Index Cond'] ?? 'nothing'
    const isBound = keys[index]?.every((column) =>
      new RegExp(`(?<![\\w.])${column} = `).test(condition),
    )
    return isBound ? [] : [`meets ${index} by ${condition}`]
  })
}

function nodesUnder(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesUnder)]
}
