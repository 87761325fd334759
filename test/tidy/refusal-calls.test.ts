/** The server refuses with every code of the table, and with what the table describes. */
import { beforeAll, describe, expect, it } from 'vitest'
import { refusalTable } from '../../server/domain/refusals/refusal-table.ts'
import { checkCodesUsed, checkDetails } from './refusal-calls.ts'
import { parseSource, readSources, report, type Source } from './source.ts'

let sources: readonly Source[] = []
beforeAll(async () => {
  sources = await readSources()
})

const facts = { ...refusalTable.LIMIT_REACHED, details: '`limit`: places; `already`: places' }

describe('the codes of refusals', () => {
  it('are all refused with somewhere in the server', () => {
    expect(report(checkCodesUsed(sources, refusalTable))).toBe('')
  })

  it('are found in strings only, and not in tests or in the table', () => {
    const said = [
      parseSource('server/a.ts', "// 'IN_COMMENT'\nrefuse('USED', 'm')"),
      parseSource('server/a.test.ts', "expect('IN_TEST')"),
      parseSource('server/domain/refusals/t.ts', "const t = { 'IN_TABLE': 1 }"),
      parseSource('client/a.ts', "code === 'IN_CLIENT'"),
    ]
    const codes = ['USED', 'IN_COMMENT', 'IN_TEST', 'IN_TABLE', 'IN_CLIENT']
    const table = Object.fromEntries(codes.map((code) => [code, facts]))
    const found = checkCodesUsed(said, table).map(({ message }) => message.split(/[ ,]/)[1])
    expect(found).toEqual(codes.slice(1))
  })
})

describe('the details of refusals', () => {
  it('are all described in the table', () => {
    expect(report(checkDetails(sources, refusalTable))).toBe('')
  })

  it('are read from the calls that write them out', () => {
    const code = `
      refuse('LIMIT_REACHED', 'm', { limit: 1, already })
      refusal('LIMIT_REACHED', 'm', { limit: 1, spare: 2 })
      refuse('LIMIT_REACHED', 'm')
      refuse('LIMIT_REACHED', 'm', details)
    `
    const found = checkDetails([parseSource('server/a.ts', code)], { LIMIT_REACHED: facts })
    expect(found).toEqual([
      {
        path: 'server/a.ts',
        line: 3,
        message: 'refuses LIMIT_REACHED with details.spare, which the table does not describe',
      },
    ])
  })
})
