/**
 * How a node of a local CockroachDB is started: insecure, and therefore on 127.0.0.1 alone. One
 * node by itself is a whole cluster; several must be told of each other, and made one by `init`.
 */

export type NodePlace = {
  /** CockroachDB's name of the region that the node stands in. */
  readonly region: string
  readonly port: number
  readonly httpPort: number
}

/**
 * Where nodes of one region reach the node of another, as host:port. A launcher that simulates
 * distance puts a proxy on each way and answers with the proxy's address; without one all is near.
 */
export type Way = (from: string, to: NodePlace) => string

export const directWay: Way = (_, to) => addressOf(to)

export function addressOf({ port }: NodePlace): string {
  return `127.0.0.1:${port}`
}

export type NodePlan = {
  readonly node: NodePlace
  /** All nodes of the cluster, this one included. */
  readonly nodes: readonly NodePlace[]
  readonly storeFolder: string
  readonly way: Way
}

/** The arguments of `cockroach`. */
export function nodeArguments({ node, nodes, storeFolder, way }: NodePlan): string[] {
  const others = nodes.filter((one) => one.region !== node.region)
  const common = [
    '--insecure',
    `--store=${storeFolder}`,
    `--listen-addr=${addressOf(node)}`,
    `--http-addr=127.0.0.1:${node.httpPort}`,
    `--locality=region=${node.region},zone=${node.region}-a`,
    '--cache=128MiB',
    '--max-sql-memory=128MiB',
  ]
  if (others.length === 0) return ['start-single-node', ...common]
  return [
    'start',
    ...common,
    `--advertise-addr=${addressOf(node)}`,
    // Nodes of those regions use these addresses in the place of the advertised one.
    `--locality-advertise-addr=${others.map((one) => `region=${one.region}@${way(one.region, node)}`).join(',')}`,
    `--join=${others.map((one) => way(node.region, one)).join(',')}`,
    '--max-offset=250ms',
  ]
}

export function initArguments(first: NodePlace): string[] {
  return ['init', '--insecure', `--host=${addressOf(first)}`]
}

/** Nobody is told of a trial on somebody's machine. */
export const cockroachEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/',
  LC_ALL: 'C',
  TZ: 'UTC',
  COCKROACH_SKIP_ENABLING_DIAGNOSTIC_REPORTING: 'true',
  COCKROACH_SKIP_UPDATE_CHECK: 'true',
}
