/** What a person types after `npm run chaos --`, read and checked. */
import { parseArgs } from 'node:util'
import type { Target } from './scenario.ts'

export const usage = `Usage: npm run chaos -- <scenario> [options]
       npm run chaos -- list             what can be played
       npm run chaos -- soak [options]   scenarios by chance, until Ctrl-C or --minutes

  --seed <number>       the same seed makes the same options (default: a random one, printed)
  --minutes <number>    repeats with the next seeds until then (default: once)
  --parts <a,b>         these parts of the scenario; without it the seed decides
  --regions <number>    2 or 3 (default 3)
  --arrivals <number>   fans a second (default 8)
  --target local|compose
  --database postgres|cockroach
  --no-latency          links between regions carry bytes at once
  --out <folder>        where evidence and report go (default .frontrow/drills/…)
  --json <file>         the report once more, for programs
  --help

A run is judged again by: npm run audit:drill -- <folder>

Exit code: 0 all held; 1 something was broken, or a fault was never felt; 2 it cannot be played so.
`

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | ({ readonly kind: 'play'; readonly scenario: string } & Wish)
  | ({ readonly kind: 'soak' } & Wish)

export type Wish = {
  readonly seed: number
  /** Null: once; of a soak, until it is told to stop. */
  readonly minutes: number | null
  readonly parts: readonly string[] | null
  readonly regions: number
  readonly arrivals: number
  readonly target: Target
  readonly database: 'postgres' | 'cockroach'
  readonly latency: boolean
  readonly out: string | null
  readonly json: string | null
}

/** The message is one sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const seedMax = 2 ** 31

/**
 * @param randomSeed for when none was given
 * @throws UsageError
 */
export function readCommand(words: readonly string[], randomSeed: number): Command {
  const { values, positionals } = parsed(words)
  const [name, surplus] = positionals
  if (values.help || name === undefined) return { kind: 'help' }
  if (surplus !== undefined) throw new UsageError(`${surplus} is one word too many.`)
  if (name === 'list') return { kind: 'list' }
  const target = oneOf('target', values.target, ['local', 'compose'])
  const wish: Wish = {
    seed: whole('seed', values.seed, { from: 0, to: seedMax }) ?? randomSeed,
    minutes: positive('minutes', values.minutes),
    parts: values.parts === undefined ? null : values.parts.split(','),
    regions: whole('regions', values.regions, { from: 2, to: 3 }) ?? 3,
    arrivals: positive('arrivals', values.arrivals) ?? 8,
    target,
    database: databaseOf(target, values.database),
    latency: !values['no-latency'],
    out: values.out ?? null,
    json: values.json ?? null,
  }
  if (name !== 'soak') return { kind: 'play', scenario: name, ...wish }
  if (wish.parts !== null) throw new UsageError('soak takes no --parts: its seeds choose.')
  return { kind: 'soak', ...wish }
}

/** @throws UsageError */
function databaseOf(target: Target, word: string | undefined): Wish['database'] {
  if (target === 'local') return oneOf('database', word ?? 'postgres', ['postgres', 'cockroach'])
  return oneOf('database', word ?? 'cockroach', ['cockroach'])
}

function parsed(words: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        seed: text,
        minutes: text,
        parts: text,
        regions: text,
        arrivals: text,
        target: { ...text, default: 'local' },
        database: text,
        'no-latency': flag,
        out: text,
        json: text,
        help: flag,
      },
    })
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause))
  }
}

function whole(
  name: string,
  text: string | undefined,
  { from, to }: { readonly from: number; readonly to: number },
): number | null {
  const value = positive(name, text, from)
  if (value === null || (Number.isInteger(value) && value <= to)) return value
  throw new UsageError(`--${name} is a whole number from ${from} to ${to}, not ${text}.`)
}

function positive(name: string, text: string | undefined, from = 0.01): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= from) return value
  throw new UsageError(`--${name} is a number of at least ${from}, not "${text}".`)
}

function oneOf<Name extends string>(name: string, word: string, names: readonly Name[]): Name {
  const found = names.find((one) => one === word)
  if (found !== undefined) return found
  throw new UsageError(`--${name} is ${names.join(' or ')}, not ${word}.`)
}
