/**
 * Cuts a client's byte stream into requests and names each one: PostgreSQL's prepared statements,
 * Redis's commands, calls over HTTP. Knows just enough of each protocol for that.
 */

export type Request = {
  /** A statement's name, a command with its script's hash, or method and path. Empty: no request. */
  readonly label: string
  readonly bytes: Buffer
}

/** Takes the next bytes and gives the requests that are now whole. */
export type RequestReader = (chunk: Buffer) => Request[]

/** Takes one request from the head of `buffer`, or null while it is not whole. */
type Cut = (buffer: Buffer) => Request | null

function readerOf(cut: Cut): RequestReader {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const requests: Request[] = []
    for (;;) {
      const request = cut(rest)
      if (request === null) return requests
      rest = rest.subarray(request.bytes.length)
      requests.push(request)
    }
  }
}

/**
 * A request ends with Sync or a simple query. What belongs to opening a connection goes on as it
 * comes, without a name, and so do statements that were not given one.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
export function postgresRequests(): RequestReader {
  let isOpening = true
  return readerOf((buffer) => {
    let at = 0
    let label = ''
    for (;;) {
      const head = isOpening ? 0 : 1
      if (buffer.length < at + head + 4) return null
      const end = at + head + buffer.readUInt32BE(at + head)
      if (buffer.length < end) return null
      const type = isOpening ? 'opening' : String.fromCharCode(buffer[at] ?? 0)
      if (type === 'B') label = statementOf(buffer.subarray(at + 5, end))
      isOpening = false
      at = end
      if (!'PBDECH'.includes(type)) return { label, bytes: buffer.subarray(0, at) }
    }
  })
}

/** Of a Bind message: the portal's name, then the statement's. */
function statementOf(bind: Buffer): string {
  return bind.toString('latin1').split('\0', 2)[1] ?? ''
}

/** Commands are lists of bulk strings. https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export function redisRequests(): RequestReader {
  return readerOf((buffer) => {
    const count = lineAt(buffer, 0)
    if (count === null) return null
    let at = count.end
    const words: string[] = []
    for (let index = 0; index < Number(count.text.slice(1)); index += 1) {
      const length = lineAt(buffer, at)
      if (length === null) return null
      const end = length.end + Number(length.text.slice(1)) + 2
      if (buffer.length < end) return null
      words.push(buffer.toString('latin1', length.end, end - 2))
      at = end
    }
    return { label: commandOf(words), bytes: buffer.subarray(0, at) }
  })
}

function commandOf([command = '', first = '']: string[]): string {
  const name = command.toLowerCase()
  if (name === 'evalsha') return `${name} ${first.slice(0, 8)}`
  return name
}

function lineAt(
  buffer: Buffer,
  at: number,
): { readonly text: string; readonly end: number } | null {
  const end = buffer.indexOf('\r\n', at)
  return end < 0 ? null : { text: buffer.toString('latin1', at, end), end: end + 2 }
}

/** Requests of HTTP/1.1 with a Content-Length or without a body; ids in paths are left out. */
export function httpRequests(): RequestReader {
  return readerOf((buffer) => {
    const end = buffer.indexOf('\r\n\r\n')
    if (end < 0) return null
    const head = buffer.toString('latin1', 0, end)
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    const whole = end + 4 + length
    if (buffer.length < whole) return null
    const [method = '', target = ''] = head.split(' ', 2)
    const path = (target.split('?', 1)[0] ?? '').replace(/\/pi_\w+/, '/{id}')
    return { label: `${method} ${path}`, bytes: buffer.subarray(0, whole) }
  })
}
