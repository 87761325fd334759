/** What a server tells the servers of other regions about itself. Asks nobody, so that it is quick. */
import type { Services } from './services.ts'

export type ServerStatus = {
  readonly region: string
  readonly version: string
  readonly holdBook: Services['holdBook']['kind']
  /** True once it takes no new work: whoever looks for a server goes on to another. */
  readonly draining: boolean
}

export function serverStatus(
  services: Pick<Services, 'region' | 'version' | 'holdBook' | 'draining'>,
): ServerStatus {
  const { region, version, holdBook, draining } = services
  return { region, version, holdBook: holdBook.kind, draining: draining() }
}
