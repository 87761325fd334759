/**
 * One loss of a region under load: every process of it is killed at once, and from then on it is
 * counted how soon its events are sold elsewhere, and what of all that fans were told is still true.
 */
import { setTimeout as wait } from 'node:timers/promises'
import pLimit from 'p-limit'
import { FrontrowError } from '../../client/index.ts'
import { waitUntil } from '../../regions/local/wait-until.ts'
import { Crowd, type HeldNote, type TroubleNote } from './crowd.ts'
import type { Authority, Drill } from './drill.ts'
import { bringBack } from './restore.ts'
import { type RowVerdict, verdictOfRows } from './verdict.ts'

/** A hold counts as one that must survive when it was acknowledged so long before the kill. */
const copiedAfterMs = 2_000
/** Holds that end so soon after they are asked for are not counted. */
const endsSoonMs = 1_000
const salesResumeWithinMs = 60_000
const lookEveryMs = 10
const looksAtOnce = 8

export type LossPlan = {
  readonly victim: string
  readonly fans: number
  readonly seed: number
  /** Holds that wait for the kill, beside those of the crowd. */
  readonly waitingHolds: number
  /** Sales of the victim's events before the kill. */
  readonly salesBefore: number
  readonly name: string
}

export type Loss = RowVerdict & {
  readonly victim: string
  readonly by: string
  /** From the kill, in milliseconds: the new authority's row, the first hold, the first sale. */
  readonly takenOverMs: number
  readonly firstHoldMs: number
  readonly firstSaleMs: number
  readonly paidBefore: number
  readonly paidAfter: number
  readonly liveHolds: number
  readonly holdsKept: number
  /** The largest difference between the life that a hold was promised and what it has. */
  readonly lifeOffMs: number
  readonly troubles: readonly TroubleNote[]
  /** From the start of its processes until it has its events back. */
  readonly backMs: number
}

export async function loseRegion(drill: Drill, plan: LossPlan): Promise<Loss> {
  const { victim, fans, seed, name } = plan
  const before = await drill.authorityOf(victim)
  const crowd = new Crowd(drill, { fans, seed, wanted: victim, name })
  try {
    const waiting = await holdSome(drill, plan)
    await soldSince(crowd, victim, { sinceMs: 0, sales: plan.salesBefore })
    await waitUntil(() => performance.now() - (waiting.at(-1)?.atMs ?? 0) > copiedAfterMs, 30_000)
    const killedAtMs = performance.now()
    const takenOver = takeover(drill, victim, before)
    await drill.region(victim).kill()
    const { atMs: takenOverAtMs, by } = await takenOver
    // Who sells now is known: whatever is acknowledged from here on is its word.
    await soldSince(crowd, victim, { sinceMs: takenOverAtMs, sales: 3 })
    const holds = await lookAtHolds([...waiting, ...crowd.held], { victim, killedAtMs })
    await crowd.end()
    const own = crowd.paid.filter(({ home }) => home === victim)
    const firstOf = (notes: readonly { home: string; atMs: number }[]) =>
      Math.min(...notes.flatMap((n) => (n.home === victim && n.atMs > takenOverAtMs ? n.atMs : [])))
    const rows = await verdictOfRows(drill, crowd.paid)
    return {
      victim,
      by,
      ...rows,
      takenOverMs: takenOverAtMs - killedAtMs,
      firstHoldMs: firstOf(crowd.held) - killedAtMs,
      firstSaleMs: firstOf(crowd.paid) - killedAtMs,
      paidBefore: own.filter(({ atMs }) => atMs < killedAtMs).length,
      paidAfter: own.filter(({ atMs }) => atMs > takenOverAtMs).length,
      ...holds,
      troubles: crowd.troubles,
      backMs: await bringBack(drill, victim),
    }
  } finally {
    await crowd.end()
  }
}

