import { describe, expect, it } from 'vitest'
import { type NodePlace, nodeArguments, type Way } from './cockroach-arguments.ts'

const place = (region: string, port: number): NodePlace => ({ region, port, httpPort: port + 100 })
const east = place('us-east1', 1001)
const west = place('europe-west1', 1002)
const asia = place('asia-southeast1', 1003)
const near: Way = (_, to) => `127.0.0.1:${to.port}`

const common = [
  '--insecure',
  '--store=/data/store',
  '--listen-addr=127.0.0.1:1001',
  '--http-addr=127.0.0.1:1101',
  '--locality=region=us-east1,zone=us-east1-a',
  '--cache=128MiB',
  '--max-sql-memory=128MiB',
]

describe('the arguments of a node', () => {
  const plan = { node: east, storeFolder: '/data/store', way: near }

  it('make one alone a whole cluster', () => {
    expect(nodeArguments({ ...plan, nodes: [east] })).toEqual(['start-single-node', ...common])
  })

  it('tell one of several of the others', () => {
    expect(nodeArguments({ ...plan, nodes: [east, west, asia] })).toEqual([
      'start',
      ...common,
      '--advertise-addr=127.0.0.1:1001',
      '--locality-advertise-addr=region=europe-west1@127.0.0.1:1001,region=asia-southeast1@127.0.0.1:1001',
      '--join=127.0.0.1:1002,127.0.0.1:1003',
      '--max-offset=250ms',
    ])
  })

  it('put a launcher’s proxy on each way, in the direction in which it is gone', () => {
    const proxied: Way = (from, to) => `${from}.to.${to.region}`
    const nodes = [east, west, asia]
    const [some, others] = [east, west].map((node) =>
      nodeArguments({ ...plan, node, nodes, way: proxied }),
    )
    expect(some).toContain('--join=us-east1.to.europe-west1,us-east1.to.asia-southeast1')
    expect(some).toContain(
      '--locality-advertise-addr=region=europe-west1@europe-west1.to.us-east1,region=asia-southeast1@asia-southeast1.to.us-east1',
    )
    expect(others).toContain('--join=europe-west1.to.us-east1,europe-west1.to.asia-southeast1')
  })
})
