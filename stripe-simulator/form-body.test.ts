import { describe, expect, it } from 'vitest'
import { FormBodyError, parseFormBody } from './form-body.ts'

describe('a form body', () => {
  it('nests brackets, numbers lists, and decodes', () => {
    expect(
      parseFormBody('a=1&b[c]=x+y&b[d][e]=%E2%82%AC&l[0]=p&l[1]=q&m[]=r&m[]=s&empty=&flag'),
    ).toEqual({
      a: '1',
      b: { c: 'x y', d: { e: '€' } },
      l: { 0: 'p', 1: 'q' },
      m: { 0: 'r', 1: 's' },
      empty: '',
      flag: '',
    })
    expect(parseFormBody('metadata%5Border%5D=7')).toEqual({ metadata: { order: '7' } })
  })

  it('keeps names that are traps for objects as plain names', () => {
    const fields = parseFormBody('__proto__[admin]=1&constructor=2')
    expect(Object.keys(fields)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('refuses what is too much or badly encoded', () => {
    for (const text of ['a=%', 'a=1&'.repeat(2_000), 'a[b][c][d][e][f][g]=1']) {
      expect(() => parseFormBody(text)).toThrow(FormBodyError)
    }
  })
})
