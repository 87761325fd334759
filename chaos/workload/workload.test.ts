import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededChance } from '../../bench/onsale/seeded-chance.ts'
import { findFreePort } from '../../regions/local/free-port.ts'
import { eventually } from '../../test/support/eventually.ts'
import { History } from '../history/history.ts'
import { RawCallError } from '../history/told.ts'
import { hotUnits } from './hot-units.ts'
import { KnownIds } from './known-ids.ts'
import { resumed } from './resume.ts'
import { startWorkload } from './workload.ts'

const [us, eu] = ['us-east1', 'europe-west1']
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontrow-workload-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a workload while nobody answers', () => {
  it('goes on with what is bounded, asks nobody in a hurry, and ends', async () => {
    const history = new History(join(folder, 'history.jsonl'))
    const dead = `http://127.0.0.1:${await findFreePort()}`
    const facts = { units: 10, limitPerBuyer: 8, currency: 'USD', prices: [] }
    const events = [us, eu].map((home, index) => ({ id: `evt_${index}`, home, ...facts }))
    const ground = {
      regions: [us, eu],
      organisation: 'org_1',
      stripeUrl: dead,
      token: () => Promise.resolve('a token that nobody looks at'),
      endpointsAt: () => [dead],
      publishEvent: () => Promise.reject(new Error('nobody publishes')),
    }
    const load = startWorkload({ ground, history, seed: 1, ratePerSecond: 400, events })
    load.storm(true)
    const beganMs = performance.now()
    const counted = (what: string, times: number) =>
      eventually(() => (load.counts[what] ?? 0) > times, { what, timeoutMs: 40_000 })
    await counted('could-not-begin', 5)
    await counted('not-let-in', 5)
    await counted('storm-sends', 20)
    expect(load.inside).toBeLessThanOrEqual(90)
    const seconds = (performance.now() - beganMs) / 1000
    // Eight lanes, with a floor under their pauses.
    expect(load.counts['storm-sends']).toBeLessThan(8 * (seconds / 0.04 + 2))
    await load.end()
    history.end()
    expect(load.defects).toEqual([])
    const text = await readFile(join(folder, 'history.jsonl'), 'utf8')
    expect(text.match(/"type":"invoke"/g)?.length).toBe(text.match(/"type":"fail"/g)?.length)
  })
})

describe('who has lost an answer', () => {
  const lost = new RawCallError('x', { code: 'NETWORK', transient: true, outcome: 'unknown' })
  const passing = new RawCallError('x', { code: 'CONTENTION', transient: true, outcome: 'refused' })
  const final = new RawCallError('x', { code: 'ORDER_ENDED', transient: false, outcome: 'refused' })
  const signal = new AbortController().signal
  const series = (...steps: readonly (string | Error)[]) => {
    let at = 0
    return async () => {
      const step = steps[at] ?? new Error('asked too often')
      at += 1
      if (typeof step !== 'string') throw step
      return step
    }
  }

  it('asks again until it is known', async () => {
    const again = series(lost, passing, 'done')
    expect(await resumed({ again, look: null, cause: lost, signal })).toBe('done')
    const refused = resumed({ again: series(lost, final), look: null, cause: lost, signal })
    await expect(refused).rejects.toBe(final)
  })

  it('looks first where there is something to look at', async () => {
    const again = series(lost)
    const look = series(lost, 'found')
    expect(await resumed({ again, look, cause: lost, signal })).toBe('found')
  })

  it('gives up when everything ends', async () => {
    const end = new AbortController()
    const waiting = resumed({ again: series(), look: null, cause: lost, signal: end.signal })
    end.abort()
    await expect(waiting).rejects.toThrow('aborted')
  })
})

describe('what fans know', () => {
  it('are the seats in front, and a little later those behind', () => {
    const seated = [{ name: 'A', firstUnit: 100, units: 25 }]
    const first = Array.from({ length: 10 }, (_, index) => 100 + index)
    expect(hotUnits({ seated }, 0)).toEqual(first)
    expect(hotUnits({ seated }, 15_000)).toEqual(first.map((unit) => unit + 10))
    expect(hotUnits({ seated }, 30_000)).toEqual([120, 121, 122, 123, 124, 100, 101, 102, 103, 104])
    expect(hotUnits({ seated: [] }, 0)).toEqual([])
  })

  it('are ids of others, and only so many', () => {
    const known = new KnownIds()
    const chance = seededChance(1, 1)
    known.saw({ actor: 'ann', event: 'evt_1', id: 'ord_1' })
    expect(known.someoneElses('ann', chance)).toBeNull()
    expect(known.someoneElses('ben', chance)?.id).toBe('ord_1')
    for (let times = 0; times < 200; times += 1) {
      known.saw({ actor: 'cem', event: 'evt_1', id: `ord_cem_${times}` })
    }
    expect(known.someoneElses('cem', chance)).toBeNull()
  })
})
