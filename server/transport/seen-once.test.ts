/** What was seen within the window is known, however much else was sent meanwhile. */
import { describe, expect, it } from 'vitest'
import { SeenOnce } from './seen-once.ts'

describe('what was seen', () => {
  it('is known for a window at least, and forgotten in the end', () => {
    const seen = new SeenOnce({ windowMs: 1_000, max: 10 })
    expect(seen.first('a', 0)).toBe(true)
    expect(seen.first('b', 999)).toBe(true)
    expect(seen.first('a', 999)).toBe(false)
    expect(seen.first('b', 1_998)).toBe(false)
    expect(seen.first('a', 2_998)).toBe(true)
    expect(seen.first('b', 10_000)).toBe(true)
  })

  it('is not pushed out: when the window is full nothing more is taken', () => {
    const seen = new SeenOnce({ windowMs: 1_000, max: 2 })
    expect([seen.first('a', 0), seen.first('b', 0), seen.first('c', 0)]).toEqual([
      true,
      true,
      false,
    ])
    expect(seen.first('a', 500)).toBe(false)
    expect(seen.first('c', 1_000)).toBe(true)
    expect(seen.first('a', 1_000)).toBe(false)
  })
})
