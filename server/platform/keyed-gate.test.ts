import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { KeyedGate } from './keyed-gate.ts'

describe('a keyed gate', () => {
  const options = { width: 2, waitingMax: 3, full: () => new Error('full') }

  it('lets so many of one key in at once, in their order, and others by the side', async () => {
    const gate = new KeyedGate(options)
    let inside = 0
    let most = 0
    const order: number[] = []
    const work = (number: number) => async () => {
      inside += 1
      most = Math.max(most, inside)
      order.push(number)
      await turn()
      inside -= 1
      return number
    }
    const results = await Promise.all([0, 1, 2, 3, 4].map((n) => gate.pass('a', work(n))))
    expect(results).toEqual([0, 1, 2, 3, 4])
    expect(order).toEqual([0, 1, 2, 3, 4])
    expect(most).toBe(2)
    await Promise.all([0, 1, 2, 3].map((n) => gate.pass(n % 2 ? 'a' : 'b', work(n))))
    expect(most).toBe(4)
  })

  it('refuses those who would wait behind too many, and recovers', async () => {
    const gate = new KeyedGate(options)
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const inside = [1, 2, 3, 4, 5].map(() => gate.pass('a', () => opened))
    await expect(gate.pass('a', () => opened)).rejects.toThrow('full')
    open()
    await Promise.all(inside)
    expect(await gate.pass('a', async () => 'in')).toBe('in')
  })

  it('lets the next one in when one fails', async () => {
    const gate = new KeyedGate({ ...options, width: 1 })
    const failed = gate.pass('a', () => Promise.reject(new Error('broken')))
    await expect(failed).rejects.toThrow('broken')
    expect(await gate.pass('a', async () => 'in')).toBe('in')
  })
})
