import { describe, expect, it } from 'vitest'
import { faultLines, header, imported, seatJson, withRows } from './seat-map-samples.ts'

describe('names in a seat-map file', () => {
  it.each([
    ['a lone surrogate', '\\ud800'],
    ['a bidi override', '\\u202e'],
    ['a bidi isolate', '\\u2066'],
    ['a control character', '\\u0007'],
    ['NUL', '\\u0000'],
    ['a line separator', '\\u2028'],
    ['a zero-width space', '\\u200b'],
  ])('may not have %s', (_what, escape) => {
    const json = withRows(`{ "name": "a${escape}b", "seats": [${seatJson}] }`)
    expect(faultLines(json, 'json')).toEqual(['2:11 name-bad-character'])
  })

  it('may be in any script, with joiners and emoji', () => {
    const names = ['Ränge', '二階', 'می\u200cخواهم', '👩\u200d👧', 'Ω-3', "O'Brien & Sons <1>"]
    const csv = names.map((name, x) => `A,1,${name},${x},0,,`)
    expect(imported([header, ...csv].join('\n'), 'csv').units).toBe(names.length)
  })
})
