import { describe, expect, it } from 'vitest'
import { addressBlockOf, isNetwork, plainAddress } from './address-block.ts'

describe('address blocks', () => {
  it('are one address of IPv4, in whatever clothes', () => {
    expect(addressBlockOf('192.0.2.7')).toBe('192.0.2.7')
    expect(addressBlockOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
    expect(addressBlockOf('::ffff:c000:207')).toBe('192.0.2.7')
  })

  it('are a /64 of IPv6', () => {
    const block = addressBlockOf('2001:db8:1:2::1')
    expect(block).toBe('2001:db8:1:2::/64')
    expect(addressBlockOf('2001:DB8:1:2:ffff:ffff:ffff:ffff')).toBe(block)
    expect(addressBlockOf('2001:db8:1:3::1')).not.toBe(block)
  })

  it.each(['', 'unknown', '1', '0x7f.1', '999.1.1.1', '1.2.3.4:80', '<script>', '10.0.0.1/8'])(
    'are none of %s',
    (text) => {
      expect(plainAddress(text)).toBeNull()
      expect(addressBlockOf(text)).toBe('unknown')
    },
  )

  it('networks are told from other texts', () => {
    expect(['10.0.0.0/8', '2001:db8::/32', '127.0.0.1'].every(isNetwork)).toBe(true)
    expect(['10.0.0.0/33', '10.0', 'localhost', '*', ''].some(isNetwork)).toBe(false)
  })
})
