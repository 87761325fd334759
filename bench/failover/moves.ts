/** Planned moves under load: a region is emptied and gets its events back, again and again. */
import { Crowd } from './crowd.ts'
import type { Drill } from './drill.ts'
import { restore, untilFollowed } from './restore.ts'
import { verdictOfRows } from './verdict.ts'

const fans = 6
const rounds = 5

export type Move = { readonly region: string; readonly how: string; readonly pausedMs: number }

/** @throws Error when fans lost something by it */
export async function plannedMoves(drill: Drill): Promise<Move[]> {
  const moves: Move[] = []
  for (let round = 0; round < rounds; round += 1) {
    const region = drill.names[round % drill.names.length] ?? ''
    const name = `moves-${round}`
    const crowd = new Crowd(drill, { fans, seed: round, wanted: region, name })
    try {
      moves.push({ region, how: 'drain', pausedMs: await drain(drill, region) })
      await untilFollowed(drill)
      moves.push({ region, how: 'restore', pausedMs: await restore(drill, region) })
      await untilFollowed(drill)
    } finally {
      await crowd.end()
    }
    const { lost, twice } = await verdictOfRows(drill, crowd.paid)
    const final = crowd.troubles.filter((one) => !one.transient && one.outcome === 'refused')
    const seen = final.map(({ path, code }) => `${path} ${code}`)
    const faults = [...lost, ...twice, ...seen]
    if (faults.length > 0) throw new Error(`a planned move: ${faults.join('; ')}`)
  }
  return moves
}

export async function drain(drill: Drill, region: string): Promise<number> {
  const { moved } = await (await drill.admin()).admin.regions.drain.mutate({ region })
  return Math.max(0, ...moved.map(({ pausedMs }) => pausedMs))
}
