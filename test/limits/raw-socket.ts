/** Bytes on a socket and what comes back, until the other side ends it or `isEnough` is content. */
import { connect, type Socket } from 'node:net'

export type Said = {
  readonly text: string
  /** The other side ended the connection. */
  readonly ended: boolean
}

export type RawOptions = {
  readonly isEnough?: (text: string) => boolean
  /** Sent piece by piece, one each period. */
  readonly dribble?: { readonly piece: string; readonly everyMs: number }
  /** Never reads. */
  readonly isDeaf?: boolean
}

export function portOf(url: string): number {
  return Number(new URL(url).port)
}

export function exchange(url: string, bytes: string | Buffer, options: RawOptions = {}) {
  return new Promise<Said>((resolve) => {
    const socket: Socket = connect(portOf(url), '127.0.0.1')
    let text = ''
    const dribbling =
      options.dribble === undefined
        ? undefined
        : setInterval(() => socket.write(options.dribble?.piece ?? ''), options.dribble.everyMs)
    const settle = (ended: boolean) => {
      clearInterval(dribbling)
      socket.destroy()
      resolve({ text, ended })
    }
    socket.on('error', () => undefined)
    socket.on('close', () => settle(true))
    if (options.isDeaf === true) socket.pause()
    else {
      socket.on('data', (part) => {
        text += part.toString('latin1')
        if (options.isEnough?.(text) === true) settle(false)
      })
    }
    socket.write(bytes)
  })
}

export type PlainAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly code: string | undefined
  readonly body: string
}

/** The one answer in a text, which must be of our shape when it is a refusal. */
export function answerIn({ text }: Said): PlainAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    }),
  )
  let code: string | undefined
  try {
    const parsed = JSON.parse(body) as { error?: { data?: { refusal?: { code?: string } } } }
    code = parsed.error?.data?.refusal?.code
  } catch {
    code = undefined
  }
  return { status: Number(statusLine.split(' ')[1]), headers, code, body }
}

export function head(requestLine: string, lines: readonly string[] = []): string {
  return [requestLine, 'Host: frontrow.test', ...lines, '', ''].join('\r\n')
}
