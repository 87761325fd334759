/**
 * The calls of `admin.regions` as this command makes them, over the client like everybody else's.
 * The one file of the command that knows how they look.
 */
import { type Client, createClient, FrontrowError } from '../../client/index.ts'
import { CommandError } from './command-error.ts'

type RegionsApi = Client['admin']['regions']
export type RegionsStatus = Awaited<ReturnType<RegionsApi['status']['query']>>
export type RegionStatus = RegionsStatus['regions'][number]
export type HomeStatus = RegionStatus['homes'][number]
export type FollowerStatus = RegionStatus['followers'][number]
export type Moves = Awaited<ReturnType<RegionsApi['drain']['mutate']>>
type DrainWish = Parameters<RegionsApi['drain']['mutate']>[0]
type RestoreWish = Parameters<RegionsApi['restore']['mutate']>[0]

/** A whole hold book is copied before a move; the pause of sales is a second of that at most. */
const moveDeadlineMs = 60_000

export type AdminCallsOptions = {
  /** Servers in order of preference: the first that answers is asked. */
  readonly endpoints: readonly string[]
  readonly token: string
  /** Goes into the audit log; empty for a look. */
  readonly reason: string
}

export type AdminCalls = {
  readonly status: () => Promise<RegionsStatus>
  readonly drain: (wish: DrainWish) => Promise<Moves>
  readonly restore: (wish: RestoreWish) => Promise<Moves>
}

/** Each call rejects with a CommandError that says what the server said. */
export function adminCalls({ endpoints, token, reason }: AdminCallsOptions): AdminCalls {
  const client = createClient({
    endpoints,
    token,
    fetch: (url, init) => fetch(url, withReason(init, reason)),
  })
  const { regions } = client.admin
  const options = { context: { deadlineMs: moveDeadlineMs } }
  return {
    status: () => said(regions.status.query({})),
    drain: (wish) => said(regions.drain.mutate(wish, options)),
    restore: (wish) => said(regions.restore.mutate(wish, options)),
  }
}

function withReason(init: RequestInit | undefined, reason: string): RequestInit {
  const headers = new Headers(init?.headers)
  if (reason !== '') headers.set('x-acting-reason', encodeURIComponent(reason))
  return { ...init, headers }
}

async function said<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    if (!(cause instanceof FrontrowError)) throw cause
    throw new CommandError(`${cause.message} (${cause.code})`, { cause })
  }
}
