/**
 * A small HTTP server for commands, on 127.0.0.1 alone: JSON in, JSON out. It can stop and cut
 * things, so a web page that happens to be open in a browser must not reach it: whoever names an
 * origin, or another host than this machine, is refused.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const hereOnly = /^(127\.0\.0\.1|localhost)(:\d+)?$/

/** The message is one sentence for whoever sent the command. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: 400 | 404 | 409 | 502

  constructor(status: 400 | 404 | 409 | 502, message: string) {
    super(message)
    this.status = status
  }
}

export type Command = {
  readonly method: string
  /** Of the path, decoded. */
  readonly parts: readonly string[]
  /** Undefined where there is none. */
  readonly body: unknown
}

export type ControlServer = AsyncDisposable & { readonly port: number; readonly url: string }

/**
 * @param answer throws ControlError for what the caller can mend
 * @throws the system's error when the port is taken
 */
export async function startControlServer(
  port: number,
  answer: (command: Command) => unknown,
): Promise<ControlServer> {
  const server = createServer((request, response) => {
    void answerTo(request, answer).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(body)}\n`)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const chosen = (server.address() as AddressInfo).port
  return {
    port: chosen,
    url: `http://127.0.0.1:${chosen}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answerTo(request: IncomingMessage, answer: (command: Command) => unknown) {
  try {
    const { origin, host = '' } = request.headers
    if (origin !== undefined || !hereOnly.test(host)) {
      return { status: 403, body: { error: 'Commands are taken from this machine alone.' } }
    }
    return { status: 200, body: await answer(await readCommand(request)) }
  } catch (error) {
    const status = error instanceof ControlError ? error.status : 500
    return { status, body: { error: error instanceof Error ? error.message : String(error) } }
  }
}

async function readCommand(request: IncomingMessage): Promise<Command> {
  const [path = ''] = (request.url ?? '').split('?')
  const words = await text(request)
  try {
    const parts = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
    const body: unknown = words === '' ? undefined : JSON.parse(words)
    return { method: request.method ?? '', parts, body }
  } catch {
    throw new ControlError(400, 'The path or the JSON of this command cannot be read.')
  }
}
