import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from '../tidy/source.ts'
import type { RunTally } from './tally-reporter.ts'

const files = {
  'vitest.config.ts': 'export default {}',
  'mixed.test.ts': `
    import { expect, it } from 'vitest'
    import { describeUnless, skipUnless } from '${join(projectRoot, 'test/support/skip.ts')}'
    it('passes', () => undefined)
    it('fails', () => expect(1).toBe(2))
    it('lacks', (context) => skipUnless(context, 'no Redis here'))
    it('lacks nothing', (context) => skipUnless(context, null))
    it.skip('hides', () => undefined)
    describeUnless('no Go (1.23)', 'a group', () => it('is out', () => undefined))
    describeUnless(null, 'another', () => it('is in', () => undefined))`,
  'hook.test.ts': `
    import { beforeAll, describe, it } from 'vitest'
    describe('a group', () => {
      beforeAll(() => { throw new Error('hook broke') })
      it('never began', () => undefined)
    })`,
  'load.test.ts': "import './missing.ts'",
}

async function runVitest(): Promise<{ code: number; tally: RunTally }> {
  const parent = join(projectRoot, '.frontrow')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'reporter-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs')
    const reporter = join(projectRoot, 'test/run/tally-reporter.ts')
    const file = join(folder, 'tally.json')
    const parameters = [vitest, 'run', '--root', folder, '--reporter', reporter]
    const code = await new Promise<number>((resolve) => {
      execFile(
        process.execPath,
        parameters,
        { env: { ...process.env, TALLY_FILE: file } },
        (fault) => resolve(fault === null ? 0 : 1),
      )
    })
    return { code, tally: JSON.parse(await readFile(file, 'utf8')) as RunTally }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

it('counts what passed, broke inside and outside of tests, and was left out with its reason', async () => {
  const { code, tally } = await runVitest()
  expect(code).toBe(1)
  expect(tally.passed).toBe(3)
  expect(tally.failures.toSorted()).toEqual([
    'hook.test.ts > a group > never began: did not run',
    'hook.test.ts > a group: hook broke',
    expect.stringMatching(/^load\.test\.ts: Cannot find module/) as string,
    expect.stringMatching(/^mixed\.test\.ts > fails: expected 1 to be 2/) as string,
  ])
  const reasons = tally.skipped.map(({ name, reason }) => [name.split(' > ')[1], reason])
  expect(reasons).toEqual([
    ['lacks', 'no Redis here'],
    ['hides', null],
    ['a group (skipped: no Go (1.23))', 'no Go (1.23)'],
  ])
})
