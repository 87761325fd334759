/** What can be played, for a person. */
import type { Scenario } from './scenario.ts'

export function listLines(scenarios: readonly Scenario[]): string {
  return scenarios.map(linesOf).join('\n')
}

function linesOf({ name, title, holds, targets, parts, notYet }: Scenario): string {
  const width = Math.max(0, ...Object.keys(parts).map((part) => part.length))
  return [
    `${name}  (${targets.join(', ')})`,
    `  ${title}`,
    `  ${holds}`,
    ...Object.entries(parts).map(([part, said]) => `    ${part.padEnd(width)}  ${said}`),
    ...(notYet === undefined ? [] : [`    not yet: ${notYet}`]),
    '',
  ].join('\n')
}
