import { expect, it } from 'vitest'
import { countKinds, measure, quantile, table } from './figures.ts'
import { parseSource } from './source.ts'

const text = `/**
 * Why.
 */

export function a() { // code and comment is code
  const s = \`

\`
  return s
}
`

it('counts comment and blank lines as a reader does', () => {
  expect(countKinds(parseSource('server/x.ts', text))).toEqual({ comment: 3, blank: 2 })
})

it('measures source and tests apart', () => {
  const figures = measure('server', [
    parseSource('server/x.ts', text),
    parseSource('server/domain/y.ts', "import './z.ts'\n"),
    parseSource('server/domain/z.ts', "import './y.ts'\n"),
    parseSource('server/x.test.ts', 'a()\n'.repeat(24)),
  ])
  expect(figures).toMatchObject({
    files: 3,
    fileLines: [1, 10, 10],
    comment: 3 / 12,
    blank: 2 / 12,
    tests: 2,
    depth: [1, 1],
    functionLines: [6, 6],
    functionsTooLong: 0,
    onCycle: 2,
    documented: 1,
  })
  const [head = '', rule = '', row = ''] = table([figures]).split('\n')
  expect(row).toContain('1 / 10 / 10')
  expect([rule.length, row.length]).toEqual([head.length, head.length])
})

it('takes quantiles by nearest rank', () => {
  const values = [5, 1, 4, 2, 3]
  expect([quantile(values, 0.5), quantile(values, 0.9), quantile([], 0.5)]).toEqual([3, 5, 0])
})
