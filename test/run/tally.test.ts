import { expect, it } from 'vitest'
import { checked, demandReasons, nothing, reasonInName, sum, summary } from './tally.ts'

const mixed = {
  passed: 2,
  failures: ['a.test.ts > breaks'],
  skipped: [
    { name: 'b.test.ts > one', reason: 'no Redis' },
    { name: 'b.test.ts > two', reason: null },
    { name: 'c.test.ts > three', reason: 'no Redis' },
  ],
}

it('adds up', () => {
  expect(sum([])).toEqual(nothing)
  expect(sum([mixed, { ...nothing, passed: 3 }])).toEqual({ ...mixed, passed: 5 })
})

it('a check passes, fails, or is left out with the reason why it could not find out', () => {
  const check = { name: 'faults', script: 'audit', unsure: 'nobody could say' }
  expect(checked(check, null)).toEqual({ ...nothing, passed: 1 })
  expect(checked(check, 'ended with 1').failures).toEqual(['faults: npm run audit ended with 1'])
  const skipped = [{ name: 'npm run audit', reason: 'nobody could say' }]
  expect(checked(check, 'ended with 2')).toEqual({ ...nothing, skipped })
  const strict = { ...check, unsure: undefined }
  expect(checked(strict, 'ended with 2').failures).toEqual(['faults: npm run audit ended with 2'])
})

it('a test that is left out without a reason has failed', () => {
  const judged = demandReasons(mixed)
  expect(judged.failures).toEqual([
    'a.test.ts > breaks',
    'b.test.ts > two: left out without a reason',
  ])
  expect(judged.skipped).toHaveLength(2)
})

it('lists each test that is left out under its reason, and closes with one line', () => {
  expect(summary(demandReasons(mixed)).split('\n')).toEqual([
    'Failed:',
    '  a.test.ts > breaks',
    '  b.test.ts > two: left out without a reason',
    '',
    'Skipped:',
    '  2 because: no Redis',
    '    b.test.ts > one',
    '    c.test.ts > three',
    '',
    '2 passed, 2 failed, 2 skipped',
  ])
  expect(summary({ ...nothing, passed: 7 })).toBe('7 passed, 0 failed, 0 skipped')
})

it('keeps each name on one line', () => {
  const skipped = [{ name: `let pass: select 1\n  from ${'x'.repeat(200)}`, reason: 'no Go' }]
  const lines = summary({ ...nothing, skipped }).split('\n')
  expect(lines[2]).toMatch(/^ {4}let pass: select 1 from x+…$/)
})

it('reads the reason from the name of a group', () => {
  expect(reasonInName('x.test.ts > Redis (skipped: no redis-server (run setup)) > holds')).toBe(
    'no redis-server (run setup)',
  )
  expect(reasonInName('x.test.ts > Redis > holds')).toBeNull()
})
