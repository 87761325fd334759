import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeJsonArray, writeJsonLines } from './json-lines.ts'

describe('files of records', () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-lines-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const textOf = (name: string) => readFileSync(join(folder, name), 'utf8')
  /** More than one write takes; with a letter of several bytes, and line ends inside. */
  const records = Array.from({ length: 9_000 }, (_, n) => ({ n, said: 'a line\nof Zoë' }))

  const pages = [records.slice(0, 4_000), [], records.slice(4_000)]

  it('have one record a line, in their order', async () => {
    expect(await writeJsonLines(join(folder, 'deep/lines.jsonl'), pages)).toBe(records.length)
    const lines = textOf('deep/lines.jsonl').split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(records)
  })

  it('are one array where that is asked for', async () => {
    expect(await writeJsonArray(join(folder, 'array.json'), pages)).toBe(records.length)
    expect(JSON.parse(textOf('array.json'))).toEqual(records)
  })

  it('may be of nothing', async () => {
    expect(await writeJsonLines(join(folder, 'none.jsonl'), [])).toBe(0)
    expect(await writeJsonArray(join(folder, 'none.json'), [[]])).toBe(0)
    expect([textOf('none.jsonl'), JSON.parse(textOf('none.json'))]).toEqual(['', []])
  })

  it('say where reading broke off, and do not end as if they were whole', async () => {
    async function* broken() {
      yield records.slice(0, 1)
      throw new Error('the database is gone')
    }
    const written = writeJsonLines(join(folder, 'broken.jsonl'), broken())
    await expect(written).rejects.toThrow('the database is gone')
  })
})
