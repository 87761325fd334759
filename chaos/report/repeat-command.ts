/** The command that plays the run again: the seed decides everything that chance decides. */
import type { RunFacts } from '../evidence/evidence.ts'

export function repeatCommand({ scenario, seed, options, regions, ...run }: RunFacts): string {
  const { minutes } = options
  const database = /\b(postgres|cockroach)/i.exec(run.database)?.[1]?.toLowerCase()
  const words = [
    ['--seed', String(seed)],
    ...(typeof minutes === 'number' ? [['--minutes', String(minutes)]] : []),
    ['--regions', String(regions.length)],
    ['--target', run.target],
    ...(database === undefined ? [] : [['--database', database]]),
  ]
  return `npm run chaos -- ${[scenario, ...words.flat()].join(' ')}`
}
