import { describe, expect, it } from 'vitest'
import { percentilesOf } from './percentiles.ts'

describe('percentiles', () => {
  it('are by nearest rank, whatever the order of the values', () => {
    const values = Array.from({ length: 1000 }, (_, index) => 1000 - index)
    expect(percentilesOf(values)).toEqual({ count: 1000, p50: 500, p99: 990, p999: 999, max: 1000 })
  })

  it('of one value are that value', () => {
    expect(percentilesOf([3])).toEqual({ count: 1, p50: 3, p99: 3, p999: 3, max: 3 })
  })

  it('of nothing are nothing', () => {
    expect(percentilesOf([])).toBeNull()
  })
})
