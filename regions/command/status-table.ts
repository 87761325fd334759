/** What `status` shows to people: one block of lines a region, then what needs somebody. */
import type { createColors } from 'picocolors'
import type { FollowerStatus, HomeStatus, RegionStatus, RegionsStatus } from './admin-calls.ts'

export type Colours = Pick<ReturnType<typeof createColors>, 'bold' | 'green' | 'red' | 'yellow'>
type Colour = (text: string) => string
type Cell = { readonly text: string; readonly colour?: Colour }

const gap = '   '

export function statusTable(
  { asOf, regions }: RegionsStatus,
  { nowMs, colours }: { readonly nowMs: number; readonly colours: Colours },
): string {
  const head = ['region', 'state', 'sells for', 'follows'].map((text) => ({
    text,
    colour: colours.bold,
  }))
  const rows: Cell[][] = [head, ...regions.flatMap((region) => rowsOf(region, colours))]
  const widths = head.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.text.length ?? 0)),
  )
  const lines = rows.map((row) => row.map((cell, column) => padded(cell, widths[column] ?? 0)))
  const age = `As of ${duration(Math.max(0, nowMs - Date.parse(asOf)))} ago.`
  const table = lines.map((cells) => cells.join(gap).trimEnd())
  const unsold = unsoldHomes(regions).map((home) => colours.red(`Nobody sells for ${home}.`))
  return `${[...table, '', ...unsold, age].join('\n')}\n`
}

/** Counted by the names that are told: a region whose own home nobody holds sells nothing. */
function unsoldHomes(regions: readonly RegionStatus[]): string[] {
  const sold = new Set(regions.flatMap(({ homes }) => homes.map(({ home }) => home)))
  return regions.map(({ name }) => name).filter((name) => !sold.has(name))
}

function rowsOf(region: RegionStatus, colours: Colours): Cell[][] {
  const { name, homes, followers } = region
  const height = Math.max(1, homes.length, followers.length)
  return Array.from({ length: height }, (_, line) => [
    { text: line === 0 ? name : '' },
    line === 0 ? stateOf(region, colours) : { text: '' },
    homeCell(homes[line], line, colours),
    followerCell(followers[line], line),
  ])
}

function stateOf({ drained, answers }: RegionStatus, { green, red, yellow }: Colours): Cell {
  if (answers === false) return { text: drained ? 'drained, no answer' : 'no answer', colour: red }
  if (drained) return { text: 'drained', colour: yellow }
  return answers === null ? { text: 'not asked yet' } : { text: 'answers', colour: green }
}

function homeCell(home: HomeStatus | undefined, line: number, { red }: Colours): Cell {
  if (home === undefined) return { text: line === 0 ? 'nothing' : '' }
  const { home: name, epoch, leaseLeftMs } = home
  return leaseLeftMs > 0
    ? { text: `${name} (epoch ${epoch}, ${duration(leaseLeftMs)} left)` }
    : { text: `${name} (epoch ${epoch}, over for ${duration(-leaseLeftMs)})`, colour: red }
}

function followerCell(follower: FollowerStatus | undefined, line: number): Cell {
  if (follower === undefined) return { text: line === 0 ? 'nobody' : '' }
  const { home, lagMs, state } = follower
  return { text: `${home} (${state}${lagMs === null ? '' : `, ${duration(lagMs)} behind`})` }
}

/** Padded first: colours have no width on a terminal. */
function padded({ text, colour }: Cell, width: number): string {
  const rest = ' '.repeat(Math.max(0, width - text.length))
  return `${colour === undefined ? text : colour(text)}${rest}`
}

/** `240 ms`, `2.6 s`, `5 min`, `3 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}
