/**
 * A local CockroachDB in the place of PostgreSQL: one node for each region, each kept running and
 * over a folder of its own. Nodes get new ports at each start; the data does not mind.
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import {
  cockroachEnvironment,
  directWay,
  initArguments,
  type NodePlace,
  type Way,
} from './cockroach-arguments.ts'
import { cockroachUrl, prepareCockroachDatabase } from './cockroach-database.ts'
import { type CockroachNode, startCockroachNode } from './cockroach-node.ts'
import type { CockroachProgram } from './cockroach-program.ts'
import { findFreePort } from './free-port.ts'
import { KeptService } from './kept-service.ts'
import { StartError } from './start-error.ts'
import { waitUntil } from './wait-until.ts'

const initWithinMs = 60_000
const initOnceWithinMs = 20_000

export type CockroachOptions = {
  readonly program: CockroachProgram
  readonly dataFolder: string
  /** CockroachDB's names of the regions: a node in each. One alone is a cluster by itself. */
  readonly regions: readonly string[]
  /** Asked once all ports are known and before any node starts; so proxies can stand by then. */
  readonly ways?: (nodes: readonly NodePlace[]) => Promise<Way>
  readonly log: (line: string) => void
}

export type LocalCockroach = AsyncDisposable & {
  /** Of the node in each region. No password: it only listens on this machine. */
  readonly urls: ReadonlyMap<string, string>
  readonly nodes: readonly NodePlace[]
  /** Whether tables live in regions. */
  readonly placed: boolean
  /** Of the first node; null while it is down. */
  readonly pid: number | null
  readonly gaveUp: Promise<string>
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** @throws StartError with one sentence for a person; nothing is left running then. */
export async function startCockroach(options: CockroachOptions): Promise<LocalCockroach> {
  const { program, regions, log } = options
  const nodes = await placesFor(regions)
  const way = options.ways === undefined ? directWay : await options.ways(nodes)
  const kept = await startNodes(options, nodes, way)
  const each = (work: (service: KeptService<CockroachNode>) => Promise<void>) => async () => {
    await Promise.all(kept.map(work))
  }
  const stop = each((service) => service.stop())
  try {
    const [first] = nodes
    if (first === undefined) throw new StartError('A CockroachDB needs one region at least.')
    if (nodes.length > 1) await initialise(program.path, first)
    const placed = await prepareCockroachDatabase({ port: first.port, regions, log })
    return {
      urls: new Map(nodes.map(({ region, port }) => [region, cockroachUrl(port)])),
      nodes,
      placed,
      get pid() {
        return kept[0]?.pid ?? null
      },
      gaveUp: Promise.race(kept.map((service) => service.gaveUp)),
      stop,
      kill: each((service) => service.kill()),
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function placesFor(regions: readonly string[]): Promise<readonly NodePlace[]> {
  const ports = new Set<number>()
  while (ports.size < regions.length * 2) ports.add(await findFreePort())
  const all = [...ports]
  return regions.map((region, place) => ({
    region,
    port: all[place * 2] ?? 0,
    httpPort: all[place * 2 + 1] ?? 0,
  }))
}

/** All at once: a node of a cluster that has data waits for the others. */
async function startNodes(
  { program, dataFolder, log }: CockroachOptions,
  nodes: readonly NodePlace[],
  way: Way,
): Promise<readonly KeptService<CockroachNode>[]> {
  const start = (node: NodePlace) => {
    const folder = join(resolve(dataFolder), node.region)
    mkdirSync(folder, { recursive: true })
    return startCockroachNode({ program: program.path, folder, plan: { node, nodes, way }, log })
  }
  const outcomes = await Promise.allSettled(nodes.map(start))
  const started = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = outcomes.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await Promise.all(started.map((node) => node.stop()))
    throw failed.reason
  }
  return started.map((first, place) => {
    const node = nodes[place] as NodePlace
    const name = `CockroachDB in ${node.region}`
    return new KeptService(first, { name, restart: () => start(node), log })
  })
}

/** Once for the life of the data; a cluster that was made before says so. */
async function initialise(program: string, first: NodePlace): Promise<void> {
  let said = ''
  const isDone = await waitUntil(async () => {
    try {
      await promisify(execFile)(program, initArguments(first), {
        env: cockroachEnvironment,
        timeout: initOnceWithinMs,
      })
      return true
    } catch (cause) {
      said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)
      return said.includes('already been initialized')
    }
  }, initWithinMs)
  if (!isDone) {
    const last = said.trim().split('\n').at(-1) ?? ''
    throw new StartError(`CockroachDB's nodes did not become one cluster: ${last.slice(0, 300)}`)
  }
}
