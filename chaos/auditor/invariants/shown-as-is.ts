/**
 * I21: once all is quiet, every region shows of each unit what the claims say, and shows what is so
 * now. What it showed is held against the claims by the moment that the answer was of.
 */
import type { RunFacts, ShownAvailability } from '../../evidence/evidence.ts'
import { type Call, endOf } from '../facts/calls.ts'
import { integer, text, timeOrNull } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { type HoldStory, mayLiveUntil } from '../facts/holds.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const shownAsIs: Invariant = {
  id: 'I21',
  title:
    'At the end every region shows, as of now, what is sold as taken and what nobody has as free',
  check: (facts, judge) => {
    if (!facts.isQuiet) return judge.notes(notes.notQuiet)
    const claims = claimsByEvent(facts)
    const lost = lostPlaces(facts.calls)
    checkSilence(judge, facts.evidence)
    for (const shown of facts.evidence.availability) checkAge(judge, shown, facts.evidence.run)
    for (const shown of facts.evidence.availability) {
      const states = claims.get(shown.event)
      if (states === undefined) continue
      const excuses = excusesOf(facts, shown, lost.get(shown.event) ?? [])
      for (const section of shown.sections) check(judge, { shown, section, states, excuses })
    }
  },
}

/** A region that answers nothing would otherwise be right about everything. */
function checkSilence(judge: Judge, { run, availability }: Facts['evidence']): void {
  const answered = new Set(availability.map(({ region, event }) => `${region} ${event}`))
  for (const region of run.regions) {
    for (const { id: event } of run.events) {
      judge.holds(answered.has(`${region} ${event}`), () => [
        `${region} does not answer what it shows of ${event}`,
        { home: region },
      ])
    }
  }
}

/**
 * Until an answer counts as old: a region asks its source about each second, and clocks of two
 * machines differ. The drill goes on asking for ten seconds before it takes an old answer.
 */
const oldMs = 5_000

/** Said before any unit that is wrong: whatever was lost, a region that is healed can ask anew. */
function checkAge(judge: Judge, shown: ShownAvailability, { quietAt }: RunFacts): void {
  const { asOf, region, event } = shown
  if (asOf === undefined || quietAt === null) return
  judge.holds(asOf >= quietAt - oldMs, () => [
    `${region} shows ${event} only as it was ${((quietAt - asOf) / 1_000).toFixed(1)} s before all was quiet`,
    { event, units: [], shown },
  ])
}

/** The moment that a picture is of; where nobody noted it, the one that was noted. */
function ofWhen({ at, asOf }: ShownAvailability): number {
  return asOf ?? at
}

/** By event, at the place of the unit: as the letters of the answer have it. */
const letters: Readonly<Record<string, string>> = {
  free: '0',
  held: '1',
  reserved: '1',
  sold: '2',
  blocked: '3',
}

type Claim = { readonly letter: string; readonly until: number }

function claimsByEvent({ evidence }: Facts): Map<string, Claim[]> {
  const found = new Map<string, Claim[]>()
  for (const row of evidence.rows.claims) {
    const event = text(row, 'event_id')
    const claims = found.get(event) ?? []
    if (claims.length === 0) found.set(event, claims)
    const letter = letters[text(row, 'state')] ?? '?'
    claims[integer(row, 'unit')] = { letter, until: timeOrNull(row, 'expires_at') ?? 0 }
  }
  return found
}

/** Why a unit that nobody has may still be shown as held. */
type Excuses = {
  readonly units: ReadonlySet<number>
  /** Of holds whose answers were lost, it is not known which units they are. */
  readonly unnamed: number
}

/** Where the event does not say it: nobody may make holds that live longer. */
const holdMsMax = 60 * 60_000

function holdMsOf({ evidence }: Facts, event: string): number {
  const row = evidence.rows.events.find(({ id }) => id === event)
  return row?.['hold_minutes'] === undefined ? holdMsMax : integer(row, 'hold_minutes') * 60_000
}

function excusesOf(facts: Facts, shown: ShownAvailability, lost: readonly Place[]): Excuses {
  const { event } = shown
  const at = ofWhen(shown)
  const units = new Set<number>()
  for (const story of facts.holds.values()) {
    if (story.event !== event || mayLiveUntil(story) < at) continue
    if (story.releasedAt < at && !mayBeBack(facts, story, at)) continue
    const order = facts.orders.get(story.hold)
    if (order !== undefined && order.state === 'void') continue
    for (const { units: held } of story.grants) for (const unit of held) units.add(unit)
  }
  let unnamed = 0
  const holdMs = holdMsOf(facts, event)
  for (const call of lost) {
    if (endOf(call) + holdMs < at) continue
    const { wish } = call.invoke.args
    if (wish.kind === 'units') for (const unit of wish.units) units.add(unit)
    else unnamed += wish.count
  }
  return { units, unnamed }
}

