/** Where everything of one region of several is reached, and over which link. Pure. */
import type { ServerPorts } from '../local-ports.ts'
import type { LocalRegionPlan } from '../local-regions.ts'
import { database, fansOf, type RunningLinks } from './start-links.ts'

export type RegionPlace = LocalRegionPlan & {
  readonly ports: ServerPorts
  /** Of its server, without a link. */
  readonly url: string
  /** Over the region's own link. Holds a password: never log it. */
  readonly databaseUrl: string
  /** The other regions' servers as its own server reaches them, by name. */
  readonly linkUrls: Readonly<Record<string, string>>
  /** All servers as a fan of this region reaches them: the own one directly, others over a link. */
  readonly fanUrls: Readonly<Record<string, string>>
}

export type RegionToPlace = { readonly plan: LocalRegionPlan; readonly ports: ServerPorts }

export function placesOf(
  regions: readonly RegionToPlace[],
  links: Pick<RunningLinks, 'urlOf'>,
  databaseUrl: string,
): readonly RegionPlace[] {
  const own = (ports: ServerPorts) => `http://127.0.0.1:${ports.http}`
  const names = regions.map(({ plan }) => plan.name)
  return regions.map(({ plan, ports }) => {
    const { name } = plan
    const others = names.filter((other) => other !== name)
    const over = (from: string) =>
      Object.fromEntries(others.map((other) => [other, links.urlOf(from, other).origin]))
    return {
      ...plan,
      ports,
      url: own(ports),
      databaseUrl: links.urlOf(name, database, databaseUrl).href,
      linkUrls: over(name),
      fanUrls: { [name]: own(ports), ...over(fansOf(name)) },
    }
  })
}
