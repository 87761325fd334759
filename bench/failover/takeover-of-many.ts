/**
 * How long a takeover takes by how many events the lost region has on sale: it changes two rows,
 * and books are built when somebody asks, so it must not grow. The events are rows made by SQL.
 */
import { FrontrowError } from '../../client/index.ts'
import type { Drill } from './drill.ts'
import { takeover } from './lose-region.ts'
import { bringBack, untilFollowed } from './restore.ts'

const unitsOfFirstHold = 1

export type ManyEvents = {
  readonly events: number
  readonly afterLapseMs: number
  readonly takenOverMs: number
  readonly firstHoldMs: number
}

export async function takeoverWith(drill: Drill, events: number): Promise<ManyEvents> {
  const [victim = '', other = ''] = drill.names
  await makeEvents(drill, victim, events)
  await untilFollowed(drill)
  const before = await drill.authorityOf(victim)
  const client = drill.clientAt(other, await drill.token({ name: `many-${events}` }))
  const { id: event = '', units = 0 } = drill.events[victim] ?? {}
  const unit = Math.floor(units * 0.6) + (events % 97) + unitsOfFirstHold
  const killedAtMs = performance.now()
  const takenOver = takeover(drill, victim, before)
  await drill.region(victim).kill()
  const key = client.newKey()
  const hold = async (): Promise<number> => {
    try {
      const seats = { kind: 'units' as const, units: [unit] }
      await client.holds.place.mutate({ event, key, seats })
      return performance.now() - killedAtMs
    } catch (cause) {
      if (cause instanceof FrontrowError && cause.transient) return hold()
      throw cause
    }
  }
  const firstHoldMs = await hold()
  const { atMs, afterLapseMs } = await takenOver
  await bringBack(drill, victim)
  return { events, afterLapseMs, takenOverMs: atMs - killedAtMs, firstHoldMs }
}

/** Until the region has so many on sale: copies of its event, with their prices and without places. */
async function makeEvents({ sql, events }: Drill, home: string, count: number): Promise<void> {
  const { id = '' } = events[home] ?? {}
  const [{ there } = { there: 0 }] = await sql<{ there: number }>(
    'select count(*)::int4 as there from event_sales where region = $1',
    [home],
  )
  const copies = `generate_series($2::int4, $3::int4) n`
  const fresh = `left($1::text, -6) || lpad(to_hex(n), 6, '0')`
  const copied = (table: string, field: string) =>
    sql(
      `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object('${field}', ${fresh}))).*
      from ${table} t cross join ${copies} where t.${field} = $1`,
      [id, there + 1, count],
    )
  if (there >= count) return
  await copied('events', 'id')
  await copied('event_sales', 'event_id')
}
