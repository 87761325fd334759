/**
 * What must hold between the fields of a topology: one meaning for each name, code and address,
 * stand-ins that exist, a lease that outlives a failed heartbeat. Finds all faults, not the first.
 */
import { limits } from './limits.ts'
import type { TopologyDocument } from './topology-document.ts'

/** Where in the file, as keys and indexes; the message is the rest of a sentence that begins there. */
export type TopologyFault = { readonly path: readonly PropertyKey[]; readonly message: string }

export function topologyFaults(document: TopologyDocument): TopologyFault[] {
  return [
    ...repeatedFaults(document, 'name'),
    ...repeatedFaults(document, 'code'),
    ...addressFaults(document),
    ...redisFaults(document),
    ...standInFaults(document),
    ...leaseFaults(document),
    ...roundTripFaults(document),
  ]
}

function repeatedFaults({ regions }: TopologyDocument, field: 'name' | 'code'): TopologyFault[] {
  const first = new Map<string, number>()
  return regions.flatMap((region, index) => {
    const earlier = first.get(region[field])
    if (earlier === undefined) {
      first.set(region[field], index)
      return []
    }
    const message = `is "${region[field]}", the ${field} of regions[${earlier}]: each has its own`
    return [{ path: ['regions', index, field], message }]
  })
}

/** An address leads to the servers of one region, or a call for one would reach the other. */
function addressFaults({ regions }: TopologyDocument): TopologyFault[] {
  const owners = new Map<string, { readonly index: number; readonly list: string }>()
  const faults: TopologyFault[] = []
  const claim = (address: string, path: readonly PropertyKey[], list: string) => {
    const [, index] = path as readonly ['regions', number]
    const owner = owners.get(address)
    if (owner === undefined) owners.set(address, { index, list })
    else if (owner.index !== index) {
      const message = `leads to regions[${owner.index}] already: two regions cannot share an address`
      faults.push({ path, message })
    } else if (owner.list === list) {
      faults.push({ path, message: 'is an address that this list has already' })
    }
  }
  for (const [index, region] of regions.entries()) {
    claim(region.public, ['regions', index, 'public'], 'public')
    for (const [at, address] of region.internal.entries()) {
      claim(address, ['regions', index, 'internal', at], 'internal')
    }
  }
  return faults
}

/** A Redis holds the holds of one region; its loss must not be another region's. */
function redisFaults({ regions }: TopologyDocument): TopologyFault[] {
  const owners = new Map<string, number>()
  return regions.flatMap(({ redis }, index) => {
    if (redis === undefined) return []
    const { host, pathname } = new URL(redis)
    const place = `${host}${pathname.replace(/^\/0?$/, '')}`
    const owner = owners.get(place)
    if (owner === undefined) {
      owners.set(place, index)
      return []
    }
    const message = `is the Redis of regions[${owner}] already: each region has its own`
    return [{ path: ['regions', index, 'redis'], message }]
  })
}

function standInFaults({ regions }: TopologyDocument): TopologyFault[] {
  const names = new Set(regions.map(({ name }) => name))
  return regions.flatMap(({ name, standIns }, index) =>
    standIns.flatMap((standIn, at) => {
      const fault = (message: string) => [{ path: ['regions', index, 'standIns', at], message }]
      if (standIn === name) return fault('is the region itself: others stand in for it')
      if (!names.has(standIn)) return fault(`names "${standIn}", which is no region of this file`)
      if (standIns.indexOf(standIn) < at) return fault(`names "${standIn}" again`)
      return []
    }),
  )
}

function leaseFaults({ lease }: TopologyDocument): TopologyFault[] {
  const { heartbeatsPerLeaseMin: least } = limits
  const needed = Math.ceil(least * lease.heartbeatMs)
  if (lease.lengthMs >= needed) return []
  const message =
    `must be at least ${least} heartbeats, here ${needed} ms: ` +
    'a lease that one late heartbeat ends changes hands without need'
  return [{ path: ['lease', 'lengthMs'], message }]
}

/** All pairs or none, each once or twice alike: a pair that was forgotten would cost nothing. */
function roundTripFaults({ regions, roundTripsMs }: TopologyDocument): TopologyFault[] {
  const names = regions.map(({ name }) => name)
  const faults: TopologyFault[] = []
  for (const [from, row] of Object.entries(roundTripsMs)) {
    const path = ['roundTripsMs', from]
    if (!names.includes(from)) faults.push({ path, message: 'is no region of this file' })
    for (const [to, ms] of Object.entries(row)) {
      const message = roundTripFault({ names, from, to, ms, back: roundTripsMs[to]?.[from] })
      if (message !== null) faults.push({ path: [...path, to], message })
    }
  }
  if (faults.length > 0 || Object.keys(roundTripsMs).length === 0) return faults
  const missing = names.flatMap((from, index) =>
    names
      .slice(index + 1)
      .filter((to) => (roundTripsMs[from]?.[to] ?? roundTripsMs[to]?.[from]) === undefined)
      .map((to) => `${from} and ${to}`),
  )
  return missing.map((pair) => ({
    path: ['roundTripsMs'],
    message: `lacks the one between ${pair}`,
  }))
}

type Pair = {
  readonly names: readonly string[]
  readonly from: string
  readonly to: string
  readonly ms: number
  readonly back: number | undefined
}

function roundTripFault({ names, from, to, ms, back }: Pair): string | null {
  if (!names.includes(to)) return 'is no region of this file'
  if (from === to) return 'is the way of a region to itself, which is nothing'
  if (back === undefined || back === ms) return null
  return `contradicts roundTripsMs.${to}.${from}: a round trip has one length`
}
