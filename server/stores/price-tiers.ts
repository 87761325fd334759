/** Price tiers of an event, in the order in which the organiser gave them. */
import type { Selectable } from 'kysely'
import type { PriceRule, PriceTier } from '../domain/pricing.ts'
import { assert } from '../platform/assert.ts'
import type { EventId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { PriceTiers } from './schema-types.ts'
import type { Tx } from './transaction.ts'

/** As it lies in the database: JSON knows no instants. */
type StoredRule = {
  readonly price: number
  readonly from: string | null
  readonly until: string | null
  readonly whileTakenBelow: number | null
}

export async function listTiers(reader: Reader, event: EventId): Promise<PriceTier[]> {
  const rows = await reader
    .selectFrom('price_tiers')
    .selectAll()
    .where('event_id', '=', event)
    .orderBy('ordinal')
    .execute()
  return rows.map(tierFromRow)
}

/** Puts these tiers in place of the event's. */
export async function replaceTiers(
  tx: Tx,
  event: EventId,
  tiers: readonly PriceTier[],
): Promise<void> {
  await tx.deleteFrom('price_tiers').where('event_id', '=', event).execute()
  if (tiers.length === 0) return
  const rows = tiers.map(({ id, name, sections, rules }, ordinal) => ({
    event_id: event,
    id,
    name,
    ordinal,
    sections: JSON.stringify(sections),
    rules: JSON.stringify(rules),
  }))
  await tx.insertInto('price_tiers').values(rows).execute()
}

function tierFromRow(row: Selectable<PriceTiers>): PriceTier {
  const rules = (row.rules as unknown as StoredRule[]).map(ruleFromStored)
  assert(rules.length > 0, 'a price tier has rules')
  return { id: row.id, name: row.name, sections: row.sections as unknown as string[], rules }
}

function ruleFromStored({ price, from, until, whileTakenBelow }: StoredRule): PriceRule {
  assert(Number.isSafeInteger(price) && price >= 0, 'a stored price is a whole amount')
  return {
    price,
    from: from === null ? null : new Date(from),
    until: until === null ? null : new Date(until),
    whileTakenBelow,
  }
}
