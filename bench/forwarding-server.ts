/** One regional server for bench/forwarding.ts, which tells it the topology as JSON. */
import { readConfig } from '../server/config.ts'
import type { Topology } from '../server/platform/topology.ts'
import { startServer } from '../server/start-server.ts'

const { TOPOLOGY_JSON: topology = '', ...settings } = process.env
const server = await startServer(readConfig(settings), undefined, {
  topology: JSON.parse(topology) as Topology,
})
process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGTERM'))
process.stdout.write(`${JSON.stringify({ listening: server.url, metrics: server.metricsUrl })}\n`)
