/** What `npm run test:cockroach -- …` understands. */
import { parseArgs } from 'node:util'
import { goldenRegions } from '../support/golden.ts'

export const usage = `Usage: npm run test:cockroach -- [--nodes 1|3] [part of a path …]

Runs the suites of stores, races and sales against a CockroachDB that it starts from this machine's
own program (on the PATH, or named by COCKROACH_BINARY) and removes again. With three nodes there is
one in each region, and tables are placed in regions where the build can.
`

export type Wish = { readonly regions: readonly string[]; readonly patterns: readonly string[] }

/** @throws Error with one sentence */
export function readWish(args: readonly string[]): Wish {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { nodes: { type: 'string', default: '1' } },
  })
  const names = goldenRegions.map(({ name }) => name)
  if (values.nodes !== '1' && values.nodes !== String(names.length)) {
    throw new Error(`--nodes must be 1 or ${names.length}, not "${values.nodes}".`)
  }
  return { regions: names.slice(0, Number(values.nodes)), patterns: positionals }
}
