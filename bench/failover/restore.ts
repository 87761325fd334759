/** A region that was lost comes back: its processes, its copies of the others, and its events. */
import { FrontrowError } from '../../client/index.ts'
import { waitUntil } from '../../regions/local/wait-until.ts'
import type { Drill } from './drill.ts'

const backWithinMs = 120_000

/** @returns how long it took until it has its events back and all copies are fresh, in milliseconds */
export async function bringBack(drill: Drill, name: string): Promise<number> {
  const startedMs = performance.now()
  await drill.region(name).start()
  await restore(drill, name)
  await untilFollowed(drill)
  return performance.now() - startedMs
}

/** Asked again while the region has not copied enough yet. @returns how long sales stood still */
export async function restore(drill: Drill, region: string): Promise<number> {
  const admin = await drill.admin()
  let pausedMs = 0
  let last = ''
  const isBack = await waitUntil(async () => {
    try {
      const { moved } = await admin.admin.regions.restore.mutate({ region })
      pausedMs = moved[0]?.pausedMs ?? pausedMs
    } catch (cause) {
      if (!(cause instanceof FrontrowError) || !cause.transient) throw cause
      last = `${cause.code}: ${cause.message}`
    }
    return (await drill.authorityOf(region)).region === region
  }, backWithinMs)
  if (!isBack) throw new Error(`${region} did not get its events back (${last})`)
  return pausedMs
}

/** Everybody follows everybody else, under the epochs of now. */
export async function untilFollowed(drill: Drill): Promise<void> {
  let said = ''
  const isFollowed = await waitUntil(async () => {
    const status = await statusOf(drill)
    said = JSON.stringify(status)
    if (status === null) return false
    const epochs = new Map(
      status.regions.flatMap(({ name, homes }) =>
        homes.map(({ home, epoch }) => [home, { name, epoch }] as const),
      ),
    )
    return drill.names.every((home) => {
      const authority = epochs.get(home)
      const others = status.regions.filter(({ name }) => name !== authority?.name)
      return others.every(({ followers }) =>
        followers.some(
          (one) => one.home === home && one.state === 'following' && one.epoch === authority?.epoch,
        ),
      )
    })
  }, backWithinMs)
  if (!isFollowed) throw new Error(`not everybody follows everybody: ${said}`)
}

async function statusOf(drill: Drill) {
  try {
    return await (await drill.admin()).admin.regions.status.query({})
  } catch (cause) {
    if (cause instanceof FrontrowError && cause.transient) return null
    throw cause
  }
}
