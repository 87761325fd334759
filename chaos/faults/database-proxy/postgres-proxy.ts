/**
 * A TCP proxy before PostgreSQL, or what speaks as it does, that knows enough of its protocol to
 * strike at statements: by rules with a share, for drills, or the next runs of a named one, for
 * tests. Everything else passes as it came.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { seededChance } from '../../../bench/onsale/seeded-chance.ts'
import type { StrikeRule } from '../fault-maker.ts'
import { Conversation } from './conversation.ts'
import { type ProxyFault, type StandingRule, StrikeBook, type Struck } from './strike-book.ts'

export type { ProxyFault } from './strike-book.ts'

export type PostgresProxy = AsyncDisposable & {
  /** The address to use instead of the server's. */
  readonly url: string
  readonly port: number
  /** Holds until it is removed. */
  readonly add: (rule: StrikeRule) => StandingRule
  /** The next `times` runs of the statement of this name meet the fault. */
  readonly strike: (statement: string, fault: ProxyFault, times?: number) => void
  /** How many faults were met since the last `calm`. */
  readonly felt: () => number
  /** The same by kind and statement. */
  readonly counts: () => readonly Struck[]
  /** Forgets all faults and lets held replies go. */
  readonly calm: () => void
  /** While false every connection is cut at once. */
  readonly open: (isOpen: boolean) => void
  /** Takes no new connections; those that stand go on until they end by themselves. */
  readonly retire: () => void
}

export type ProxyOptions = {
  readonly seed?: number
  /** Another number draws otherwise from the same seed. */
  readonly stream?: number
}

const usualPort = 5432

export async function startPostgresProxy(
  serverUrl: string,
  { seed = 1, stream = 0 }: ProxyOptions = {},
): Promise<PostgresProxy> {
  const book = new StrikeBook(seededChance(seed, stream))
  const listener = new Listener(new URL(serverUrl), book)
  await listener.open()
  const url = new URL(serverUrl)
  url.hostname = '127.0.0.1'
  url.port = String(listener.port)
  return {
    url: url.href,
    port: listener.port,
    add: (rule) => book.add(rule),
    strike: (statement, fault, times = 1) => book.strikeNamed(statement, fault, times),
    felt: () => book.felt,
    counts: () => book.counts,
    calm: () => {
      book.forget()
      listener.letGo()
    },
    open: (isOpen) => listener.letIn(isOpen),
    retire: () => listener.retire(),
    [Symbol.asyncDispose]: () => listener.close(),
  }
}

class Listener {
  readonly #target: URL
  readonly #book: StrikeBook
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #stalled = new Set<() => void>()
  #isOpen = true

  constructor(target: URL, book: StrikeBook) {
    this.#target = target
    this.#book = book
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  letIn(isOpen: boolean): void {
    this.#isOpen = isOpen
    if (!isOpen) this.#cutAll()
  }

  letGo(): void {
    for (const release of this.#stalled) release()
    this.#stalled.clear()
  }

  retire(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.unref()
  }

  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined
    this.#cutAll()
    this.#server.close()
    await closed
  }

  #accept(client: Socket): void {
    if (!this.#isOpen) {
      client.destroy()
      return
    }
    const { hostname, port } = this.#target
    const host = hostname.replace(/^\[|\]$/g, '')
    const upstream = connect({ host, port: Number(port || usualPort), noDelay: true })
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
    }
    new Conversation(client, upstream, {
      blowFor: (asked) => this.#book.next(asked),
      onStall: (release) => this.#stalled.add(release),
    }).start()
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
