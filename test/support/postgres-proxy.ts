/**
 * A TCP proxy before PostgreSQL that knows just enough of its protocol to strike at one named
 * statement: cut the connection before or after its effect or in the middle of the reply, hold the
 * reply back, or answer with a SQLSTATE of choice.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type ProxyFault =
  /** The server never hears of the statement. */
  | { readonly kind: 'cut-before' }
  /** Done, and the reply is lost. */
  | { readonly kind: 'cut-after' }
  /** Done, and the reply breaks off. */
  | { readonly kind: 'cut-in-reply' }
  /** Done, and the reply waits for `release`. */
  | { readonly kind: 'stall' }
  /** Answered with this SQLSTATE, without the effect or with it. */
  | { readonly kind: 'error'; readonly code: string; readonly done: boolean }

export type PostgresProxy = AsyncDisposable & {
  /** The address to use instead of the server's. */
  readonly url: string
  /** The next `times` runs of the statement of this name meet the fault. */
  readonly strike: (statement: string, fault: ProxyFault, times?: number) => void
  /** How many faults were met since the last `calm`. */
  readonly felt: () => number
  /** Forgets all faults and lets held replies go. */
  readonly calm: () => void
  /** While false every connection is cut at once. */
  readonly open: (isOpen: boolean) => void
}

type Book = {
  readonly faults: Map<string, { readonly fault: ProxyFault; left: number }>
  felt: number
  isOpen: boolean
  readonly held: Set<() => void>
}

export async function startPostgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const target = new URL(serverUrl)
  const book: Book = { faults: new Map(), felt: 0, isOpen: true, held: new Set() }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    if (!book.isOpen) {
      client.destroy()
      return
    }
    const upstream = connect(Number(target.port || 5432), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    new Conversation(book, client, upstream).start()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(serverUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const calm = () => {
    book.faults.clear()
    book.felt = 0
    for (const release of book.held) release()
    book.held.clear()
  }
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    strike: (statement, fault, times = 1) => {
      book.faults.set(statement, { fault, left: times })
    },
    felt: () => book.felt,
    calm,
    open: (isOpen) => {
      book.isOpen = isOpen
      if (!isOpen) cutAll()
    },
    [Symbol.asyncDispose]: async () => {
      cutAll()
      server.close()
      await once(server, 'close')
    },
  }
}

/** One connection: both directions are read message by message. */
class Conversation {
  readonly #book: Book
  readonly #client: Socket
  readonly #server: Socket
  #fault: ProxyFault | undefined

  constructor(book: Book, client: Socket, server: Socket) {
    this.#book = book
    this.#client = client
    this.#server = server
  }

  start(): void {
    const fromClient = new Messages(true)
    const fromServer = new Messages(false)
    this.#client.on('data', (chunk: Buffer) => {
      for (const message of fromClient.read(chunk)) this.#toServer(message)
    })
    this.#server.on('data', (chunk: Buffer) => {
      for (const message of fromServer.read(chunk)) this.#toClient(message)
    })
    this.#client.on('close', () => this.#server.destroy())
    this.#server.on('close', () => this.#client.destroy())
  }

  #toServer(message: Message): void {
    if (message.type === 'B') this.#fault = this.#faultFor(statementOf(message.bytes))
    const fault = this.#fault
    if (fault?.kind === 'cut-before') return void this.#client.destroy()
    // Prepared it may be, run it is not; the server's end of turn is then told as the error.
    const isRun = message.type !== '' && 'BDE'.includes(message.type)
    if (fault?.kind === 'error' && !fault.done && isRun) return
    this.#server.write(message.bytes)
  }

  #toClient(message: Message): void {
    const fault = this.#fault
    const isEnd = message.type === 'Z'
    if (fault === undefined) return void this.#client.write(message.bytes)
    // That a statement was prepared is no part of its outcome.
    if (message.type === '1') return void this.#client.write(message.bytes)
    if (fault.kind === 'stall' && isEnd) {
      this.#fault = undefined
      this.#book.held.add(() => this.#client.write(message.bytes))
    } else if (fault.kind === 'cut-after' && isEnd) this.#client.destroy()
    else if (fault.kind === 'cut-in-reply' && message.type === 'D') {
      this.#client.write(message.bytes.subarray(0, 6), () => this.#client.destroy())
    } else if (fault.kind === 'error' && isEnd) this.#tellError(fault.code)
    else if (fault.kind === 'stall') this.#client.write(message.bytes)
  }

  #faultFor(statement: string): ProxyFault | undefined {
    const entry = this.#book.faults.get(statement)
    if (entry === undefined || entry.left === 0) return undefined
    entry.left -= 1
    this.#book.felt += 1
    return entry.fault
  }

  #tellError(code: string): void {
    this.#fault = undefined
    const fields = `SERROR\0VERROR\0C${code}\0Mtold by the proxy\0\0`
    this.#client.write(framed('E', Buffer.from(fields)))
    this.#client.write(framed('Z', Buffer.from('I')))
  }
}

type Message = { readonly type: string; readonly bytes: Buffer }

/** Cuts a stream into messages; a client's first one has no type. */
class Messages {
  #rest = Buffer.alloc(0)
  #isFirst: boolean

  constructor(hasStartup: boolean) {
    this.#isFirst = hasStartup
  }

  *read(chunk: Buffer): Generator<Message> {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const head = this.#isFirst ? 0 : 1
      if (this.#rest.length < head + 4) return
      const end = head + this.#rest.readUInt32BE(head)
      if (this.#rest.length < end) return
      const bytes = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      yield { type: this.#isFirst ? '' : String.fromCharCode(bytes[0] ?? 0), bytes }
      this.#isFirst = false
    }
  }
}

/** Of a Bind message: the portal's name, then the statement's. */
function statementOf(bind: Buffer): string {
  const [, statement = ''] = bind.subarray(5).toString('latin1').split('\0', 2)
  return statement
}

function framed(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
