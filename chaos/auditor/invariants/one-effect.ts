/** I5: the same key is one wish, one answer and one effect. */
import { type Call, endOf, sameNumbers, wishText } from '../facts/calls.ts'
import { text } from '../facts/columns.ts'
import { type Facts, homeOf } from '../facts/facts.ts'
import type { Judge } from '../judge.ts'
import type { Invariant } from './invariant.ts'

type Place = Call<'hold.place'>

export const oneEffect: Invariant = {
  id: 'I5',
  title: 'The same key is one wish: equal answers, one order, one payment; another wish is refused',
  check: (facts, judge) => {
    const keysOfHolds = new Map<string, string>()
    for (const [key, places] of placesByKey(facts.calls)) {
      judge.checks()
      checkAnswers(facts, judge, places)
      for (const { ok, invoke } of places) {
        if (ok === null) continue
        const other = keysOfHolds.get(ok.result.hold)
        keysOfHolds.set(ok.result.hold, key)
        if (other === undefined || other === key) continue
        judge.breaks(`${ok.result.hold} was given to two keys`, {
          orders: [ok.result.hold],
          seqs: [invoke.seq],
        })
      }
    }
    checkConfirms(facts, judge)
    checkIntents(facts, judge)
  },
}

function placesByKey(calls: readonly Call[]): Map<string, Place[]> {
  const places = new Map<string, Place[]>()
  for (const call of calls) {
    if (call.op !== 'hold.place') continue
    const { actor, args } = call.invoke
    const key = `${actor} ${args.event} ${args.key}`
    const some = places.get(key)
    if (some === undefined) places.set(key, [call])
    else some.push(call)
  }
  return places
}

/** Refusals that are only given to a wish that was really tried. */
const tried: ReadonlySet<string> = new Set([
  'SEATS_TAKEN',
  'SOLD_OUT',
  'NOT_TOGETHER',
  'LIMIT_REACHED',
])

function checkAnswers(facts: Facts, judge: Judge, places: readonly Place[]): void {
  const first = places.find(({ ok }) => ok !== null)
  if (first?.ok === undefined || first.ok === null || places.length === 1) return
  const { hold, units, total, currency } = first.ok.result
  const { event } = first.invoke.args
  const wish = wishText(first.invoke)
  for (const place of places) {
    const { ok, invoke } = place
    if (place === first) continue
    const about = {
      orders: [hold],
      seqs: [first.invoke.seq, invoke.seq],
      home: homeOf(facts, event),
    }
    const mayBeLost = () =>
      facts.disturbances.between(homeOf(facts, event), first.invoke.at, endOf(place))
    if (wishText(invoke) !== wish) {
      const isRun =
        ok !== null || (tried.has(place.fail?.code ?? '') && livesThen(facts, hold, place))
      if (!isRun) continue
      if (mayBeLost()) judge.counts('otherWishesAfterLoss')
      else judge.breaks(`one key was given two wishes, and the second was not KEY_REUSED`, about)
      continue
    }
    if (ok === null) continue
    const { result } = ok
    const isSame =
      result.hold === hold &&
      result.total === total &&
      result.currency === currency &&
      sameNumbers(result.units, units)
    if (isSame) continue
    if (result.hold === hold && mayBeLost()) judge.counts('answersChangedByLoss')
    else judge.breaks(`one key and wish was answered in two ways`, about)
  }
}

/** The first wish was surely still held when the other one was tried. */
function livesThen(facts: Facts, hold: string, { invoke, fail }: Place): boolean {
  const story = facts.holds.get(hold)
  const until = Math.min(fail?.at ?? 0, Number.POSITIVE_INFINITY)
  return (
    story?.grants.some(({ from, until: sure }) => {
      return from <= invoke.at && until <= Math.min(sure, story.endsAt)
    }) === true
  )
}

/** A card is tried once for a key: what was paid stays paid, for the same units and amount. */
function checkConfirms({ calls }: Facts, judge: Judge): void {
  const first = new Map<string, Call<'checkout.confirm'>>()
  for (const call of calls) {
    if (call.op !== 'checkout.confirm') continue
    const { order, key } = call.invoke.args
    const seqs = [call.invoke.seq]
    judge.checks()
    if (call.ok !== null && call.ok.result.order !== order) {
      judge.breaks(`the confirmation of ${order} was answered with ${call.ok.result.order}`, {
        seqs,
      })
    }
    if (call.ok?.result.state !== 'paid') continue
    const other = first.get(`${order} ${key}`)
    if (other?.ok === undefined || other.ok === null) {
      first.set(`${order} ${key}`, call)
      continue
    }
    const [one, two] = [other.ok.result, call.ok.result]
    if (one.total === two.total && sameNumbers(one.units, two.units)) continue
    judge.breaks(`${order} was confirmed twice with one key, and answered in two ways`, {
      orders: [order],
    })
  }
}

/** More than one intent may have been prepared for an order; money is asked for on one alone. */
function checkIntents(facts: Facts, judge: Judge): void {
  for (const [order, lines] of facts.ledger) {
    const used = lines.filter(({ authorized }) => authorized > 0)
    judge.holds(used.length <= 1, () => [
      `${order} has ${used.length} payments that were authorized`,
      { orders: [order], rows: used },
    ])
  }
  for (const [order, chain] of facts.chains.payments) {
    const intents = new Set(
      chain.map(({ after }) => (after === null ? '' : text(after, 'intent_id'))),
    )
    judge.holds(intents.size === 1, () => [
      `${order} changed its payment: ${[...intents].join()}`,
      { orders: [order] },
    ])
  }
}
