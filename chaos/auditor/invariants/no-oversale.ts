/** I2: never more sold and reserved than there is, at any point of the order of versions. */
import { integer, text } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const noOversale: Invariant = {
  id: 'I2',
  title: 'Never more units sold and reserved than an event has',
  check: (facts, judge) => {
    if (facts.hasVersions) {
      checkPrefixes(facts, judge)
      checkPaidPrefixes(facts, judge)
    } else judge.notes(notes.noVersions)
    checkClaims(facts, judge)
    checkSections(facts, judge)
  },
}

function weight(row: Readonly<Record<string, unknown>> | null): number {
  const state = row?.['state']
  return state === 'sold' || state === 'reserved' ? 1 : 0
}

function checkPrefixes({ chains, events }: Facts, judge: Judge): void {
  const taken = new Map<string, number>()
  for (const { table, before, after, seq } of chains.all) {
    if (table !== 'claims' || after === null) continue
    const event = text(after, 'event_id')
    const unit = integer(after, 'unit')
    const units = events.get(event)?.units ?? Number.POSITIVE_INFINITY
    const now = (taken.get(event) ?? 0) + weight(after) - weight(before)
    taken.set(event, now)
    judge.holds(unit < units, () => [
      `${event} has ${units} units, and its unit ${unit} was written`,
      { event, units: [unit] },
    ])
    judge.holds(now <= units, () => [
      `${now} units of ${event} are sold or reserved, which has ${units}`,
      { event, versions: [seq] },
    ])
  }
}

/** By the orders, too: a unit that is sold to two of them is one claim, and two places. */
function checkPaidPrefixes({ chains, events }: Facts, judge: Judge): void {
  const paid = new Map<string, number>()
  for (const { table, before, after, seq } of chains.all) {
    if (table !== 'orders' || after === null) continue
    const step = Number(after['state'] === 'paid') - Number(before?.['state'] === 'paid')
    if (step === 0) continue
    const event = text(after, 'event_id')
    const units = events.get(event)?.units ?? Number.POSITIVE_INFINITY
    const now = (paid.get(event) ?? 0) + step * integer(after, 'units')
    paid.set(event, now)
    judge.holds(now <= units, () => [
      `${now} units of ${event} are of paid orders, and it has ${units}`,
      { event, orders: [text(after, 'id')], versions: [seq] },
    ])
  }
}

/** One claim for each unit and for nothing else. */
function checkClaims({ evidence, events }: Facts, judge: Judge): void {
  const counts = new Map<string, number>()
  for (const row of evidence.rows.claims) {
    const event = text(row, 'event_id')
    counts.set(event, (counts.get(event) ?? 0) + 1)
  }
  for (const { id, units } of events.values()) {
    judge.holds(counts.get(id) === units, () => [
      `${id} has ${units} units and ${counts.get(id) ?? 0} claims`,
      { event: id },
    ])
  }
}

/** Valid tickets of each stretch of one price, an area of which may be standing. */
function checkSections({ evidence, events }: Facts, judge: Judge): void {
  const valid = new Map<string, number[]>()
  for (const row of evidence.rows.tickets) {
    if (row['state'] !== 'valid') continue
    const event = text(row, 'event_id')
    const units = valid.get(event)
    if (units === undefined) valid.set(event, [integer(row, 'unit')])
    else units.push(integer(row, 'unit'))
  }
  for (const { id, prices, units } of events.values()) {
    const issued = valid.get(id) ?? []
    const beyond = issued.filter((unit) => unit < 0 || unit >= units)
    judge.holds(beyond.length === 0, () => [
      `${id} has ${units} units, and tickets for ${beyond.slice(0, 10).join()}`,
      { event: id, units: beyond.slice(0, 10) },
    ])
    for (const section of prices) {
      const end = section.firstUnit + section.units
      const here = issued.filter((unit) => unit >= section.firstUnit && unit < end).length
      judge.holds(here <= section.units, () => [
        `${here} valid tickets for the ${section.units} units from ${section.firstUnit} of ${id} on`,
        { event: id },
      ])
    }
  }
}
