/**
 * The mail sink as a program. Prints one JSON line when it listens; ends on SIGTERM, SIGINT and,
 * with --exit-with-parent, when its standard input closes.
 */
import { parseArgs } from 'node:util'
import { MailFileError } from './mail-file.ts'
import { type MailSinkOptions, startMailSink } from './sink.ts'

const usage = `Usage: mail-sink [options]

Takes every mail that is sent to it and shows it, on a page and as JSON. Nothing is sent on.

  --port <number>        of the page; 0 (default) takes a free one
  --smtp-port <number>   where mails come in; 0 (default) takes a free one
  --host <address>       default 127.0.0.1; whoever reaches it reads all mails
  --data <folder>        keep the mails there: they survive a restart
  --max-mails <number>   kept (default 500); the oldest go first
  --exit-with-parent     end when standard input closes
  --help
`

/** The command line is wrong; the message is one sentence. */
class UsageError extends Error {}

function readArguments(): MailSinkOptions & { help: boolean; exitWithParent: boolean } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'smtp-port': { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      'max-mails': { type: 'string', default: '500' },
      'exit-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    help: values.help,
    exitWithParent: values['exit-with-parent'],
    host: values.host,
    port: readNumber('--port', values.port, 0),
    smtpPort: readNumber('--smtp-port', values['smtp-port'], 0),
    mailsMax: readNumber('--max-mails', values['max-mails'], 1),
    onError: (error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    },
    ...(values.data === undefined ? {} : { dataFolder: values.data }),
  }
}

function readNumber(name: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new UsageError(`${name} must be a whole number of at least ${least}, not "${text}".`)
}

/** What a person can do about a failed start; undefined when it is a bug. */
function explain(error: unknown): string | undefined {
  if (error instanceof MailFileError) return error.message
  const { code, port } = error as { code?: unknown; port?: unknown }
  if (code === 'EADDRINUSE') return `Port ${String(port)} is already in use; choose another.`
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ERR_SOCKET_BAD_PORT') {
    return `Cannot listen there (${code}).`
  }
  return undefined
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

async function main(): Promise<void> {
  let options: ReturnType<typeof readArguments>
  try {
    options = readArguments()
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
  if (options.help) {
    process.stdout.write(usage)
    return
  }
  const sink = await startMailSink(options).catch((error: unknown) =>
    fail(explain(error) ?? (error instanceof Error ? `${error.stack}` : String(error))),
  )
  process.stdout.write(`${JSON.stringify({ listening: sink.url, smtp: sink.smtpUrl })}\n`)
  const stop = (): void => {
    void sink.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  if (options.exitWithParent) process.stdin.on('end', stop).on('error', stop).resume()
}

await main()
