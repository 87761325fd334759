/** A client whose waits are noted and skipped, and whose chance is fixed. */
import { type ClientOptions, createClientWith } from '../../client/create-client.ts'
import { FrontrowError } from '../../client/index.ts'
import type { Ports } from '../../client/ports.ts'
import type { WireServer } from './wire-server.ts'

export const event = 'evt_use1_01j8zzzzzzzzzzzzzzzzzzzzzz'
export const seats = { kind: 'units' as const, units: [1, 2] }

type PortOptions = {
  readonly beforeWait?: (ms: number) => void | Promise<void>
  /** Time passes by waiting and skipping only: a slow machine changes nothing. */
  readonly stillClock?: boolean
}

/** Back-offs are at half of their ceiling: 50, 100, 200 … ms. */
export function testPorts({ beforeWait = () => {}, stillClock = false }: PortOptions = {}) {
  const waits: number[] = []
  let skippedMs = 0
  const ports: Ports = {
    nowMs: () => (stillClock ? 0 : performance.now()) + skippedMs,
    random: () => 0.5,
    wait: async (ms) => {
      waits.push(ms)
      skippedMs += ms
      await beforeWait(ms)
    },
  }
  /** Lets time pass. */
  const skip = (ms: number) => {
    skippedMs += ms
  }
  return { waits, ports, skip }
}

export function testClient(
  servers: readonly (WireServer | string)[],
  options: Partial<ClientOptions> & PortOptions = {},
) {
  const { waits, ports, skip } = testPorts(options)
  const endpoints = servers.map((server) => (typeof server === 'string' ? server : server.url))
  return { client: createClientWith({ ...options, endpoints }, ports), waits, skip }
}

/** The error of a call that must fail. */
export async function errorOf(call: PromiseLike<unknown>): Promise<FrontrowError> {
  try {
    await call
  } catch (error) {
    if (error instanceof FrontrowError) return error
    throw error
  }
  throw new Error('the call succeeded')
}
