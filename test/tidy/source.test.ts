import { describe, expect, it } from 'vitest'
import { isTest, lineOf, parseSource, report } from './source.ts'

describe('a source', () => {
  const text = [
    '/** Date.now() in words */',
    "const a = 'Date.now()' // Date.now()",
    'const b = `one ${Date.now()} two` + /Date.now()/.source',
  ].join('\n')
  const source = parseSource('server/x.ts', text)

  it('keeps code, strings and comments apart, each at its place', () => {
    expect([...source.code.matchAll(/Date\.now/g)].map(({ index }) => index)).toEqual([
      text.indexOf('${Date') + 2,
    ])
    expect([...source.strings.matchAll(/Date\.now/g)].length).toBe(2)
    expect([...source.comments.matchAll(/Date\.now/g)].length).toBe(2)
    for (const view of [source.code, source.strings, source.comments]) {
      expect(view.length).toBe(text.length)
    }
  })

  it('counts lines from 1', () => {
    expect(lineOf(source, 0)).toBe(1)
    expect(lineOf(source, text.indexOf('const b'))).toBe(3)
  })
})

it('what is a test is told by place or name', () => {
  expect(isTest('test/support/database.ts')).toBe(true)
  expect(isTest('server/domain/units.test.ts')).toBe(true)
  expect(isTest('server/domain/units.ts')).toBe(false)
})

it('a report is one line each, sorted', () => {
  expect(
    report([
      { path: 'b.ts', line: 1, message: 'x' },
      { path: 'a.ts', line: 10, message: 'y' },
      { path: 'a.ts', line: 9, message: 'z' },
    ]),
  ).toBe('a.ts:9: z\na.ts:10: y\nb.ts:1: x')
})
