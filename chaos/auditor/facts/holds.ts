/**
 * What fans know of their holds. A fan hears of a hold later than it was given, so all that is sure
 * is: from the answer on, until as long after the question as the answer said. What may be true is
 * longer at both ends. Nothing here is ever read as more than sure, so that no alarm is false.
 */
import { type Call, endOf, isRefusedForGood } from './calls.ts'
import type { Chains } from './chains.ts'

/** The database's clock and that of the history differ by less. */
export const clocksMs = 250

/** One answer that says: these units are yours for so long. */
export type Grant = {
  readonly seq: number
  /** When it was asked for; the hold may be as old as that. */
  readonly askedAt: number
  /** Surely held within. */
  readonly from: number
  readonly until: number
  /** Surely over by then, unless something made it longer. */
  readonly overAt: number
  readonly units: readonly number[]
}

export type HoldStory = {
  readonly hold: string
  readonly event: string
  readonly actor: string
  readonly places: Call<'hold.place'>[]
  readonly grants: Grant[]
  readonly starts: Call<'checkout.start'>[]
  /** From when on it may be over before its time: given back, refused for good, or void. */
  endsAt: number
  /** It was given back, and the fan was told so. */
  releasedAt: number
}

/** By the hold. */
export type Holds = ReadonlyMap<string, HoldStory>

export function holdsOf(calls: readonly Call[], chains: Chains): Holds {
  const holds = new Map<string, HoldStory>()
  for (const call of calls) if (call.op === 'hold.place') addPlace(holds, call)
  for (const call of calls) addRest(holds, call, chains)
  shortenByDrill(holds, chains)
  return holds
}

function addPlace(holds: Map<string, HoldStory>, call: Call<'hold.place'>): void {
  if (call.ok === null) return
  const { hold } = call.ok.result
  let story = holds.get(hold)
  if (story === undefined) {
    const never = Number.POSITIVE_INFINITY
    const { actor } = call.invoke
    const { event } = call.invoke.args
    story = {
      hold,
      event,
      actor,
      places: [],
      grants: [],
      starts: [],
      endsAt: never,
      releasedAt: never,
    }
    holds.set(hold, story)
  }
  story.places.push(call)
  grant(story, call)
}

type Granting = Call<'hold.place' | 'hold.get' | 'hold.extend' | 'hold.reclaim'>

function grant(story: HoldStory, { invoke, ok }: Granting): void {
  if (ok === null) return
  const { units, expiresInMs } = ok.result
  story.grants.push({
    seq: ok.seq,
    askedAt: invoke.at,
    from: ok.at,
    until: invoke.at + expiresInMs,
    overAt: ok.at + expiresInMs,
    units,
  })
}

function addRest(holds: Map<string, HoldStory>, call: Call, chains: Chains): void {
  switch (call.op) {
    case 'hold.get':
    case 'hold.extend':
    case 'hold.reclaim': {
      const story = holds.get(call.invoke.args.hold)
      if (story !== undefined) grant(story, call)
      return
    }
    case 'hold.release': {
      const story = holds.get(call.invoke.args.hold)
      if (story === undefined) return
      story.endsAt = Math.min(story.endsAt, call.invoke.at)
      if (call.ok?.result.released === true)
        story.releasedAt = Math.min(story.releasedAt, call.ok.at)
      return
    }
    case 'checkout.start': {
      const story = holds.get(call.invoke.args.hold)
      if (story === undefined) return
      story.starts.push(call)
      story.endsAt = Math.min(story.endsAt, endByStart(call, chains))
      return
    }
    default:
  }
}

/** Refused for good, its units were given back; else the order has them until it ends. */
function endByStart(call: Call<'checkout.start'>, chains: Chains): number {
  if (isRefusedForGood(call)) return call.invoke.at
  if (call.fail !== null) return Number.POSITIVE_INFINITY
  if (chains.all.length === 0) return call.invoke.at
  const chain = chains.orders.get(call.invoke.args.hold)
  if (chain === undefined) return Number.POSITIVE_INFINITY
  const ended = chain.find(({ after }) => after === null || after['state'] === 'void')
  return ended === undefined ? Number.POSITIVE_INFINITY : ended.at - clocksMs
}

/** The drill's own hand ends what would have lived on for minutes. */
function shortenByDrill(holds: Map<string, HoldStory>, chains: Chains): void {
  for (const { table, writer, after, at } of chains.all) {
    if (writer !== 'drill' || after === null || (table !== 'claims' && table !== 'orders')) continue
    const story = holds.get(String(table === 'claims' ? after['order_id'] : after['id']))
    if (story !== undefined) story.endsAt = Math.min(story.endsAt, at - clocksMs)
  }
}

/** Until when it may still be shown as held: longer than its reservation, whatever was told. */
export function mayLiveUntil(story: HoldStory): number {
  let until = 0
  for (const { overAt } of story.grants) until = Math.max(until, overAt + travelMs)
  for (const start of story.starts) {
    const end = endOf(start)
    until = Math.max(until, (Number.isFinite(end) ? end : start.invoke.at + lostAnswerMs) + keptMs)
  }
  return until
}

/**
 * What is left of a hold travels between regions, and not when it ends, since no two clocks are
 * compared: each takeover adds the way that its copy came.
 */
const travelMs = 2_000
/** As docs of the product have it: a reservation lives ten minutes, its hold one longer. */
const keptMs = 11 * 60_000
/** A call that nobody heard the end of is over by then. */
const lostAnswerMs = 60_000