async function holdSome(drill: Drill, plan: LossPlan): Promise<HeldNote[]> {
  const { victim, waitingHolds, name } = plan
  const { id: event, units } = drill.events[victim] ?? { id: '', units: 0 }
  const notes = await pLimit(looksAtOnce).map([...Array(waitingHolds).keys()], async (index) => {
    const place = drill.names[index % drill.names.length] ?? victim
    const client = drill.clientAt(place, await drill.token({ name: `${name}-waits-${index}` }))
    // From the end of the arena, a run beside the other: where the crowd seldom looks.
    const unit = units - 1 - ((plan.seed % 50) * waitingHolds + index)
    try {
      const wish = { event, key: client.newKey(), seats: { kind: 'units' as const, units: [unit] } }
      const hold = await client.holds.place.mutate(wish)
      const atMs = performance.now()
      const endsAtMs = atMs + hold.expiresInMs
      return [{ home: victim, hold, client, atMs, endsAtMs, isUsed: false }]
    } catch (cause) {
      if (cause instanceof FrontrowError && cause.code === 'SEATS_TAKEN') return []
      throw cause
    }
  })
  return notes.flat()
}

async function soldSince(
  { paid }: Crowd,
  home: string,
  { sinceMs, sales }: { readonly sinceMs: number; readonly sales: number },
): Promise<void> {
  const enough = () =>
    paid.filter((note) => note.home === home && note.atMs > sinceMs).length >= sales
  if (await waitUntil(enough, salesResumeWithinMs)) return
  throw new Error(`events of ${home} were not sold within ${salesResumeWithinMs} ms`)
}

type Takeover = {
  readonly atMs: number
  readonly by: string
  /** Since the lease had run out, by the database's clock. */
  readonly afterLapseMs: number
}

type LeaseRow = {
  readonly region: string
  readonly epoch: number
  readonly ends: number
  readonly now: number
}

const leaseText = `select server_region as region, epoch::int4 as epoch,
(extract(epoch from expires_at) * 1000)::float8 as ends,
(extract(epoch from clock_timestamp()) * 1000)::float8 as now
from region_leases where region = $1`

/** When the rows name another authority: looked at every few milliseconds, so later than it was. */
export async function takeover({ sql }: Drill, home: string, before: Authority): Promise<Takeover> {
  const endMs = performance.now() + salesResumeWithinMs
  let lapsesAt = Number.NaN
  while (performance.now() < endMs) {
    const [lease] = await sql<LeaseRow>(leaseText, [home])
    if (lease !== undefined && lease.epoch > before.epoch) {
      const afterLapseMs = Math.round(lease.now - lapsesAt)
      return { atMs: performance.now(), by: lease.region, afterLapseMs }
    }
    lapsesAt = lease?.ends ?? lapsesAt
    await wait(lookEveryMs)
  }
  throw new Error(`nobody took over for ${home} within ${salesResumeWithinMs} ms`)
}

/** Asked by the fans themselves, of whichever region answers. */
async function lookAtHolds(
  notes: readonly HeldNote[],
  { victim, killedAtMs }: { readonly victim: string; readonly killedAtMs: number },
): Promise<{ liveHolds: number; holdsKept: number; lifeOffMs: number }> {
  const live = notes.filter(
    (note) => note.home === victim && !note.isUsed && isLive(note, killedAtMs),
  )
  const offs = await pLimit(looksAtOnce).map(live, async ({ client, hold, endsAtMs }) => {
    try {
      const { expiresInMs } = await client.holds.get.query({ event: hold.event, hold: hold.id })
      return [Math.abs(performance.now() + expiresInMs - endsAtMs)]
    } catch (cause) {
      if (cause instanceof FrontrowError && cause.code === 'NOT_FOUND') return []
      throw cause
    }
  })
  const kept = offs.flat()
  return { liveHolds: live.length, holdsKept: kept.length, lifeOffMs: Math.max(0, ...kept) }
}

function isLive({ atMs, endsAtMs }: HeldNote, killedAtMs: number): boolean {
  return atMs <= killedAtMs - copiedAfterMs && endsAtMs > performance.now() + endsSoonMs
}
