/** Where the servers of a local system listen: beside each other, where these ports are free. */
import { findFreePort, isPortFree, PortTakenError } from './free-port.ts'

const portMax = 65_535
/** Of one region: its API, then its metrics. */
const portsOfRegion = 2

export type ServerPorts = { readonly http: number; readonly metrics: number }

/** @throws PortTakenError before anything is started, when a wished port is taken. */
export async function chooseServerPorts(
  wish: number | undefined,
  regions: number,
): Promise<readonly ServerPorts[]> {
  const chosen = new Set<number>()
  const ports: ServerPorts[] = []
  for (let region = 0; region < regions; region += 1) {
    const wished = wish === undefined ? undefined : wish + region * portsOfRegion
    const http = wished ?? (await freeBeside(chosen))
    if (http > portMax || (wished !== undefined && !(await isPortFree(http)))) {
      throw new PortTakenError('Frontrow', http)
    }
    const metrics = await portBeside(http + 1, chosen.add(http))
    chosen.add(metrics)
    ports.push({ http, metrics })
  }
  return ports
}

/** @returns this port if it is free, else another one; never one of the chosen. */
export async function portBeside(port: number, chosen: ReadonlySet<number>): Promise<number> {
  const isUsable = port <= portMax && !chosen.has(port) && (await isPortFree(port))
  return isUsable ? port : freeBeside(chosen)
}

async function freeBeside(chosen: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const found = await findFreePort()
    if (!chosen.has(found)) return found
  }
}
