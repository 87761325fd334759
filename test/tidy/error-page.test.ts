/** docs/errors.md is the table of refusals. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refusalGroups, refusalTable } from '../../server/domain/refusals/refusal-table.ts'
import { errorPage, errorPagePath } from './error-page.ts'
import { projectRoot } from './source.ts'

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
