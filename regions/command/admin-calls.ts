/**
 * The calls of `admin.regions` as this command makes them, over the client like everybody else's.
 * The one file of the command that knows how they look.
 */
import { createClient, FrontrowError } from '../../client/index.ts'
import { CommandError } from './command-error.ts'

export type HomeStatus = {
  readonly home: string
  readonly epoch: number
  readonly leaseLeftMs: number
}
export type FollowerStatus = {
  readonly home: string
  readonly lagMs: number | null
  readonly state: string
}
export type RegionStatus = {
  readonly name: string
  readonly drained: boolean
  /** Null: nobody has asked it yet. */
  readonly answers: boolean | null
  /** The home regions for which it sells. */
  readonly homes: readonly HomeStatus[]
  /** The home regions whose holds it copies. */
  readonly followers: readonly FollowerStatus[]
}
export type RegionsStatus = {
  readonly asOf: string
  readonly regions: readonly RegionStatus[]
}

export type Move = {
  readonly home: string
  readonly from: string
  readonly to: string
  readonly epoch: number
  readonly pausedMs: number
}
export type Moves = { readonly moved: readonly Move[] }

export type DrainWish = {
  readonly region: string
  readonly to?: string
  readonly key: string
}
export type RestoreWish = { readonly region: string; readonly key: string }

/** What the command needs of `client.admin.regions`. */
type RegionsApi = {
  readonly status: { readonly query: (input?: undefined) => Promise<RegionsStatus> }
  readonly drain: { readonly mutate: (wish: DrainWish, options?: MoveOptions) => Promise<Moves> }
  readonly restore: {
    readonly mutate: (wish: RestoreWish, options?: MoveOptions) => Promise<Moves>
  }
}
type MoveOptions = { readonly context: { readonly deadlineMs: number } }

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
  const { regions } = client.admin as unknown as { readonly regions: RegionsApi }
  const options = { context: { deadlineMs: moveDeadlineMs } }
  return {
    status: () => said(regions.status.query()),
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