/**
 * Given back, and there again: copies of a hold book are a moment old, so that whoever takes over may
 * not have heard of the last releases. Such a hold runs out by itself.
 */
function mayBeBack({ disturbances, events }: Facts, story: HoldStory, at: number): boolean {
  const home = events.get(story.event)?.home ?? ''
  return disturbances.isRedisHarmed || disturbances.between(home, story.releasedAt, at)
}

type Place = Call<'hold.place'>

/** By event: whose answers nobody heard. */
function lostPlaces(calls: readonly Call[]): Map<string, Place[]> {
  const lost = new Map<string, Place[]>()
  for (const call of calls) {
    if (call.op !== 'hold.place' || call.ok !== null || call.fail !== null) continue
    const { event } = call.invoke.args
    const some = lost.get(event)
    if (some === undefined) lost.set(event, [call])
    else some.push(call)
  }
  return lost
}

type Shown = {
  readonly shown: ShownAvailability
  readonly section: ShownAvailability['sections'][number]
  readonly states: readonly Claim[]
  readonly excuses: Excuses
}

function check(judge: Judge, { shown, section, states, excuses }: Shown): void {
  const { firstUnit, units, free } = section
  if (section.states === null) {
    checkCount(judge, { shown, section, states, excuses })
    return
  }
  const { event, region } = shown
  const at = ofWhen(shown)
  const unexplained: number[] = []
  let freeLetters = 0
  for (let place = 0; place < units; place += 1) {
    const unit = firstUnit + place
    const letter = section.states[place]
    const claim = states[unit] ?? { letter: '?', until: 0 }
    if (letter === '0') freeLetters += 1
    judge.checks()
    const isWrong = letter === '0' ? !isFree(claim, at) : isTakenWrongly(claim, letter)
    if (!isWrong) continue
    if (letter === '1' && excuses.units.has(unit)) judge.counts('shownAsHeldAndMayBe')
    else if (letter === '1') unexplained.push(unit)
    else complain(judge, { shown, unit, letter, claim })
  }
  if (unexplained.length <= excuses.unnamed) {
    judge.counts('shownAsHeldAndMayBe', unexplained.length)
  } else {
    judge.breaks(
      `${region} shows ${unexplained.length} free units of ${event} as held, of which ${excuses.unnamed} may be; such as ${unexplained.slice(0, 10).join()}`,
      { event, units: unexplained.slice(0, 3), shown },
    )
  }
  judge.holds(freeLetters === free, () => [
    `${region} says that ${free} are free from unit ${firstUnit} of ${event} on, and shows ${freeLetters}`,
    { event, shown, rows: [section] },
  ])
}

/** What has run out is free. */
function isFree({ letter, until }: Claim, at: number): boolean {
  return letter === '0' || (letter === '1' && until < at)
}

/** What is sold may be shown as held for a while: taken it is in any case. */
function isTakenWrongly({ letter }: Claim, shown: string | undefined): boolean {
  if (shown === '1') return letter === '0' || letter === '3'
  return letter !== shown
}

type Wrong = {
  readonly shown: ShownAvailability
  readonly unit: number
  readonly letter: string | undefined
  readonly claim: Claim
}

function complain(judge: Judge, { shown, unit, letter, claim }: Wrong): void {
  const names = ['free', 'held', 'sold', 'blocked']
  const name = (of: string | undefined) => names[Number(of)] ?? 'nothing'
  const { region, event } = shown
  judge.breaks(
    `${region} shows unit ${unit} of ${event} as ${name(letter)}, and it is ${name(claim.letter)}`,
    { event, units: [unit], shown },
  )
}

/** Where no letters were asked for, at least the number must be possible. */
function checkCount(judge: Judge, { shown, section, states, excuses }: Shown): void {
  let surelyFree = 0
  let mayBeFree = 0
  for (let unit = section.firstUnit; unit < section.firstUnit + section.units; unit += 1) {
    const claim = states[unit]
    if (claim === undefined || !isFree(claim, ofWhen(shown))) continue
    mayBeFree += 1
    if (!excuses.units.has(unit)) surelyFree += 1
  }
  const least = surelyFree - excuses.unnamed
  judge.holds(section.free <= mayBeFree && section.free >= least, () => [
    `${shown.region} shows ${section.free} free units from ${section.firstUnit} of ${shown.event} on, and it should be ${least} to ${mayBeFree}`,
    { event: shown.event, shown, rows: [section] },
  ])
}
