/**
 * `npm run onsale`: a whole on-sale with thousands of fans, against a system of its own or a
 * running one, and the proof that it was right. See `--help`.
 */
import { FrontrowError } from '../../client/index.ts'
import { StartError } from '../../regions/local/start-error.ts'
import { readCommandLine, UsageError, usage } from './command-line.ts'
import { NotDrivableError } from './identities.ts'
import { onsale } from './onsale.ts'
import { openProgress } from './progress.ts'

const interrupted = 130

async function main(): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort(new Error('interrupted')))
  }
  try {
    const wish = readCommandLine(process.argv.slice(2))
    if (wish.help) {
      process.stdout.write(usage)
      return 0
    }
    return await onsale(wish, {
      environment: process.env,
      progress: openProgress(process.stderr),
      say: (text) => void process.stdout.write(text),
      signal: stop.signal,
    })
  } catch (cause) {
    if (stop.signal.aborted) return interrupted
    return explain(cause)
  }
}

function explain(cause: unknown): number {
  if (cause instanceof UsageError) {
    process.stderr.write(`${cause.message}\n\n${usage}`)
    return 2
  }
  process.stderr.write(`${sentenceOf(cause)}\n`)
  return 1
}

function sentenceOf(cause: unknown): string {
  if (cause instanceof FrontrowError) return `${cause.path}: ${cause.code}: ${cause.message}`
  if (cause instanceof StartError || cause instanceof NotDrivableError) return cause.message
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

process.exit(await main())
