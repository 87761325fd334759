/**
 * The topology of a local system of several regions, as its servers read it: made at each start,
 * because the ports are. Each region has a file of its own, in which the others' addresses are its
 * own links to them; `direct.json` has the servers' own addresses, for tools.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DataFolder, folderIn } from '../data-folder.ts'
import { type LocalRegionPlan, localLease, roundTripsMs } from '../local-regions.ts'

export type TopologyPlace = LocalRegionPlan & {
  /** Of its server, without a link. */
  readonly url: string
  /** Links to the other regions' servers, by their names. */
  readonly linkUrls: Readonly<Record<string, string>>
}

/** @returns where the file of each region is, by name. */
export function writeTopologyFiles(
  data: DataFolder,
  places: readonly TopologyPlace[],
): Readonly<Record<string, string>> {
  const folder = folderIn(data, 'topology')
  const write = (name: string, seenFrom: TopologyPlace | null): string => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, `${JSON.stringify(topology(places, seenFrom), null, 2)}\n`)
    return file
  }
  write('direct', null)
  return Object.fromEntries(places.map((place) => [place.name, write(place.name, place)]))
}

function topology(places: readonly TopologyPlace[], seenFrom: TopologyPlace | null) {
  const names = new Set(places.map(({ name }) => name))
  const among = (trips: Readonly<Record<string, number>>) =>
    Object.entries(trips).filter(([name]) => names.has(name))
  return {
    regions: places.map(({ name, code, url, latitude, longitude, standIns }) => ({
      name,
      code,
      public: url,
      internal: [seenFrom?.linkUrls[name] ?? url],
      at: { latitude, longitude },
      standIns: standIns.filter((other) => names.has(other)),
    })),
    lease: localLease,
    roundTripsMs: Object.fromEntries(
      Object.entries(roundTripsMs).flatMap(([name, trips]) => {
        const kept = among(trips)
        return names.has(name) && kept.length > 0 ? [[name, Object.fromEntries(kept)]] : []
      }),
    ),
  }
}
