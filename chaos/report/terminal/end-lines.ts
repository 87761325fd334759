/** What stands on the screen when all is over. */
import type { Paint } from '../../../regions/local/watch/board.ts'
import { boardWords } from '../board-words.ts'
import { slowestOf } from '../first-sales.ts'
import { duration } from '../html/shown.ts'
import { repeatCommand } from '../repeat-command.ts'
import type { Report } from '../report.ts'
import { columnsMin, cut, plain } from './live-lines.ts'

const width = columnsMin - 1
const storyLinesMax = 12

/** @param files where the report lies */
export function endLines(report: Report, files: readonly string[], paint: Paint): string[] {
  const { bold, dim, red } = paint
  const { passed, failures, faults, run } = report
  const stamp = passed ? bold('✓ PASSED') : red('✗ FAILED')
  return [
    '',
    `${stamp}  ${dim(`${run.scenario}, seed ${run.seed}`)}`,
    ...boardWords(report).flatMap((sentence) => wrapped(sentence, '  ')),
    ...(failures.length === 0 ? [] : ['']),
    ...failures.flatMap((said) => wrapped(said, '  ✗ ')).map((line) => red(line)),
    '',
    ...invariantLines(report, paint),
    ...storyLines(report),
    ...(faults.length === 0 ? [] : ['', dim(row('fault', 'stood', 'felt'))]),
    ...faults.map((fault) => {
      const { kind, where, injectedAt, healedAt, felt, mustBeFelt } = fault
      const stood = healedAt === null ? 'not healed' : duration(healedAt - injectedAt)
      const line = row(`${kind} ${where}`, stood, String(felt))
      return mustBeFelt && felt === 0 ? red(line) : line
    }),
    ...firstSaleLines(report, paint),
    ...(report.sometimes.length === 0 ? [] : ['', dim(row('rare state', '', 'times'))]),
    ...report.sometimes.map(({ name, times }) =>
      row(name, '', times > 0 ? String(times) : 'never'),
    ),
    '',
    // Not cut: they are there to be copied.
    ...files.map((file) => `${dim('report ')}${file}`),
    `${dim('again  ')}${repeatCommand(run)}`,
    '',
  ]
}

function invariantLines({ verdict }: Report, { red, dim }: Paint): string[] {
  const lines = verdict.findings.map(({ id, title, checked, broken }) => {
    const sign = broken > 0 ? '✗' : checked === 0 ? '–' : '✓'
    const line = row(`${sign} ${id.padEnd(4)}${title}`, String(checked), String(broken))
    if (broken > 0) return red(line)
    return checked === 0 ? dim(line) : line
  })
  return [dim(row('invariant', 'checked', 'broken')), ...lines]
}

/** The first of each: the report has them all. */
function storyLines({ verdict }: Report): string[] {
  return verdict.findings.flatMap(({ id, violations }) => {
    const [first] = violations
    if (first === undefined) return []
    const lines = first.story.slice(0, storyLinesMax)
    const more = first.story.length - lines.length
    return [
      '',
      ...wrapped(`${id}: ${first.said}`, '  '),
      ...lines.flatMap((line) => wrapped(line, '    ')),
      ...(more > 0 ? [`    … ${more} more lines in the report`] : []),
    ]
  })
}

function firstSaleLines({ firstSaleSeconds }: Report, { dim, red }: Paint): string[] {
  if (firstSaleSeconds.length === 0) return []
  const lines = firstSaleSeconds.map((first) => {
    const slowest = slowestOf(first)
    const line = row(first.after, '', slowest === null ? 'none' : duration(slowest * 1_000))
    return slowest === null ? red(line) : line
  })
  return ['', dim(row('first sale everywhere after', '', 'within')), ...lines]
}

function row(name: string, middle: string, right: string): string {
  const cells = `${middle.padStart(11)}${right.padStart(9)}`
  const room = width - cells.length
  return `${cut(name, room - 1).padEnd(room)}${cells}`
}

/** Between words where there are any; what follows stands under what began. */
function wrapped(text: string, head: string): string[] {
  const room = width - head.length
  const lines: string[] = []
  let rest = plain(text)
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room)
    const end = space > room / 2 ? space : room
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  lines.push(rest)
  return lines.map((line, index) => `${index === 0 ? head : ' '.repeat(head.length)}${line}`)
}
