/** What is promised of several regions beside surviving a loss, each measured on the same system. */
import type { Drill } from './drill.ts'
import { type FarHold, farHolds } from './far-holds.ts'
import { type Move, plannedMoves } from './moves.ts'
import { type ManyEvents, takeoverWith } from './takeover-of-many.ts'
import { type Wipe, wipedRedis } from './wipe.ts'

const farHoldAddsMsWished = 20
const wipeMsWished = 2_000
const pauseMsWished = 1_000

export type Figures = {
  readonly farHolds: readonly FarHold[]
  readonly takeovers: readonly ManyEvents[]
  readonly moves: readonly Move[]
  readonly wipe: Wipe
}

export async function measureFigures(drill: Drill, say: (line: string) => void): Promise<Figures> {
  const far = await farHolds(drill)
  for (const { from, home, roundTripMs, p50Ms, addedMs } of far) {
    const of = from === home ? 'at home' : `far, the link's round trip ${roundTripMs} ms`
    const verdict =
      addedMs <= farHoldAddsMsWished ? '' : `; more than ${farHoldAddsMsWished} wished`
    const added = from === home ? '' : `, ${addedMs.toFixed(1)} ms beside the link${verdict}`
    say(`hold of ${from} for ${home} (${of}): p50 ${p50Ms.toFixed(1)} ms${added}`)
  }
  const moves = await plannedMoves(drill)
  const paused = moves.map(({ pausedMs }) => pausedMs).toSorted((one, other) => one - other)
  const worst = paused.at(-1) ?? Number.NaN
  say(
    `${moves.length} planned moves: sales paused for ${paused[paused.length >> 1]} ms in the median, ` +
      `${worst} ms at worst (${pauseMsWished} wished at most)`,
  )
  const takeovers: ManyEvents[] = []
  for (const events of [10, 10_000]) {
    const one = await takeoverWith(drill, events)
    takeovers.push(one)
    say(
      `takeover with ${one.events} events: ${one.afterLapseMs} ms after the lease ran out, ` +
        `${Math.round(one.takenOverMs)} ms after the kill; first hold ${Math.round(one.firstHoldMs)} ms after the kill`,
    )
  }
  const wipe = await wipedRedis(drill)
  say(
    `a wiped Redis, ${wipe.units} units and ${wipe.holds} holds: first answer after ` +
      `${Math.round(wipe.firstAnswerMs)} ms (${wipeMsWished} wished), ${wipe.holdsBack} holds back`,
  )
  return { farHolds: far, takeovers, moves, wipe }
}
