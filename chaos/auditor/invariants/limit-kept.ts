/** I18: nobody has more of an event than its limit, in orders or in holds. */
import type { VersionRecord } from '../../evidence/evidence.ts'
import { integer, text, timeOrNull } from '../facts/columns.ts'
import { type Facts, homeOf } from '../facts/facts.ts'
import { clocksMs, type HoldStory } from '../facts/holds.ts'
import { stateOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const limitKept: Invariant = {
  id: 'I18',
  title: 'Orders and living holds of one buyer never exceed the limit of the event',
  check: (facts, judge) => {
    checkAtEnd(facts, judge)
    if (!facts.hasVersions) return judge.notes(notes.noVersions)
    const lives = checkOrders(facts, judge)
    checkHolds(facts, judge, lives)
  },
}

function limitOf({ events }: Facts, event: string): number {
  return events.get(event)?.limitPerBuyer ?? Number.POSITIVE_INFINITY
}

function checkAtEnd(facts: Facts, judge: Judge): void {
  const paid = new Map<string, number>()
  for (const { id, buyer, event, state, lines } of facts.orders.values()) {
    if (state !== 'paid') continue
    const units = (paid.get(`${buyer} ${event}`) ?? 0) + lines.length
    paid.set(`${buyer} ${event}`, units)
    judge.holds(units <= limitOf(facts, event), () => [
      `${buyer} bought ${units} units of ${event}, of which one may have ${limitOf(facts, event)}`,
      { actor: buyer, event, orders: [id] },
    ])
  }
}

/** One order as it was from version to version. */
type Life = {
  readonly id: string
  readonly units: number
  readonly madeAt: number
  state: string
  expiresAt: number
  endedAt: number
  paidAt: number
}

/** Lives of orders by buyer and event, after each change of them was held against the limit. */
type Lives = ReadonlyMap<string, Map<string, Life>>

function checkOrders(facts: Facts, judge: Judge): Lives {
  const lives = new Map<string, Map<string, Life>>()
  for (const record of facts.chains.all) {
    if (record.table !== 'orders' || record.after === null) continue
    const [buyer, event] = [text(record.after, 'buyer'), text(record.after, 'event_id')]
    const own = lives.get(`${buyer} ${event}`) ?? new Map<string, Life>()
    lives.set(`${buyer} ${event}`, own)
    const changed = follow(own, record)
    if (!changed || stateOf(record.after) === 'void') continue
    const units = livingUnits(own, record.at)
    const limit = limitOf(facts, event)
    judge.holds(units <= limit, () => [
      `${buyer} had ${units} units of ${event} paid or reserved, of which one may have ${limit}`,
      { actor: buyer, event, orders: [...own.keys()], versions: [record.seq] },
    ])
  }
  return lives
}

/** @returns whether its state changed */
function follow(own: Map<string, Life>, { after, at }: VersionRecord): boolean {
  if (after === null) return false
  const id = text(after, 'id')
  const state = stateOf(after)
  const never = Number.POSITIVE_INFINITY
  const known = own.get(id)
  const life = known ?? {
    id,
    units: integer(after, 'units'),
    madeAt: at,
    state: '',
    expiresAt: 0,
    endedAt: never,
    paidAt: never,
  }
  if (known === undefined) own.set(id, life)
  const isChanged = life.state !== state
  life.state = state
  life.expiresAt = timeOrNull(after, 'expires_at') ?? 0
  if (state === 'void') life.endedAt = Math.min(life.endedAt, at)
  if (state === 'paid') life.paidAt = Math.min(life.paidAt, at)
  return isChanged
}

function livingUnits(own: ReadonlyMap<string, Life>, at: number): number {
  let units = 0
  for (const life of own.values()) {
    const isLiving = life.state === 'paid' || (life.state === 'pending' && life.expiresAt > at)
    if (isLiving) units += life.units
  }
  return units
}

function checkHolds(facts: Facts, judge: Judge, lives: Lives): void {
  const byBuyer = new Map<string, HoldStory[]>()
  for (const story of facts.holds.values()) {
    const key = `${story.actor} ${story.event}`
    const own = byBuyer.get(key)
    if (own === undefined) byBuyer.set(key, [story])
    else own.push(story)
  }
  for (const [key, own] of byBuyer) {
    for (const story of own) checkHold(facts, judge, { story, own, orders: lives.get(key) })
  }
}

type Asked = {
  readonly story: HoldStory
  readonly own: readonly HoldStory[]
  readonly orders: ReadonlyMap<string, Life> | undefined
}

/** What the buyer surely had all the while that this hold was asked for. */
function checkHold(facts: Facts, judge: Judge, { story, own, orders }: Asked): void {
  const given = story.grants[0]
  if (given === undefined) return
  const span = { from: given.askedAt, to: given.from }
  let units = given.units.length
  let since = given.askedAt
  for (const other of own) {
    if (other === story || orders?.has(other.hold) === true) continue
    const living = other.grants.find(({ from, until }) => {
      return from <= span.from && Math.min(until, other.endsAt) >= span.to
    })
    if (living === undefined) continue
    units += living.units.length
    since = Math.min(since, living.askedAt)
  }
  for (const life of orders?.values() ?? []) {
    if (life.id !== story.hold && isOrderedThen(life, span)) units += life.units
  }
  const limit = limitOf(facts, story.event)
  judge.checks()
  if (units <= limit) return
  if (facts.disturbances.between(homeOf(facts, story.event), since, span.to)) {
    judge.counts('limitsLostWithHolds')
    return
  }
  judge.breaks(
    `${story.actor} surely had ${units} units of ${story.event} with hold ${story.hold}, of which one may have ${limit}`,
    { actor: story.actor, event: story.event, orders: [story.hold] },
  )
}

/** By two clocks: only what is so by both. */
function isOrderedThen(life: Life, span: { readonly from: number; readonly to: number }): boolean {
  const [from, to] = [span.from - clocksMs, span.to + clocksMs]
  if (life.madeAt > from || life.endedAt < to) return false
  return life.paidAt <= from || life.expiresAt > to
}
