import { describe, expect, it } from 'vitest'
import { instantOf } from './dump-rows.ts'

describe('an instant of a recorded row', () => {
  it('is the number that its dumped column is', () => {
    expect(instantOf('2026-11-28T06:13:22.123456+00:00')).toBe(1_795_846_402_123.456)
    expect(instantOf('2026-11-28T06:13:22.5+00:00')).toBe(1_795_846_402_500)
    expect(instantOf('2026-11-28T06:13:22+00:00')).toBe(1_795_846_402_000)
  })

  it('is the same in whichever zone the session had', () => {
    expect(instantOf('2026-11-28T07:13:22.25+01:00')).toBe(1_795_846_402_250)
    expect(instantOf('2026-11-28T11:43:22.25+05:30')).toBe(1_795_846_402_250)
    expect(instantOf('2026-11-28T06:13:22.25Z')).toBe(1_795_846_402_250)
  })

  it('is nothing else: a row that cannot be read is no evidence', () => {
    expect(() => instantOf('infinity')).toThrow('infinity')
  })

  it('is null where there is none', () => {
    expect(instantOf(null)).toBeNull()
    expect(instantOf(undefined)).toBeNull()
  })
})
