/** What `npm run onsale -- …` understands. */
import { parseArgs } from 'node:util'

export const usage = `Usage: npm run onsale -- [options]

Puts an arena of 20,000 places on sale and sends thousands of fans to buy, over HTTP alone; then
checks that no place was sold twice and that places, tickets and money agree to the cent.

  --fans <number>       how many come (default 3000)
  --seed <number>       another crowd (default 1); the same number is the same crowd again
  --arrivals <number>   fans a second, each at their own time whatever the answers to others;
                        without it all stand at the door at once: that measures the capacity
  --at-once <number>    fans inside at once when all stand at the door (default 64)
  --regions <1-3>       of the system of its own; fans come from all of them, and each has an event
  --url <address>       a running system, with its development issuer; without it one of its own
                        is started in a temporary folder, and removed afterwards; several times
                        for its regions, each with fans of its own
  --database <url>      of that system, to check its rows too (read only)
  --stripe <address>    of that system's Stripe simulator, to check its ledger and pass 3-D Secure
  --json <file>         where the report goes as JSON
  --help

Exit code: 0 all agrees; 1 something disagrees, or the run failed; 2 wrong usage; 130 interrupted.
`

/** The simulator and the arena bound what makes sense. */
const fansMax = 50_000
const arrivalsMax = 10_000
const regionsMax = 3
const urlsMax = 16
const atOnceMax = 5_000
const seedMax = 2 ** 32 - 1

export type CommandLine = {
  readonly help: boolean
  readonly fans: number
  readonly seed: number
  readonly arrivals: number | null
  readonly atOnce: number
  /** Of a system of its own. */
  readonly regions: number
  readonly outside: {
    /** Of each region. */
    readonly urls: readonly string[]
    readonly database: string | null
    readonly stripe: string | null
  } | null
  readonly json: string | null
}

/** The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function readCommandLine(args: readonly string[]): CommandLine {
  const values = parsed(args)
  const { url: urls = [], database, stripe, arrivals, json, regions } = values
  if (urls.length === 0 && (database !== undefined || stripe !== undefined)) {
    throw new UsageError('--database and --stripe are of a running system: give its --url, too.')
  }
  if (arrivals !== undefined && values['at-once'] !== undefined) {
    throw new UsageError('--at-once is for a crowd at the door: leave it out with --arrivals.')
  }
  if (urls.length > 0 && regions !== undefined) {
    throw new UsageError('--regions is of a system of its own: give --url for each region instead.')
  }
  if (urls.length > urlsMax) throw new UsageError(`--url can be given ${urlsMax} times at most.`)
  if (json === '') throw new UsageError('--json must name a file.')
  return {
    help: values.help,
    fans: whole('--fans', values.fans, { min: 1, max: fansMax }),
    seed: whole('--seed', values.seed, { min: 0, max: seedMax }),
    arrivals: arrivals === undefined ? null : rate(arrivals),
    atOnce: whole('--at-once', values['at-once'] ?? '64', { min: 1, max: atOnceMax }),
    regions: whole('--regions', regions ?? '1', { min: 1, max: regionsMax }),
    outside:
      urls.length === 0
        ? null
        : {
            urls: urls.map((url) => address('--url', url, /^https?:$/)),
            database: database === undefined ? null : address('--database', database, /^postgres/),
            stripe: stripe === undefined ? null : address('--stripe', stripe, /^https?:$/),
          },
    json: json ?? null,
  }
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        fans: { type: 'string', default: '3000' },
        seed: { type: 'string', default: '1' },
        arrivals: { type: 'string' },
        'at-once': { type: 'string' },
        regions: { type: 'string' },
        url: { type: 'string', multiple: true },
        database: { type: 'string' },
        stripe: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function whole(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not "${text}".`)
}

function rate(text: string): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= arrivalsMax) return value
  throw new UsageError(
    `--arrivals must be a number above 0 and up to ${arrivalsMax}, not "${text}".`,
  )
}

/** The value is not repeated: it may hold a password. */
function address(name: string, text: string, protocol: RegExp): string {
  if (URL.canParse(text) && protocol.test(new URL(text).protocol)) return text
  const example = name === '--database' ? 'postgres://…' : 'http://127.0.0.1:4000'
  throw new UsageError(`${name} must be an address such as ${example}.`)
}
