/**
 * A small container that shares the network of another one for the time of a script: it may change
 * what passes there, and sees who waits there. The images of the system have no tools for that, and
 * need none.
 */
import { waitingIn } from '../faults/asleep.ts'
import type { Containers } from './containers.ts'
import { linksImage, portOf } from './places.ts'

/** @param service that runs; it may be paused */
export function runBeside(
  containers: Containers,
  service: string,
  script: string,
): Promise<string> {
  const network = `container:${containers.id(service)}`
  const rights = [
    '--user',
    '0',
    '--cap-drop',
    'ALL',
    '--cap-add',
    'NET_ADMIN',
    '--cap-add',
    'NET_RAW',
  ]
  return containers.docker(
    'run',
    '--rm',
    '--network',
    network,
    ...rights,
    linksImage,
    'sh',
    '-e',
    '-c',
    script,
  )
}

/** Callers that wait at those that sleep: connections with words that nobody has read. */
export async function waitingAt(
  containers: Containers,
  services: readonly string[],
): Promise<number> {
  const counts = services.map(async (service) => {
    const port = portOf(service)
    if (port === null) return 0
    const script = 'cat /proc/net/tcp /proc/net/tcp6'
    return waitingIn(await runBeside(containers, service, script), [port])
  })
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}
