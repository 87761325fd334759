/**
 * Clients' addresses, and the blocks in which they are counted: one IPv4 address, since many who
 * have nothing to do with each other share a /24; an IPv6 /64, since one house has all of it.
 */
import ipaddr from 'ipaddr.js'

/** The address in its one form, IPv4 without its IPv6 clothes; null for anything else. */
export function plainAddress(text: string): string | null {
  const address = text.split('%', 1)[0] ?? ''
  if (!ipaddr.IPv6.isValid(address) && !ipaddr.IPv4.isValidFourPartDecimal(address)) return null
  return ipaddr.process(address).toString()
}

/** `192.0.2.7`, `2001:db8:1:2::/64`, or `unknown`. */
export function addressBlockOf(text: string): string {
  const address = plainAddress(text)
  if (address === null) return 'unknown'
  if (!address.includes(':')) return address
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64`
}

/** A network as `10.0.0.0/8`, or a single address. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text) || plainAddress(text) === text
}
