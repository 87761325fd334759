/** The three regions of a local system: what `npm start -- --regions` plays on one machine. */

export type LocalRegionPlan = {
  readonly name: string
  /** As it stands in ids. */
  readonly code: string
  readonly at: { readonly latitude: number; readonly longitude: number }
}

export const localRegions: readonly LocalRegionPlan[] = [
  { name: 'us-east1', code: 'use1', at: { latitude: 33.196, longitude: -80.013 } },
  { name: 'europe-west1', code: 'euw1', at: { latitude: 50.449, longitude: 3.818 } },
  { name: 'asia-southeast1', code: 'ase1', at: { latitude: 1.341, longitude: 103.709 } },
]

export const localRegionsMax = localRegions.length

/** Milliseconds of a round trip between two regions: each pair stands here once. */
export const roundTripsMs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'us-east1': { 'europe-west1': 90, 'asia-southeast1': 220 },
  'europe-west1': { 'asia-southeast1': 160 },
}

export function roundTripMs(one: string, other: string): number {
  return roundTripsMs[one]?.[other] ?? roundTripsMs[other]?.[one] ?? 0
}

/** What a commit waits for when it must survive the loss of a region. */
export function nearestRoundTripMs(name: string, others: readonly string[]): number {
  const trips = others.filter((other) => other !== name).map((other) => roundTripMs(name, other))
  return trips.length === 0 ? 0 : Math.min(...trips)
}
