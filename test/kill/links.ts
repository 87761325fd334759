/** The connections of a server to its neighbours, each through a proxy when somebody watches. */
import { Closers } from '../support/closers.ts'
import {
  httpRequests,
  postgresRequests,
  type RequestReader,
  redisRequests,
} from '../support/request-readers.ts'
import { startTcpProxy, type Watch } from '../support/tcp-proxy.ts'

export type Link = 'fan' | 'database' | 'redis' | 'stripe'

export type WatchLink = (link: Link) => Watch

export type Links = AsyncDisposable & {
  /** Addresses for the server's settings. */
  readonly database: string
  readonly stripe: string
  readonly redis: string | null
  /** Where fans reach the server; null: at its own address. */
  readonly fanUrl: string | null
}

export type Addresses = {
  readonly database: string
  readonly stripe: string
  readonly redis: string | null
  readonly server: string
}

const readers: Readonly<Record<Link, () => RequestReader>> = {
  fan: httpRequests,
  database: postgresRequests,
  redis: redisRequests,
  stripe: httpRequests,
}

export async function openLinks(to: Addresses, watch: WatchLink | null): Promise<Links> {
  if (watch === null) {
    return { ...to, fanUrl: null, [Symbol.asyncDispose]: async () => undefined }
  }
  const closers = new Closers()
  const through = async (link: Link, address: string) => {
    const url = new URL(address)
    const target = { host: url.hostname, port: Number(url.port) }
    const options = { target, reader: readers[link], watch: watch(link) }
    const proxy = closers.use(await startTcpProxy(options))
    url.port = String(proxy.port)
    return url.href.replace(/\/$/, '')
  }
  return closers.opening(async () => ({
    database: await through('database', to.database),
    stripe: await through('stripe', to.stripe),
    redis: to.redis === null ? null : await through('redis', to.redis),
    fanUrl: await through('fan', to.server),
    [Symbol.asyncDispose]: () => closers.close(),
  }))
}
