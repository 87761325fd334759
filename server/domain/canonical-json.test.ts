/** One text for one value: the vectors of RFC 8785, and properties that any value must have. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from './canonical-json.ts'

/** -0 is written as 0, and so does not come back. */
const anyJson = fc
  .jsonValue({ maxDepth: 5, stringUnit: 'grapheme' })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)

/** The same value with all members in another order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value as Record<string, Json>).reverse()
  return Object.fromEntries(members.map(([name, member]) => [name, reversed(member)]))
}

const isSorted = (names: readonly string[]) =>
  names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)

describe('canonical JSON', () => {
  it('is what RFC 8785 gives as its example (3.2.2)', () => {
    const value = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`) as Json
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
  })

  it('sorts members by UTF-16 code units, as the RFC does (3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const names = Object.keys(JSON.parse(canonicalJson(value)) as object)
    // An object puts names that are whole numbers first; the text has them in their place.
    expect(canonicalJson(value).indexOf('"\\r"')).toBeLessThan(canonicalJson(value).indexOf('"1"'))
    expect(names.filter((name) => name !== '1')).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ])
  })

  it('says the same value, whatever the order in which it was put together', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(value)
        expect(canonicalJson(reversed(value))).toBe(text)
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text)
      }),
    )
  })

  it('differs for values that differ', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        const same = canonicalJson(one) === canonicalJson(other)
        if (same) expect(one).toEqual(other)
        else expect(one).not.toEqual(other)
      }),
    )
  })

  it('has sorted names and no white space between them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.nat()), (value) => {
        const text = canonicalJson(value)
        const names = [...text.matchAll(/("(?:[^"\\]|\\.)*"):\d/g)].map(
          ([, name]) => JSON.parse(name ?? '""') as string,
        )
        expect(names).toHaveLength(Object.keys(value).length)
        expect(isSorted(names)).toBe(true)
        expect(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(/\s/)
      }),
    )
  })

  it.each([
    ['NaN', Number.NaN],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['half a character', 'a\ud800'],
    ['half a character in a name', { '\udc00': 1 }],
    ['nothing', { a: undefined }],
    ['a function', [() => 1]],
    ['a big integer', 1n],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value as Json)).toThrow(TypeError)
  })
})
