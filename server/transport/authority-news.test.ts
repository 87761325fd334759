/** Who waits for an authority: in bounded company, and no longer than they stay. */
import { expect, it } from 'vitest'
import { Authorities } from '../application/authorities.ts'
import { systemClock } from '../platform/clock.ts'
import { limits } from '../platform/limits.ts'
import { systemRandom } from '../platform/random.ts'
import { AuthorityNews } from './authority-news.ts'

const region = 'us-east1'

it('so many wait and no more, and whoever hangs up makes room', async () => {
  const authorities = new Authorities({ region, clock: systemClock })
  const news = new AuthorityNews({ authorities, clock: systemClock, random: systemRandom })
  const called = {
    isBatch: false,
    isMutation: true,
    calls: [{ path: '', input: {}, home: region }],
  }
  const wait = (gone: AbortSignal) => {
    const then = { epochs: news.epochs(called), deadlineMs: systemClock.monotonicMs() + 60_000 }
    return news.came(called, [0], { ...then, gone })
  }
  const fans = new AbortController()
  const waiting = Array.from({ length: limits.forwardsWaitingMax }, () => wait(fans.signal))
  const stays = new AbortController()
  expect(await wait(stays.signal)).toBe(false)
  fans.abort()
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([false]))
  const last = wait(stays.signal)
  authorities.heard(region, { serverRegion: 'europe-west1', epoch: 2 })
  expect(await last).toBe(true)
})
