import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstBadUtf8Byte } from './utf8.ts'

describe('the first byte that is not UTF-8', () => {
  it('is found exactly when Node says that the bytes are not UTF-8', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom([0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80])
        .map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const bytes = Buffer.concat(pieces)
        const bad = firstBadUtf8Byte(bytes)
        expect(bad === undefined).toBe(isUtf8(bytes))
        expect(isUtf8(bytes.subarray(0, bad))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('points at the start of a character that is cut off at the end', () => {
    expect(firstBadUtf8Byte(Buffer.from('ab€').subarray(0, 4))).toBe(2)
  })
})
