import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../platform/limits.ts'
import { jsonBoundFault } from './json-bounds.ts'

const { jsonDepthMax: depth, jsonValuesMax: values } = limits

describe('bounds of JSON', () => {
  it('takes what is as deep as it may be, and nothing deeper', () => {
    expect(jsonBoundFault('['.repeat(depth) + ']'.repeat(depth))).toBeNull()
    expect(jsonBoundFault('['.repeat(depth + 1) + ']'.repeat(depth + 1))).toMatch('deep')
    expect(jsonBoundFault('{"a":'.repeat(depth + 1))).toMatch('deep')
    expect(jsonBoundFault('[]'.repeat(depth + 1))).toBeNull()
  })

  it('counts no bracket and no comma inside a string, however it is escaped', () => {
    const odd = ['[', ',', '\\"[', '\\\\\\"[', 'a\\\\\\\\\\"{'].map((each) => each.repeat(values))
    for (const text of odd) expect(jsonBoundFault(`{"a":"${text}"}`)).toBeNull()
  })

  it('sees brackets behind a string that ends in a backslash', () => {
    expect(jsonBoundFault(`["\\\\",${'['.repeat(depth)}`)).toMatch('deep')
  })

  it('counts values', () => {
    expect(jsonBoundFault(`[${'1,'.repeat(values - 2)}1]`)).toBeNull()
    expect(jsonBoundFault(`[${'1,'.repeat(values)}1]`)).toMatch('values')
  })

  it('agrees with the parser on how deep JSON is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.nat(2 * depth), (inner, levels) => {
        let value: unknown = inner
        for (let at = 0; at < levels; at += 1) value = at % 2 === 0 ? [value, ']'] : { '{': value }
        const isDeep = depthOf(value) > depth
        expect(jsonBoundFault(JSON.stringify(value))?.includes('deep') ?? false).toBe(isDeep)
      }),
    )
  })

  it('looks at each character a bounded number of times', () => {
    // Quadratic work on these would take minutes.
    const length = 4_000_000
    for (const each of ['"', '\\', '\\"', '\\\\', '"\\']) {
      expect(jsonBoundFault(`"${each.repeat(length / each.length)}`)).toBeNull()
    }
  })
})

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}
