/**
 * The copy of a book had a hold that had ended long ago: one book of a snapshot could not be
 * fetched, the fetch of another one went on unseen, and what it had read was installed over the
 * copy that the next attempt had made. A takeover would have kept a hold that nobody had.
 */
import { expect, it } from 'vitest'
import { Authorities } from '../../server/application/authorities.ts'
import { followHolds } from '../../server/application/follow-holds.ts'
import type { FollowNeeds } from '../../server/application/follow-step.ts'
import { FollowTable } from '../../server/application/follow-table.ts'
import { type RegionCall, RegionCallError } from '../../server/domain/region-caller.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { IdMaker } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { RegionTable } from '../../server/platform/regions.ts'
import { goldenRegions } from '../support/golden.ts'
import { Copies, copiesPort } from './simulated/copies.ts'
import { Stream } from './simulated/stream.ts'

const home = 'us-east1'
const tenure = { home, epoch: 1 }
const ids = new IdMaker({ clock: systemClock, random: systemRandom })
const [slow, lost] = [ids.regional('evt', 'use1'), ids.regional('evt', 'use1')]

it('a snapshot that failed installs nothing afterwards', async () => {
  const stream = new Stream('one')
  for (const event of [slow, lost])
    stream.install(event, { holds: new Map(), owners: new Map() }, 0)
  const copies = new Copies()
  const asked = deferred<AbortSignal | undefined>()
  const late = deferred<unknown>()
  const installed: string[] = []
  const answer = async ({ procedure, input, signal }: RegionCall): Promise<unknown> => {
    const { event } = input as { event?: typeof slow }
    if (procedure === 'internal.books') {
      return { incarnation: 'one', last: stream.last, events: [slow, lost], nextCursor: null }
    }
    if (event === slow) {
      asked.resolve(signal)
      return late.promise
    }
    await asked.promise
    throw new RegionCallError('lost')
  }
  const authorities = new Authorities({ region: 'europe-west1', clock: systemClock })
  authorities.heard(home, { serverRegion: home, epoch: tenure.epoch })
  const port = copiesPort(copies, async (what) => what(0))
  const watched: typeof port = {
    ...port,
    install: (lease, book) => {
      installed.push(book.event)
      return port.install(lease, book)
    },
  }
  const following = { caller: { call: answer }, homes: [home], table: new FollowTable(systemClock) }
  const needs = {
    authorities,
    replication: { source: null, copies: watched },
    following,
    clock: systemClock,
    regions: new RegionTable(goldenRegions),
    metrics: { count: () => undefined },
  } as unknown as FollowNeeds
  const { signal } = new AbortController()
  let isOver = false
  const followed = followHolds(needs, { home, token: 'a', signal })
    .catch((cause: unknown) => cause)
    .finally(() => {
      isOver = true
    })

  const ofSlow = await asked.promise
  await new Promise((resolve) => setImmediate(resolve))
  // It has been told to end, and the attempt goes on for as long as it has not.
  expect(ofSlow?.aborted).toBe(true)
  expect(isOver).toBe(false)
  late.resolve(stream.page(slow, null, 0))
  expect(await followed).toBeInstanceOf(RegionCallError)
  const before = installed.length
  await new Promise((resolve) => setImmediate(resolve))
  expect(installed).toHaveLength(before)
})

function deferred<Answer>() {
  let resolve: (answer: Answer) => void = () => undefined
  const promise = new Promise<Answer>((tell) => {
    resolve = tell
  })
  return { promise, resolve: (answer: Answer) => resolve(answer) }
}
