/**
 * The project's own rules, held by machine: layers, cycles, lengths, bans, manners, words and
 * commands. A rule that makes a piece of code worse is changed here, with its reason, for all.
 * Each check is a small file in test/tidy/ with a test that sees it fail.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkBans } from './tidy/bans.ts'
import { checkCommands, programsOf, readScripts } from './tidy/commands.ts'
import { checkCycles } from './tidy/cycles.ts'
import { measure, table } from './tidy/figures.ts'
import { checkLengths } from './tidy/lengths.ts'
import { checkLock, type Lock } from './tidy/lock-file.ts'
import { checkManner } from './tidy/manner.ts'
import { checkRanks, partOf } from './tidy/ranks.ts'
import { projectRoot, readSources, report, type Source } from './tidy/source.ts'
import { checkWords } from './tidy/words.ts'

let sources: readonly Source[] = []
beforeAll(async () => {
  sources = await readSources()
})

describe('tidy', () => {
  it('imports go down the ranks and stay out of foreign parts', () => {
    expect(report(checkRanks(sources))).toBe('')
  })

  it('no file is on an import cycle', () => {
    expect(report(checkCycles(sources))).toBe('')
  })

  it('files and functions are short', () => {
    expect(report(checkLengths(sources))).toBe('')
  })

  it('nothing banned is used', () => {
    expect(report(checkBans(sources))).toBe('')
  })

  it('modules have their manners', async () => {
    const programs = programsOf(await readScripts())
    expect(report(checkManner(sources, programs))).toBe('')
  })

  it('nothing points to one machine', async () => {
    expect(report(await checkWords())).toBe('')
  })

  it('npm ci takes the lock file on every platform', async () => {
    const text = await readFile(join(projectRoot, 'package-lock.json'), 'utf8')
    expect(report(checkLock(JSON.parse(text) as Lock))).toBe('')
  })

  it('README, judge and scripts name the same commands', async () => {
    expect(report(await checkCommands())).toBe('')
  })
})

it('prints its figures', () => {
  const own = sources.filter(({ path }) => partOf(path) !== '')
  const parts = [...new Set(own.map(({ path }) => path.split('/')[0] ?? ''))].filter(
    (part) => part !== 'test',
  )
  const rows = parts.map((part) =>
    measure(
      part,
      own.filter(({ path }) => path.startsWith(`${part}/`)),
    ),
  )
  process.stdout.write(`\n${table([...rows, measure('all', own)])}\n\n`)
  expect(rows.length).toBeGreaterThan(0)
})
