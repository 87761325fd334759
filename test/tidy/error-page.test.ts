/** docs/errors.md is the table of refusals, and every code of it is in use. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refusalGroups, refusalTable } from '../../server/domain/refusals/refusal-table.ts'
import { checkCodesUsed, errorPage, errorPagePath } from './error-page.ts'
import { parseSource, projectRoot, readSources, report } from './source.ts'

const codes = Object.keys(refusalTable)

describe('the page of refusals', () => {
  it('is what `npm run docs:errors` writes', async () => {
    expect(await readFile(join(projectRoot, errorPagePath), 'utf8')).toBe(errorPage())
  })

  it('has each code once, in one of its parts', () => {
    const named = refusalGroups.flatMap(({ group }) => Object.keys(group))
    expect(named.toSorted()).toEqual(codes.toSorted())
    for (const code of codes) expect(errorPage().split(`| \`${code}\` |`)).toHaveLength(2)
  })

  it('has a text in each cell, and no cell breaks its row', () => {
    for (const [code, facts] of Object.entries(refusalTable)) {
      for (const text of Object.values(facts).filter((value) => typeof value === 'string')) {
        expect(text.trim(), code).not.toBe('')
        expect(text, code).not.toMatch(/\n|\.$/)
      }
    }
  })
})

describe('the codes', () => {
  it('are all refused with somewhere in the server', async () => {
    expect(report(checkCodesUsed(await readSources(), codes))).toBe('')
  })

  it('are found in strings only, and not in tests or in the table', () => {
    const sources = [
      parseSource('server/a.ts', "// 'IN_COMMENT'\nrefuse('USED', 'm')"),
      parseSource('server/a.test.ts', "expect('IN_TEST')"),
      parseSource('server/domain/refusals/t.ts', "const t = { 'IN_TABLE': 1 }"),
      parseSource('client/a.ts', "code === 'IN_CLIENT'"),
    ]
    const asked = ['USED', 'IN_COMMENT', 'IN_TEST', 'IN_TABLE', 'IN_CLIENT']
    const found = checkCodesUsed(sources, asked).map(({ message }) => message.split(/[ ,]/)[1])
    expect(found).toEqual(asked.slice(1))
  })
})
