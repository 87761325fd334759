/**
 * The figures of the project's style: how long files and functions are, how much is comment and
 * blank, how much test stands beside the source. Measured and printed; only the bounds of
 * lengths.ts and cycles.ts are demanded.
 */
import { findCycles } from './cycles.ts'
import { functionsOf } from './functions.ts'
import { functionLinesMax, linesOf } from './lengths.ts'
import { isGenerated, isTest, type Source } from './source.ts'

export type Figures = {
  readonly name: string
  readonly files: number
  readonly fileLines: readonly [median: number, p90: number, max: number]
  /** Shares of all lines of the source, from 0 to 1. */
  readonly comment: number
  readonly blank: number
  /** Lines of tests for each line of source. */
  readonly tests: number
  /** Folders below the part's own. */
  readonly depth: readonly [median: number, max: number]
  readonly functionLines: readonly [median: number, p90: number]
  readonly functionsTooLong: number
  readonly onCycle: number
  /** The share of exported functions that have a docstring. */
  readonly documented: number
}

export function measure(name: string, sources: readonly Source[]): Figures {
  const written = sources.filter(({ path }) => !isTest(path) && !isGenerated(path))
  const lines = written.map(({ text }) => linesOf(text).length)
  const kinds = written.map(countKinds)
  const depths = written.map(({ path }) => path.split('/').length - 2)
  const functions = written.flatMap(functionsOf)
  const lengths = functions.map((one) => one.lines)
  const exported = functions.filter((one) => one.exported)
  const testLines = sum(
    sources.filter(({ path }) => isTest(path)).map(({ text }) => linesOf(text).length),
  )
  return {
    name,
    files: written.length,
    fileLines: [quantile(lines, 0.5), quantile(lines, 0.9), Math.max(0, ...lines)],
    comment: share(sum(kinds.map(({ comment }) => comment)), sum(lines)),
    blank: share(sum(kinds.map(({ blank }) => blank)), sum(lines)),
    tests: share(testLines, sum(lines)),
    depth: [quantile(depths, 0.5), Math.max(0, ...depths)],
    functionLines: [quantile(lengths, 0.5), quantile(lengths, 0.9)],
    functionsTooLong: share(lengths.filter((one) => one > functionLinesMax).length, lengths.length),
    onCycle: findCycles(written).flat().length,
    documented: share(exported.filter((one) => one.documented).length, exported.length),
  }
}

/** A line with code and a comment is code. */
export function countKinds(source: Source): { comment: number; blank: number } {
  const [text, comments] = [linesOf(source.text), linesOf(source.comments)]
  const blank = text.filter((line) => line.trim() === '').length
  const comment = text.filter(
    (line, index) => line.trim() !== '' && line.trim() === (comments[index] ?? '').trim(),
  ).length
  return { comment, blank }
}

const header = [
  ['part', 'files', 'file lines median / p90 / max', 'comment', 'blank', 'test:source'],
  ['depth median / max', 'function median / p90 / over 70', 'on a cycle', 'documented'],
].flat()

/** A Markdown table that is also easy to read on a terminal. */
export function table(rows: readonly Figures[]): string {
  const cells = [header, ...rows.map(cellsOf)]
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(header), rule, ...cells.slice(1).map(line)].join('\n')
}

function cellsOf(one: Figures): string[] {
  return [
    one.name,
    String(one.files),
    one.fileLines.join(' / '),
    percent(one.comment),
    percent(one.blank),
    one.tests.toFixed(2),
    one.depth.join(' / '),
    `${one.functionLines.join(' / ')} / ${percent(one.functionsTooLong)}`,
    String(one.onCycle),
    percent(one.documented),
  ]
}

/** The smallest value that at least this share of all values does not exceed; 0 of none. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? 0
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)}%`
}
