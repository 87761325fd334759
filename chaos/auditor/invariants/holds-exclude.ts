/** I9 and I10: what a hold promises, as far as fans can be sure of it. */
import { type Call, endOf } from '../facts/calls.ts'
import { type Facts, homeOf } from '../facts/facts.ts'
import type { Grant, HoldStory } from '../facts/holds.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

/** Clocks of machines and their scales differ by less over the life of a hold. */
const slackMs = 50

export const holdsExclude: Invariant = {
  id: 'I9',
  title: 'Two holds of one unit never live at once within an epoch',
  check: (facts, judge) => {
    if (!facts.hasVersions) judge.notes(blind)
    judge.counts('lostHolds', 0)
    for (const [event, units] of livesByUnit(facts)) {
      units.forEach((lives, unit) => {
        if (lives !== undefined) checkUnit(facts, judge, { event, unit, lives })
      })
    }
  },
}

const blind =
  'Without versions it is not known when authority moved: after any fault an overlap is counted as a lost hold.'

type Life = {
  readonly story: HoldStory
  readonly grant: Grant
  readonly from: number
  readonly until: number
}

/** By event, then at the place of the unit. */
function livesByUnit({ holds }: Facts): Map<string, (Life[] | undefined)[]> {
  const found = new Map<string, (Life[] | undefined)[]>()
  for (const story of holds.values()) {
    const units = found.get(story.event) ?? []
    if (units.length === 0) found.set(story.event, units)
    for (const grant of story.grants) {
      const until = Math.min(grant.until - slackMs, story.endsAt)
      const life = { story, grant, from: grant.from, until }
      for (const unit of grant.units) {
        const lives = units[unit]
        if (lives === undefined) units[unit] = [life]
        else lives.push(life)
      }
    }
  }
  return found
}

type OfUnit = { readonly event: string; readonly unit: number; readonly lives: Life[] }

/** In the order of their beginnings; the life that lasts longest so far is what others may meet. */
function checkUnit(facts: Facts, judge: Judge, { event, unit, lives }: OfUnit): void {
  lives.sort((one, other) => one.from - other.from)
  let longest: Life | null = null
  /** The one that lasts longest of all other holds than that. */
  let second: Life | null = null
  for (const life of lives) {
    judge.checks()
    if (life.until <= life.from) continue
    const other: Life | null = longest?.story === life.story ? second : longest
    if (other !== null && life.from < other.until) {
      meet(facts, judge, { event, unit, lives: [other, life] })
    }
    if (longest === null || life.until > longest.until) {
      if (longest !== null && longest.story !== life.story) second = longest
      longest = life
    } else if (life.story !== longest.story && (second === null || life.until > second.until)) {
      second = life
    }
  }
}

function meet(facts: Facts, judge: Judge, { event, unit, lives: [one, two] }: OfUnit): void {
  if (one === undefined || two === undefined) return
  const from = Math.min(one.grant.askedAt, two.grant.askedAt)
  if (facts.disturbances.between(homeOf(facts, event), from, two.from)) {
    judge.counts('lostHolds')
    return
  }
  const [first, next] = [one.story, two.story]
  judge.breaks(
    `unit ${unit} of ${event} was surely held by ${first.actor} (${first.hold}) when ${next.actor} was given it (${next.hold})`,
    {
      orders: [first.hold, next.hold],
      event,
      units: [unit],
      home: homeOf(facts, event),
    },
  )
}

export const ownHoldSells: Invariant = {
  id: 'I10',
  title: 'Whoever has a living hold is never told at its checkout that its seats are taken',
  check: (facts, judge) => {
    if (!facts.hasVersions) judge.notes(notes.noVersions)
    for (const story of facts.holds.values()) {
      for (const start of story.starts) checkStart(facts, judge, { story, start })
    }
  },
}

const taken: ReadonlySet<string> = new Set(['SEATS_TAKEN', 'SOLD_OUT'])

type Start = { readonly story: HoldStory; readonly start: Call<'checkout.start'> }

function checkStart(facts: Facts, judge: Judge, { story, start }: Start): void {
  const end = endOf(start)
  if (!Number.isFinite(end)) return
  // The refusal of an earlier start gives the units back; the one that is judged here is no excuse.
  const endsAt = story.endsAt === start.invoke.at ? Number.POSITIVE_INFINITY : story.endsAt
  const living = story.grants.find(({ from, until }) => {
    return from <= start.invoke.at && end < Math.min(until - slackMs, endsAt)
  })
  if (living === undefined) return
  judge.checks()
  if (start.fail === null || !taken.has(start.fail.code)) return
  if (facts.disturbances.between(homeOf(facts, story.event), living.askedAt, end)) {
    judge.counts('lostHolds')
    return
  }
  judge.breaks(
    `${story.actor} was told ${start.fail.code} at the checkout of ${story.hold}, which was surely held`,
    {
      orders: [story.hold],
      event: story.event,
      units: living.units,
      home: homeOf(facts, story.event),
    },
  )
}
