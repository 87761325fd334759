import { describe, expect, it } from 'vitest'
import { clientLimits } from './client-limits.ts'
import { EndpointList } from './endpoint-list.ts'
import { RegionMeasures } from './region-measures.ts'

type Look = () => Promise<Response>

const lives: Look = () => Promise.resolve(new Response('{}'))
const silent: Look = () => new Promise(() => undefined)
const refused: Look = () => Promise.reject(new TypeError('fetch failed'))
const answering = (status: number): Look => {
  return () => Promise.resolve(new Response('', { status }))
}

/** Regions a, b, c … that answer as told; what they answer may be changed. */
function measuring(looks: Look[], { nearest = true } = {}) {
  const clock = { nowMs: 0 }
  const nowMs = () => clock.nowMs
  const asked: string[] = []
  const bases = looks.map((_, index) => `https://${'abc'[index] ?? 'z'}.example`)
  const endpoints = new EndpointList(bases, { nowMs, nearest })
  const measures = new RegionMeasures({
    endpoints,
    nearest,
    ports: { nowMs, random: () => 0.5 },
    fetch: (url) => {
      const name = new URL(url).hostname.slice(0, 1)
      asked.push(name)
      return looks['abc'.indexOf(name)]?.() ?? refused()
    },
  })
  const call = () => measures.beforeAttempt(20_000, null)
  const chosen = () => new URL(endpoints.next().trpcUrl).hostname.slice(0, 1)
  return { asked, call, chosen, clock, endpoints, looks, measures }
}

const times = (name: string, asked: readonly string[]) => asked.filter((one) => one === name).length

describe('before the first call', () => {
  it('all are asked at once, and the first that answers is used without waiting for others', async () => {
    const { call, chosen } = measuring([silent, refused, lives])
    const beganMs = performance.now()
    await call()
    expect(chosen()).toBe('c')
    expect(performance.now() - beganMs).toBeLessThan(clientLimits.firstAnswerMs * 0.9)
  })

  it('when all fail, the caller waits for nothing', async () => {
    const { call, chosen } = measuring([refused, answering(503)])
    const beganMs = performance.now()
    await call()
    expect(chosen()).toBe('a')
    expect(performance.now() - beganMs).toBeLessThan(clientLimits.firstAnswerMs * 0.9)
  })

  it('when none answers, the first in order is used after a share of the time', async () => {
    const { chosen, measures } = measuring([silent, silent])
    const beganMs = performance.now()
    await measures.beforeAttempt(400, null)
    const tookMs = performance.now() - beganMs
    expect(tookMs).toBeGreaterThanOrEqual(90)
    expect(tookMs).toBeLessThan(clientLimits.firstAnswerMs)
    expect(chosen()).toBe('a')
  })

  it('a caller who gives up waits no longer', async () => {
    const { measures } = measuring([silent, silent])
    const beganMs = performance.now()
    await measures.beforeAttempt(20_000, AbortSignal.abort())
    expect(performance.now() - beganMs).toBeLessThan(clientLimits.firstAnswerMs * 0.9)
  })
})

describe('measuring', () => {
  it('asks three times a round, all at the same time, and again after minutes', async () => {
    const { asked, call, clock } = measuring([lives, lives])
    await call()
    await expect.poll(() => asked.length).toBe(6)
    await call()
    clock.nowMs += clientLimits.roundEveryMs - 1
    await call()
    expect(asked).toHaveLength(6)
    clock.nowMs += 1
    await call()
    await expect.poll(() => asked.length).toBe(12)
  })

  it('goes on only while calls are made', async () => {
    const { asked, call, clock } = measuring([lives, lives])
    await call()
    await expect.poll(() => asked.length).toBe(6)
    clock.nowMs += clientLimits.roundEveryMs * 100
    expect(asked).toHaveLength(6)
  })

  it('asks one that failed again after its rest, and more often until it is steady', async () => {
    const { asked, call, clock, looks, endpoints } = measuring([refused, lives])
    await call()
    const [a, b] = endpoints.all
    await expect.poll(() => b?.samplesMs.length).toBe(3)
    await expect.poll(() => endpoints.hasReady(new Set(endpoints.all.slice(1)))).toBe(false)
    looks[0] = lives
    asked.length = 0
    clock.nowMs += clientLimits.endpointRestBaseMs
    await call()
    await expect.poll(() => a?.samplesMs.length).toBe(3)
    for (let more = 1; more <= 3; more += 1) {
      clock.nowMs += clientLimits.recheckEveryMs
      await call()
      await expect.poll(() => times('a', asked)).toBe(3 * (more + 1))
    }
    expect(times('b', asked)).toBe(0)
  })

  it.each([
    ['a balancer without servers is none', 503, false],
    ['a page that is not there is as far away as one that is', 404, true],
  ])('%s', async (_, status, isThere) => {
    const { call, endpoints } = measuring([answering(status), lives])
    await call()
    const [a] = endpoints.all
    await expect.poll(() => (isThere ? a?.samplesMs.length === 3 : a?.failures === 1)).toBe(true)
    expect(endpoints.hasReady(new Set(endpoints.all.slice(1)))).toBe(isThere)
  })

  it('is not done when the order is the caller’s', async () => {
    const { asked, call } = measuring([lives, lives], { nearest: false })
    await call()
    expect(asked).toEqual([])
  })

  it('tells who lives; calls that wonder together ask once', async () => {
    const { asked, endpoints, measures } = measuring([lives, refused], { nearest: false })
    const [a, b] = endpoints.all
    if (a === undefined || b === undefined) throw new Error('two were given')
    const answers = await Promise.all([a, a, a, b].map((one) => measures.isAlive(one)))
    expect(answers).toEqual([true, true, true, false])
    expect(asked).toEqual(['a', 'b'])
    expect(await measures.isAlive(a)).toBe(true)
    expect(times('a', asked)).toBe(2)
  })
})
