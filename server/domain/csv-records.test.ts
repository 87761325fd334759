import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvBreak, type CsvRecord, readCsvRecords } from './csv-records.ts'

function read(text: string): { records: CsvRecord[]; end: CsvBreak | undefined } {
  const records: CsvRecord[] = []
  const generator = readCsvRecords(text)
  for (;;) {
    const step = generator.next()
    if (step.done) return { records, end: step.value }
    records.push(step.value)
  }
}

function texts(text: string): string[][] {
  return read(text).records.map((record) => record.fields.map((field) => field.text))
}

describe('reading CSV', () => {
  it('reads plain, quoted and empty fields, whatever ends the lines', () => {
    const expected = [
      ['a', 'b,c', 'd"e'],
      ['', '', ''],
    ]
    expect(texts('a,"b,c","d""e"\r\n,,\r\n')).toEqual(expected)
    expect(texts('a,"b,c","d""e"\n,,')).toEqual(expected)
    expect(texts('a,"b,c","d""e"\r,,""')).toEqual(expected)
    expect(texts('\n\n')).toEqual([])
    expect(texts('')).toEqual([])
  })

  it('gives back any table that was written by the standard', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', ' '),
      maxLength: 6,
    })
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 })
    fc.assert(
      fc.property(table, (rows) => {
        const quote = (value: string) => `"${value.replaceAll('"', '""')}"`
        const text = rows.map((row) => row.map(quote).join(',')).join('\r\n')
        expect(texts(text)).toEqual(rows)
      }),
    )
  })

  it('knows the line and column of each field, also after line ends inside quotes', () => {
    const { records } = read('ab,c\r\n"x\r\ny",z\n\n"",q')
    expect(
      records.map((record) => record.fields.map(({ line, column }) => [line, column])),
    ).toEqual([
      [
        [1, 1],
        [1, 4],
      ],
      [
        [2, 1],
        [3, 4],
      ],
      [
        [5, 1],
        [5, 4],
      ],
    ])
  })

  it.each([
    ['a,b"c', [1, 4], 'inside an unquoted field'],
    ['a,b\n"c"d,e', [2, 4], 'closing quote'],
    ['a,b\nc,"d\n\n', [2, 3], 'never closed'],
    [','.repeat(1_000_000), [1, 65], 'more than 64 fields'],
  ])('says where a text stops being CSV', (text, [line, column], why) => {
    const { end } = read(text)
    expect(end).toMatchObject({ line, column })
    expect(end?.message).toContain(why)
  })
})
