/**
 * The links between containers and, as text, what is done to them: lines of a shell script for the
 * network of the caller, and for that of the one who is called. A rule carries the name of its link,
 * so that it is found again by looking. Nothing here runs anything.
 *
 * https://man7.org/linux/man-pages/man8/iptables-extensions.8.html
 * https://man7.org/linux/man-pages/man8/tc-netem.8.html
 */
import type { LinkFault } from '../../../regions/local/links/link-plan.ts'
import { composeRegions, partsOf, ports } from '../../compose/places.ts'

export type ComposeLink = {
  readonly from: string
  readonly to: string
  /** The services whose containers it is between. */
  readonly caller: string
  readonly called: string
  readonly port: number
  /** Of the queue in which tc holds its packets; another one for each link. */
  readonly band: number
}

/** The band of everything else. */
const plainBand = 1
const bands = 16
/** Of packets, as Linux tells them apart: none of them chooses a band here. */
const priorities = 16

/** Between the servers of two regions, and from each to the balancer of its database. */
export const composeLinks: readonly ComposeLink[] = composeRegions
  .flatMap((region) => {
    const from = region.name
    const { server: caller, balancer } = partsOf(region)
    const others = composeRegions.filter(({ name }) => name !== from)
    return [
      ...others.map((other) => {
        return { from, to: other.name, caller, called: partsOf(other).server, port: ports.server }
      }),
      { from, to: 'database', caller, called: balancer, port: ports.database },
    ]
  })
  .map((link, index) => ({ ...link, band: plainBand + 1 + index }))

/** Of both ends on the networks that they share, in the same order. */
export type Addresses = { readonly caller: readonly string[]; readonly called: readonly string[] }

export type Lines = { readonly caller: readonly string[]; readonly called: readonly string[] }

/** Letters that iptables prints as they are. */
export function tagOf({ from, to }: ComposeLink): string {
  return `frontrow-drill_${from}_${to}`
}

/** @param at must be of containers that run: a dead one has no network */
export function linesToSet(link: ComposeLink, fault: LinkFault, at: Addresses): Lines {
  switch (fault.kind) {
    case 'cut':
      return { caller: reset(link, at), called: [] }
    case 'black-hole':
      return { caller: [...drop(link, at, 'there'), ...drop(link, at, 'back')], called: [] }
    case 'one-way':
      return { caller: drop(link, at, fault.lost), called: [] }
    case 'half-open':
      return {
        caller: [...drop(link, at, 'there'), ...drop(link, at, 'back')],
        called: forget(link, at),
      }
    case 'slow':
      return held(link, at, `rate ${fault.bytesPerSecond}bps limit 100000`)
    case 'late':
      return held(link, at, `delay ${fault.byMs}ms limit 100000`)
  }
}

/** What is there of this link, whatever set it; changes nothing where there is nothing. */
export function linesToClear(link: ComposeLink): readonly string[] {
  const found = `sed -n '/${tagOf(link)}[" ]/s/^-A /-D /p'`
  return [
    // An assignment, so that the script ends where the rules cannot even be read.
    'rules=$(iptables -w 5 -S)',
    `echo "$rules" | ${found} | while read -r rule; do eval "iptables -w 5 $rule"; done`,
    'for path in /sys/class/net/*; do',
    '  dev=${path##*/}',
    `  tc filter del dev "$dev" parent 1: prio ${link.band} 2>/dev/null || true`,
    `  tc qdisc del dev "$dev" parent 1:${hex(link.band)} 2>/dev/null || true`,
    '  if tc qdisc show dev "$dev" | grep -q "qdisc prio 1: " &&',
    '    ! tc qdisc show dev "$dev" | grep -q netem; then tc qdisc del dev "$dev" root; fi',
    'done',
  ]
}

/** Prints all rules and queues with their counts: what `met` reads. */
export const linesToLook: readonly string[] = [
  'iptables -w 5 -nvxL',
  'for path in /sys/class/net/*; do tc -s qdisc show dev "${path##*/}"; done',
]

