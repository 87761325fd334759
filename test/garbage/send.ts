/**
 * Sends what a client library would refuse to send. Ordinary requests go over connections that are
 * kept; whatever is no HTTP goes over a socket of its own, byte for byte.
 */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'

/** What came back; `closed`: the connection ended without an answer, and how. */
export type Answer =
  | { readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly closed: string }

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export type Request = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Buffer
}

/** A crowded machine takes two seconds; the server's bound of a minute is for who sends slowly. */
const answerWithinMs = 30_000
const answerCharactersMax = 20_000_000

export type Sender = {
  readonly send: (asked: Request) => Promise<Answer>
  /** Every answer until the connection is closed. */
  readonly exchange: (wish: Exchange) => Promise<readonly Answer[]>
  readonly close: () => void
}

export type Exchange = {
  readonly bytes: Buffer
  /** After the bytes were sent: wait for answers, end our side and wait, or hang up at once. */
  readonly afterwards: 'wait' | 'end' | 'hang up'
}

export function openSender(url: string, connectionsMax: number): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })
  const { hostname, port } = new URL(url)
  const address = { host: hostname, port: Number(port) }
  return {
    send: async (asked) => {
      const answer = await sendOnce(agent, address, asked)
      // A kept connection may be closed by the server just as it is used again: that is no answer.
      return 'closed' in answer ? await sendOnce(false, address, asked) : answer
    },
    exchange: (wish) => exchange(address, wish),
    close: () => agent.destroy(),
  }
}

type Address = { readonly host: string; readonly port: number }

function sendOnce(agent: Agent | false, address: Address, asked: Request): Promise<Answer> {
  const { method, path, body } = asked
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  return new Promise((resolve, reject) => {
    const headers = { ...length, ...asked.headers } as Record<string, string | string[]>
    const outgoing = request({ agent, ...address, method, path, headers }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => {
        if (text.length < answerCharactersMax) text += part
      })
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text })
      })
      incoming.on('error', (cause) => resolve({ closed: cause.message }))
    })
    outgoing.setTimeout(answerWithinMs, () => {
      outgoing.destroy()
      reject(new Error(`${method} ${path.slice(0, 200)}: no answer within ${answerWithinMs} ms`))
    })
    outgoing.on('error', (cause) => {
      resolve({ closed: cause.message })
    })
    outgoing.end(body)
  })
}

function exchange(address: Address, { bytes, afterwards }: Exchange): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let fault = ''
    const socket = connect({ ...address, allowHalfOpen: afterwards === 'end' }, () => {
      socket.write(bytes, () => {
        if (afterwards === 'hang up') socket.destroy()
        else if (afterwards === 'end') socket.end()
      })
    })
    socket.setTimeout(answerWithinMs, () => {
      socket.destroy()
      reject(new Error(`neither answered nor closed: ${bytes.subarray(0, 200).toString('latin1')}`))
    })
    socket.on('data', (part) => parts.push(part))
    socket.on('error', (cause) => {
      fault = cause.message
    })
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      const answers = answersIn(Buffer.concat(parts))
      resolve(answers.length > 0 ? answers : [{ closed: fault || 'closed' }])
    })
  })
}

/** Cuts what came into answers: with a length, in chunks, or until the end. */
export function answersIn(whole: Buffer): Answer[] {
  const answers: Answer[] = []
  let rest = whole
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.subarray(0, end < 0 ? rest.length : end).toString('latin1')
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
    const headers = headersIn(head)
    const after = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 4)
    const body = bodyOf(headers, after)
    rest = after.subarray(body.taken)
    // "Go on" comes before the answer.
    if (status !== 100) answers.push({ status, headers, text: body.bytes.toString('utf8') })
  }
  return answers
}

function headersIn(head: string): Record<string, string> {
  const lines = head.split('\r\n').slice(1)
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return Object.fromEntries(pairs)
}

function bodyOf(headers: Readonly<Record<string, string>>, after: Buffer) {
  const length = headers['content-length']
  if (length !== undefined) {
    const taken = Math.min(Number(length), after.length)
    return { bytes: after.subarray(0, taken), taken }
  }
  if (headers['transfer-encoding'] !== 'chunked') {
    // An answer that needs no body is followed by the next one.
    const next = after.indexOf('HTTP/1.')
    const taken = next === 0 ? 0 : after.length
    return { bytes: after.subarray(0, taken), taken }
  }
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const line = after.indexOf('\r\n', at)
    if (line < 0) return { bytes: Buffer.concat(chunks), taken: after.length }
    const size = Number.parseInt(after.subarray(at, line).toString('latin1'), 16)
    const begin = line + 2
    if (!(size > 0)) return { bytes: Buffer.concat(chunks), taken: begin + 2 }
    chunks.push(after.subarray(begin, begin + size))
    at = begin + size + 2
  }
}
