/** What `npm run regions -- …` understands. */
import { parseArgs } from 'node:util'
import { limits } from '../../server/platform/limits.ts'
import { UsageError } from './command-error.ts'

export const usage = `Usage: npm run regions -- <command> [options]

  status                where each home region is sold from, and how far the others follow
  drain <region>        hands what this region sells to others; sales pause for a second at most
    --to <region>       to this one, instead of the first healthy stand-in
  restore <region>      gives the region back what is its own
  apply                 brings a CockroachDB's regions, survival goal and localities in line with
                        the topology; drops nothing, and may be repeated
    --dry-run           prints the statements instead
    --database <url>    instead of DATABASE_URL, or else of the topology's first database

  --topology <file>     instead of the file that TOPOLOGY names
  --url <url>           a server to ask, instead of the topology's public addresses in turn
  --reason <text>       why, for the audit log: drain and restore need it
  --json                one JSON document instead of text
  --help

status, drain and restore are for those who run the platform: FRONTROW_TOKEN holds an access token.
Ends with 0 when it is done, 1 when it is not, 2 when it was called wrongly.
docs/runbooks/planned-evacuation.md shows a planned move.
`

export type Command = 'status' | 'drain' | 'restore' | 'apply'

export type CommandLine = {
  readonly command: Command
  /** Of drain and restore; else empty. */
  readonly region: string
  readonly to: string | undefined
  readonly topology: string | undefined
  readonly url: string | undefined
  readonly database: string | undefined
  readonly reason: string
  readonly json: boolean
  readonly dryRun: boolean
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = {
  topology: text,
  url: text,
  to: text,
  reason: text,
  database: text,
  'dry-run': flag,
  json: flag,
  help: flag,
} as const
type Option = keyof typeof options

const everywhere: readonly Option[] = ['topology', 'json']
const moves: readonly Option[] = [...everywhere, 'url', 'reason']
const optionsOf: Readonly<Record<Command, readonly Option[]>> = {
  status: [...everywhere, 'url'],
  drain: [...moves, 'to'],
  restore: moves,
  apply: [...everywhere, 'database', 'dry-run'],
}

/**
 * Null when help is wanted.
 * @throws UsageError
 */
export function readCommandLine(args: readonly string[]): CommandLine | null {
  const { values, positionals } = parsed(args)
  if (values.help === true) return null
  const [name, region = '', ...rest] = positionals
  const command = commandOf(name)
  const moving = command === 'drain' || command === 'restore'
  for (const option of Object.keys(values) as Option[]) {
    if (!optionsOf[command].includes(option)) {
      throw new UsageError(`${command} has no --${option}.`)
    }
    if (values[option] === '') throw new UsageError(`--${option} must not be empty.`)
  }
  if (rest.length > 0 || (!moving && region !== '')) {
    throw new UsageError(`${command} does not understand "${rest[0] ?? region}".`)
  }
  if (moving && region === '') throw new UsageError(`${command} which region?`)
  return {
    command,
    region,
    to: values.to,
    topology: values.topology,
    url: values.url,
    database: values.database,
    reason: moving ? reasonOf(values.reason) : '',
    json: values.json === true,
    dryRun: values['dry-run'] === true,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}

function commandOf(name: string | undefined): Command {
  if (name !== undefined && Object.hasOwn(optionsOf, name)) return name as Command
  throw new UsageError(name === undefined ? 'Which command?' : `There is no command "${name}".`)
}

/** As the server takes it, so that a reason that is too short is known before anything moves. */
function reasonOf(reason: string | undefined): string {
  const { actingReasonCharactersMin: least, actingReasonCharactersMax: most } = limits
  const given = reason?.trim() ?? ''
  if (given.length >= least && given.length <= most && !/\p{Cc}|\p{Cs}/u.test(given)) return given
  throw new UsageError(`Say --reason in ${least} to ${most} characters of one line.`)
}
