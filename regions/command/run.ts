/** One run of the command, from the words that were typed to the text for standard output. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { systemClock } from '../../server/platform/clock.ts'
import { readTopology, type Topology, TopologyError } from '../../server/platform/topology.ts'
import { type AdminCalls, adminCalls, type Moves } from './admin-calls.ts'
import { type Applied, applyTopology } from './apply/apply.ts'
import { withCockroach } from './apply/connection.ts'
import { readPlacements } from './apply/placements.ts'
import { CommandError, UsageError } from './command-error.ts'
import type { CommandLine } from './command-line.ts'
import { type Colours, duration, statusTable } from './status-table.ts'

export type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly colours: Colours
  /** For people: what is going on. */
  readonly say: (line: string) => void
}

/**
 * @returns what is printed as the result
 * @throws CommandError or UsageError with what a person can act on
 */
export async function runCommand(line: CommandLine, around: Surroundings): Promise<string> {
  switch (line.command) {
    case 'status': {
      const status = await callsFor(line, around).status()
      return line.json
        ? json(status)
        : statusTable(status, { nowMs: systemClock.nowMs(), colours: around.colours })
    }
    case 'drain':
    case 'restore':
      return await move(line, around)
    case 'apply':
      return await apply(line, around)
  }
}

async function move(line: CommandLine, around: Surroundings): Promise<string> {
  const { command, region, to } = line
  const calls = callsFor(line, around)
  const moves =
    command === 'drain'
      ? await calls.drain({ region, ...(to === undefined ? {} : { to }) })
      : await calls.restore({ region })
  return line.json ? json(moves) : movesText(line, moves)
}

function movesText({ command, region }: CommandLine, { moved }: Moves): string {
  if (moved.length === 0) {
    return command === 'drain'
      ? `${region} sells for nobody: nothing to hand over.\n`
      : `${region} has what is its own: nothing to give back.\n`
  }
  const lines = moved.map(
    ({ home, from, to, epoch, pausedMs }) =>
      `${home}: sold from ${to} since epoch ${epoch}, was ${from}; sales paused ${duration(pausedMs)}\n`,
  )
  return lines.join('')
}

async function apply(line: CommandLine, { environment, say }: Surroundings): Promise<string> {
  const { dryRun } = line
  const topology = topologyOf(line, environment)
  if (topology === null) throw new UsageError('apply needs --topology, or TOPOLOGY.')
  const url =
    line.database || settingOf(environment, 'DATABASE_URL') || topology.regions[0]?.database
  if (!url) throw new UsageError('apply needs --database, DATABASE_URL, or one in the topology.')
  const wanted = {
    regions: topology.regions.map(({ name }) => name),
    placements: await readPlacements(),
  }
  const applied = await withCockroach(url, (query) =>
    applyTopology({ query, wanted, dryRun, clock: systemClock, say }),
  )
  return line.json ? json({ ...applied, dryRun }) : appliedText(applied, { dryRun, say })
}

/** In a dry run the statements alone, so that they can be kept as a file. */
function appliedText(
  { database, statements, notes }: Applied,
  { dryRun, say }: { readonly dryRun: boolean; readonly say: Surroundings['say'] },
): string {
  for (const note of notes) say(note)
  if (dryRun) {
    if (statements.length === 0) say(`${database} is in line with the topology.`)
    return statements.map((statement) => `${statement};\n`).join('')
  }
  return `${database} is in line with the topology (${statements.length} statements now).\n`
}

/** @throws UsageError when nobody says which server to ask, or as whom */
function callsFor(line: CommandLine, { environment }: Surroundings): AdminCalls {
  const token = settingOf(environment, 'FRONTROW_TOKEN')
  if (token === null) throw new UsageError('FRONTROW_TOKEN must hold an access token.')
  const endpoints =
    line.url === undefined
      ? topologyOf(line, environment)?.regions.map(({ publicUrl }) => publicUrl)
      : [line.url]
  if (endpoints === undefined) throw new UsageError(`${line.command} needs --url, or --topology.`)
  try {
    return adminCalls({ endpoints, token, reason: line.reason })
  } catch (cause) {
    if (cause instanceof TypeError) throw new UsageError(`${cause.message}.`, { cause })
    throw cause
  }
}

function topologyOf(line: CommandLine, environment: Surroundings['environment']): Topology | null {
  const file = line.topology ?? environment['TOPOLOGY']
  if (!file) return null
  try {
    return readTopology(readFileSync(file, 'utf8'), basename(file))
  } catch (cause) {
    if (cause instanceof TopologyError) throw new CommandError(cause.message, { cause })
    throw new CommandError(`${file} cannot be read.`, { cause })
  }
}

/** NAME, or what the file that NAME_FILE names holds, as in the server's settings. */
function settingOf(environment: Surroundings['environment'], name: string): string | null {
  const direct = environment[name]
  if (direct) return direct
  const file = environment[`${name}_FILE`]
  if (!file) return null
  try {
    return readFileSync(file, 'utf8').trim() || null
  } catch (cause) {
    throw new CommandError(`${name}_FILE names a file that cannot be read.`, { cause })
  }
}

function json(value: object): string {
  return `${JSON.stringify(value)}\n`
}
