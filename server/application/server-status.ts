/** What a server tells the servers of other regions about itself. Asks nobody, so that it is quick. */
import type { FollowStatus } from '../domain/hold-replication.ts'
import type { Services } from './services.ts'

export type ServerStatus = {
  readonly region: string
  readonly version: string
  readonly holdBook: Services['holdBook']['kind']
  /** True once it takes no new work: whoever looks for a server goes on to another. */
  readonly draining: boolean
  /** Of whose hold books this region keeps copies. */
  readonly following: readonly FollowStatus[]
}

export function serverStatus(
  services: Pick<Services, 'region' | 'version' | 'holdBook' | 'draining' | 'following'>,
): ServerStatus {
  const { region, version, holdBook, draining, following } = services
  return {
    region,
    version,
    holdBook: holdBook.kind,
    draining: draining(),
    following: following?.table.followStatus() ?? [],
  }
}
