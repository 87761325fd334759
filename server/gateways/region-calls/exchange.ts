/**
 * One HTTP exchange with a server of another region, as raw text. What matters about a failure is
 * whether anything can have been done: before a connection stands nothing was sent, after that
 * nobody knows.
 */
import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { limits } from '../../platform/limits.ts'

/** A request as it is sent, whoever sends it. */
export type WireCall = {
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** '' where there is none. */
  readonly body: string
}

export type WireAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Exchanged =
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  | { readonly kind: 'unsent' }
  /** @see isStale: the connection had been kept too long, and was closed before it was read. */
  | { readonly kind: 'unanswered'; readonly isStale: boolean }

export type Exchange = WireCall & {
  readonly address: URL
  readonly agent: HttpAgent | HttpsAgent
  readonly headers: Readonly<Record<string, string>>
  readonly withinMs: number
  /** Told of each line as soon as it has come; the answer's body is what follows the last one. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** Never rejects. */
export function exchange(asked: Exchange): Promise<Exchanged> {
  const { address, url, body, withinMs, onLine, ...rest } = asked
  const { protocol, hostname, port } = address
  const isTls = protocol === 'https:'
  return new Promise((resolve) => {
    let isSent = false
    let isAnswered = false
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = (isTls ? httpsRequest : httpRequest)({
      ...rest,
      protocol,
      // URLs write IPv6 addresses in brackets, sockets do not.
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      path: url,
      headers: { ...rest.headers, ...length },
    })
    const timer = setTimeout(() => request.destroy(), withinMs)
    const end = (exchanged: Exchanged) => {
      clearTimeout(timer)
      resolve(exchanged)
    }
    const fail = () => {
      const isStale = request.reusedSocket
      end(isSent ? { kind: 'unanswered', isStale } : { kind: 'unsent' })
    }
    request.on('socket', (socket) => {
      onceOpen(socket, isTls, () => {
        isSent = true
      })
    })
    request.on('error', fail)
    // Destroyed before it had a connection. With an answer the reading decides.
    request.on('close', () => {
      if (!isAnswered) fail()
    })
    request.on('response', (response) => {
      isAnswered = true
      read(response, onLine).then(
        (answer) => end({ kind: 'answered', answer }),
        () => {
          request.destroy()
          end({ kind: 'unanswered', isStale: false })
        },
      )
    })
    request.end(body)
  })
}

function onceOpen(socket: Socket, isTls: boolean, isOpen: () => void): void {
  if (!socket.connecting) return isOpen()
  // Not by `connecting`: over TLS that ends before the handshake does.
  const late = () => socket.destroy(new Error('no connection in time'))
  socket.setTimeout(limits.forwardConnectMs, late)
  socket.once(isTls ? 'secureConnect' : 'connect', () => {
    socket.setTimeout(0).off('timeout', late)
    isOpen()
  })
}

/** @throws Error when the answer breaks off, or is longer than any of ours */
function read(response: IncomingMessage, onLine: Exchange['onLine']): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      body += chunk
      if (onLine !== undefined && response.statusCode === 200) body = tellLines(body, onLine)
      if (body.length > limits.forwardAnswerBytesMax) reject(new Error('the answer is too long'))
    })
    response.on('error', reject)
    response.on('close', () => reject(new Error('the answer broke off')))
    response.on('end', () => {
      if (!response.complete) return reject(new Error('the answer broke off'))
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(response.headers)) {
        if (typeof value === 'string') headers[name] = value
      }
      return resolve({ status: response.statusCode ?? 0, headers, body })
    })
  })
}

/** @returns what is no whole line yet */
function tellLines(text: string, onLine: (line: string) => void): string {
  let from = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    onLine(text.slice(from, end))
    from = end + 1
  }
  return text.slice(from)
}
