/** Where docker-compose.multi-region.yml and docker-compose.drills.yml put what a drill reaches. */

export const projectName = 'frontrow-multi-region'
export const composeFiles = [
  'docker-compose.multi-region.yml',
  'docker-compose.drills.yml',
] as const
export const envFile = '.env.multi-region'
/** Has iproute2 and iptables; ops/compose/links.Dockerfile makes it. */
export const linksImage = 'frontrow:drill-links'
export const stripeService = 'stripe-simulator'
export const stripeUrl = 'http://localhost:12111'

/** On which each part listens inside of its container. */
export const ports = { server: 4000, database: 26257, redis: 6379, stripe: 12111 } as const

export type ComposeRegion = {
  readonly name: string
  /** As names of services end with it. */
  readonly code: string
  readonly url: string
  readonly metricsUrl: string
  /** Of its balancer, on this machine. */
  readonly sqlPort: number
}

export const composeRegions: readonly ComposeRegion[] = [
  { name: 'us-east1', code: 'use1', server: 4001, metrics: 9471, sqlPort: 26_261 },
  { name: 'europe-west1', code: 'euw1', server: 4002, metrics: 9472, sqlPort: 26_262 },
  { name: 'asia-southeast1', code: 'ase1', server: 4003, metrics: 9473, sqlPort: 26_263 },
].map(({ server, metrics, ...place }) => ({
  ...place,
  url: `http://localhost:${server}`,
  metricsUrl: `http://localhost:${metrics}/metrics`,
}))

export type RegionParts = {
  readonly nodes: readonly string[]
  readonly balancer: string
  readonly redis: string
  readonly typesense: string
  readonly server: string
}

export function partsOf({ code }: Pick<ComposeRegion, 'code'>): RegionParts {
  return {
    nodes: [`cockroach-${code}-1`, `cockroach-${code}-2`],
    balancer: `balancer-${code}`,
    redis: `redis-${code}`,
    typesense: `typesense-${code}`,
    server: `server-${code}`,
  }
}

/** In the order in which they are started. */
export function servicesOf(region: Pick<ComposeRegion, 'code'>): readonly string[] {
  const { nodes, balancer, redis, typesense, server } = partsOf(region)
  return [...nodes, balancer, redis, typesense, server]
}

/** The port on which a service is called by others; null: nobody of the sale calls it. */
export function portOf(service: string): number | null {
  if (service.startsWith('server-')) return ports.server
  if (service.startsWith('redis-')) return ports.redis
  if (service === stripeService) return ports.stripe
  return /^(cockroach|balancer)-/.test(service) ? ports.database : null
}
