/** A verdict in lines that a person can read. */
import type { Finding, Verdict } from './verdict.ts'

export function sayVerdict(verdict: Verdict): string[] {
  const { operations, tookMs, lostAcknowledgements, findings } = verdict
  const broken = findings.filter((finding) => finding.broken > 0)
  const said =
    broken.length === 0
      ? 'no invariant is broken'
      : `broken: ${broken.map(({ id }) => id).join(', ')}`
  return [
    ...findings.map(sayFinding),
    ...broken.flatMap(sayBroken),
    '',
    `${operations} operations, judged in ${(tookMs / 1000).toFixed(1)} s; ${lostAcknowledgements} acknowledgements lost; ${said}`,
  ]
}

function sayFinding({ id, title, checked, broken, note, counts }: Finding): string {
  const mark = broken > 0 ? 'BROKEN' : checked > 0 ? 'holds' : 'open'
  const sums = Object.entries(counts).filter(([, times]) => times > 0)
  const counted = sums.map(([name, times]) => `${name} ${times}`).join(', ')
  const tail = [counted, note ?? ''].filter((part) => part !== '').join('. ')
  const figures = broken > 0 ? `${broken} of ${checked}` : String(checked)
  return `${id.padEnd(4)} ${mark.padEnd(6)} ${figures.padStart(12)}  ${title}${tail === '' ? '' : ` (${tail})`}`
}

function sayBroken({ id, violations, broken }: Finding): string[] {
  const more = broken - violations.length
  return [
    ...violations.flatMap(({ said, story }) => [
      '',
      `${id}: ${said}`,
      ...story.map((line) => `    ${line}`),
    ]),
    ...(more > 0 ? ['', `${id}: and ${more} more`] : []),
  ]
}
