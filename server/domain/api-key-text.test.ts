/** A key's text: what is read of it, and what is no key. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newApiKey, prefixBytes, readApiKey, sameHash, secretBytes } from './api-key-text.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const anyKey = fc
  .record({ prefix: bytes(prefixBytes), secret: bytes(secretBytes) })
  .map((random) => newApiKey(random))

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.'.split('')

describe("a key's text", () => {
  it('is the same for the same bytes, for ever', () => {
    const { text, prefix } = newApiKey({
      prefix: new Uint8Array(prefixBytes).fill(1),
      secret: new Uint8Array(secretBytes).fill(2),
    })
    expect(prefix).toBe('0101010101010101')
    expect(text).toBe('frk_0101010101010101_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI38gPnu')
  })

  it('gives back what is kept of it', () => {
    fc.assert(
      fc.property(anyKey, ({ text, prefix, secretHash }) => {
        expect(text).toMatch(/^frk_[0-9a-f]{16}_[A-Za-z0-9_-]{49}$/)
        expect(readApiKey(text)).toEqual({ prefix, secretHash })
        const secret = text.slice(21, 64)
        expect(secretHash).toBe(createHash('sha256').update(secret).digest('hex'))
      }),
    )
  })

  it('with any one character changed is none', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(69), fc.constantFrom(...alphabet), ({ text }, at, other) => {
        fc.pre(text[at] !== other)
        expect(readApiKey(text.slice(0, at) + other + text.slice(at + 1))).toBeNull()
      }),
    )
  })

  it('is nothing but such a text', () => {
    const text = fc.sample(anyKey, 1)[0]?.text ?? ''
    for (const other of ['', 'frk_', ` ${text}`, `${text} `, `${text}\n`, text.toUpperCase()]) {
      expect(readApiKey(other)).toBeNull()
    }
  })
})

it('hashes are the same or not, whatever their lengths', () => {
  const [one, other] = ['ab'.repeat(32), 'ac'.repeat(32)]
  expect(sameHash(one, one)).toBe(true)
  expect(sameHash(one, other)).toBe(false)
  expect(sameHash(one, one.slice(2))).toBe(false)
  expect(sameHash(one, '')).toBe(false)
})
