import { describe, expect, it } from 'vitest'
import { letIn } from './let-in.ts'
import { planFans } from './plan-fans.ts'

const crowd = { fans: 50, seed: 3, arrivalsPerSecond: null, canAuthenticate: true }
const never = new AbortController().signal

describe('the door', () => {
  it('lets every fan in once, and never more at once than it was told', async () => {
    const seen: number[] = []
    let [inside, most] = [0, 0]
    const visit = async ({ index }: { index: number }) => {
      seen.push(index)
      most = Math.max(most, (inside += 1))
      await new Promise(setImmediate)
      inside -= 1
    }
    await letIn({ plans: planFans(crowd), atOnce: 7, visit, signal: never })
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect(most).toBe(7)
  })

  it('lets fans in by their schedule although nobody inside is done', async () => {
    const plans = planFans({ ...crowd, arrivalsPerSecond: 1_000 })
    const dues: number[] = []
    let letOut = () => {}
    const all = new Promise<void>((resolve) => {
      letOut = resolve
    })
    const visit = (_: unknown, dueMs: number) => {
      if (dues.push(dueMs) === plans.length) letOut()
      return all
    }
    const { openedAtMs, closedAtMs } = await letIn({ plans, atOnce: null, visit, signal: never })
    expect(dues).toEqual(plans.map((plan) => openedAtMs + plan.arrivesAtMs))
    expect(closedAtMs).toBeGreaterThanOrEqual(dues.at(-1) ?? 0)
  })

  it('closes at once when it is told to, without waiting for those inside', async () => {
    const closing = new AbortController()
    const visit = () => {
      closing.abort(new Error('closed'))
      return new Promise<never>(() => undefined)
    }
    const door = { visit, signal: closing.signal }
    await expect(letIn({ ...door, plans: planFans(crowd), atOnce: 2 })).rejects.toThrow('closed')
    const plans = planFans({ ...crowd, arrivalsPerSecond: 100 })
    await expect(letIn({ ...door, plans, atOnce: null })).rejects.toThrow()
  })

  it('passes on what a visit should not have thrown', async () => {
    const visit = () => Promise.reject(new Error('a bug'))
    const door = { plans: planFans(crowd), visit, signal: never }
    await expect(letIn({ ...door, atOnce: 2 })).rejects.toThrow('a bug')
    await expect(letIn({ ...door, atOnce: null })).rejects.toThrow('a bug')
  })
})
