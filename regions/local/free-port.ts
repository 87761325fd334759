/**
 * Ports on 127.0.0.1. A free port is only free at the moment of asking: whoever starts a server on
 * one must be ready to try another (see `startOnPort`).
 */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { StartError } from './start-error.ts'

const portAttempts = 5

/**
 * Below those that systems give to connections that go out: what listens here, stops, and is started
 * again finds its port as it was.
 */
const ports = { from: 15_000, to: 32_000 }
const drawsMax = 20

/** @returns a port on 127.0.0.1 that nothing listens on right now. */
export async function findFreePort(): Promise<number> {
  for (let draw = 0; draw < drawsMax; draw += 1) {
    const drawn = randomInt(ports.from, ports.to)
    if (await isPortFree(drawn)) return drawn
  }
  const port = await listenBriefly(0)
  if (port === undefined) throw new StartError('No free port was found on 127.0.0.1.')
  return port
}

/** @returns whether something could listen on 127.0.0.1 at this port right now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenBriefly(port)) !== undefined
}

/** Thrown by a starter when its port was taken between the look and the bind. */
export class PortTakenError extends StartError {
  constructor(name: string, port: number) {
    super(
      `${name} can't listen on 127.0.0.1:${port}: another program uses this port. Stop that program or choose another port.`,
    )
  }
}

/**
 * Runs `start` on the wished port, which must be free, or on free ones until one works.
 * @throws PortTakenError when the wished port is taken.
 */
export async function startOnPort<Started>(
  wish: { readonly name: string; readonly port: number | undefined },
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  if (wish.port !== undefined) {
    if (!(await isPortFree(wish.port))) throw new PortTakenError(wish.name, wish.port)
    return await start(wish.port)
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await findFreePort())
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === portAttempts) throw error
    }
  }
}

async function listenBriefly(port: number): Promise<number | undefined> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      const found = typeof address === 'object' && address !== null ? address.port : undefined
      server.close(() => resolve(found))
    })
  })
}
