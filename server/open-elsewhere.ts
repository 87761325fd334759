/** The way to other regions' servers, from the topology and this region's keys. Wiring only. */
import type { Services } from './application/services.ts'
import type { Config } from './config.ts'
import { RegionLinks } from './gateways/region-calls/region-links.ts'
import { ConfigError } from './platform/config-fault.ts'
import type { Telemetry } from './platform/telemetry.ts'
import { regionCallSignerOf } from './token-parts.ts'
import { CallsElsewhere } from './transport/calls-elsewhere.ts'

export type OpenedElsewhere = { readonly calls: CallsElsewhere; readonly links: RegionLinks }

type Parts = { readonly services: Services; readonly telemetry: Telemetry }

/**
 * @returns null where this region is alone
 * @throws ConfigError where it has no key to sign its calls with
 */
export async function openElsewhere(
  config: Config,
  { services, telemetry }: Parts,
): Promise<OpenedElsewhere | null> {
  const { topology } = config
  if (topology === null) return null
  const signer = await regionCallSignerOf(config)
  if (signer === null) {
    throw new ConfigError('REGION_CALL_KEYS: is missing; calls to other regions are signed with it')
  }
  const others = topology.regions.filter(({ name }) => name !== config.REGION)
  const links = new RegionLinks({
    addresses: new Map(others.map(({ name, internalUrls }) => [name, internalUrls])),
    signer,
    clock: services.clock,
    metrics: telemetry,
  })
  const standIns = new Map(topology.regions.map(({ name, standIns: own }) => [name, own]))
  return { calls: new CallsElsewhere(services, { links, standIns }), links }
}
