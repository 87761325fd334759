/**
 * The Stripe simulator as a program. Prints one JSON line when it listens; ends on SIGTERM, SIGINT
 * and, with --exit-with-parent, when its standard input closes.
 */
import { parseArgs } from 'node:util'
import { JournalError } from './journal.ts'
import { type StripeSimulatorOptions, startStripeSimulator } from './simulator.ts'
import type { WebhookEndpointWish } from './webhooks.ts'

const usage = `Usage: stripe-simulator [options]

  --port <number>            port to listen on; 0 (default) takes a free one
  --host <address>           default 127.0.0.1
  --webhook-url <url>        where events go; may be given several times
  --webhook-secret <secret>  whsec_…; one for all urls, or one for each in order
  --webhook-events <types>   comma list with stars, default all: payment_intent.*,charge.refunded
  --data <file>              journal: go on after a restart, also after kill -9
  --max-intents <number>     intents kept in memory (default 100000); the oldest finished ones go first
  --seed <number>            of faults that strike with a probability (default 1)
  --exit-with-parent         end when standard input closes
  --help
`

/** The command line is wrong; the message is one sentence. */
class UsageError extends Error {}

function readArguments(): StripeSimulatorOptions & { help: boolean; exitWithParent: boolean } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'webhook-url': { type: 'string', multiple: true, default: [] },
      'webhook-secret': { type: 'string', multiple: true, default: [] },
      'webhook-events': { type: 'string', default: '*' },
      data: { type: 'string' },
      'max-intents': { type: 'string' },
      seed: { type: 'string' },
      'exit-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const maxIntents = readNumber('--max-intents', values['max-intents'], 1)
  const seed = readNumber('--seed', values.seed, 0)
  return {
    help: values.help,
    exitWithParent: values['exit-with-parent'],
    host: values.host,
    port: readNumber('--port', values.port, 0) ?? 0,
    webhooks: readWebhooks(
      values['webhook-url'],
      values['webhook-secret'],
      values['webhook-events'].split(','),
    ),
    onError: (error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    },
    ...(values.data === undefined ? {} : { dataPath: values.data }),
    ...(maxIntents === undefined ? {} : { maxIntents }),
    ...(seed === undefined ? {} : { seed }),
  }
}

function readNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new UsageError(`${name} must be a whole number of at least ${least}, not "${text}".`)
}

function readWebhooks(
  urls: readonly string[],
  secrets: readonly string[],
  events: readonly string[],
): WebhookEndpointWish[] {
  if (urls.length > 0 && secrets.length !== 1 && secrets.length !== urls.length) {
    throw new UsageError('Give one --webhook-secret, or one for each --webhook-url.')
  }
  return urls.map((url, place) => {
    if (!URL.canParse(url)) throw new UsageError(`--webhook-url "${url}" is not a URL.`)
    return { url, secret: secrets[place] ?? secrets[0] ?? '', events }
  })
}

/** What a person can do about a failed start; undefined when it is a bug. */
function explain(error: unknown, options: StripeSimulatorOptions): string | undefined {
  if (error instanceof JournalError) return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return `Port ${options.port} on ${options.host} is already in use; choose another with --port.`
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ERR_SOCKET_BAD_PORT') {
    return `Cannot listen on port ${options.port} of ${options.host} (${String(code)}).`
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
  const simulator = await startStripeSimulator(options).catch((error: unknown) =>
    fail(explain(error, options) ?? (error instanceof Error ? `${error.stack}` : String(error))),
  )
  process.stdout.write(`${JSON.stringify({ listening: simulator.url })}\n`)
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  if (options.exitWithParent) process.stdin.on('end', stop).on('error', stop).resume()
}

await main()