export type Met = { readonly isSet: boolean; readonly packets: number }

/** @param seen what `linesToLook` has printed */
export function met(link: ComposeLink, seen: string): Met {
  const rules = [...seen.matchAll(/^ *(\d+) +\d+ .*\/\* (\S+) \*\/.*$/gm)]
    .filter(([, , tag]) => tag === tagOf(link))
    .map(([, packets]) => Number(packets))
  const queues = [
    ...seen.matchAll(/^qdisc netem \w+: parent 1:(\w+) .*\n Sent \d+ bytes (\d+) pkt/gm),
  ]
    .filter(([, band]) => band === hex(link.band))
    .map(([, , packets]) => Number(packets))
  const counts = [...rules, ...queues]
  return { isSet: counts.length > 0, packets: counts.reduce((sum, count) => sum + count, 0) }
}

type Way = 'there' | 'back'

/** The kernels of both ends send again until it passes, so that it comes when it is healed. */
function drop(link: ComposeLink, at: Addresses, way: Way): readonly string[] {
  return ruled(link, { at, way, flags: '', target: 'DROP' })
}

/** Resets pass, also those that these rules send: the near side gets its own over the same hooks. */
function reset(link: ComposeLink, at: Addresses): readonly string[] {
  const target = 'REJECT --reject-with tcp-reset'
  const flags = '--tcp-flags RST NONE '
  return (['there', 'back'] as const).flatMap((way) => ruled(link, { at, way, flags, target }))
}

type RuleWish = {
  readonly at: Addresses
  readonly way: Way
  readonly flags: string
  readonly target: string
}

function ruled(link: ComposeLink, { at, way, flags, target }: RuleWish): readonly string[] {
  const tag = `-m comment --comment ${tagOf(link)}`
  return at.called.map((address) => {
    const match =
      way === 'there'
        ? `OUTPUT -p tcp ${flags}-d ${address} --dport ${link.port}`
        : `INPUT -p tcp ${flags}-s ${address} --sport ${link.port}`
    return `iptables -w 5 -A ${match} ${tag} -j ${target}`
  })
}

/** The far side forgets its connections; its resets are lost, for the caller's rules stand first. */
function forget({ port }: ComposeLink, { caller }: Addresses): readonly string[] {
  return caller.map(
    (address) => `ss -K -H -t -n state established "( sport = :${port} )" dst ${address}`,
  )
}

/** tc holds only what leaves, so that each end holds what it says. */
function held(link: ComposeLink, at: Addresses, how: string): Lines {
  const { port } = link
  const toCalled = at.called.map((address) => ({ address, match: `match ip dport ${port} 0xffff` }))
  const toCaller = at.caller.map((address) => ({ address, match: `match ip sport ${port} 0xffff` }))
  return {
    caller: toCalled.flatMap((one) => queued(link, how, one)),
    called: toCaller.flatMap((one) => queued(link, how, one)),
  }
}

function queued(
  { band }: ComposeLink,
  how: string,
  { address, match }: { readonly address: string; readonly match: string },
): readonly string[] {
  const all = Array.from({ length: priorities }, () => plainBand - 1).join(' ')
  const flow = `1:${hex(band)}`
  return [
    `dev=$(ip -o route get ${address} | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')`,
    'tc qdisc show dev "$dev" | grep -q "qdisc prio 1: " ||',
    `  tc qdisc add dev "$dev" root handle 1: prio bands ${bands} priomap ${all}`,
    `tc qdisc replace dev "$dev" parent ${flow} handle ${hex(0x10 + band)}: netem ${how}`,
    `tc filter add dev "$dev" parent 1: protocol ip prio ${band} u32 match ip protocol 6 0xff match ip dst ${address}/32 ${match} flowid ${flow}`,
  ]
}

/** As tc reads the numbers of queues. */
function hex(number: number): string {
  return number.toString(16)
}
