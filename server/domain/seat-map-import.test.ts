import { describe, expect, it } from 'vitest'
import {
  faultLines,
  faultsOf,
  header,
  imported,
  seatJson,
  smallCsv,
  smallJson,
  withSeats,
  withSections,
} from './seat-map-samples.ts'

describe('a good seat-map file', () => {
  it('becomes a map whose units are numbered without a gap', () => {
    expect(imported(JSON.stringify(smallJson), 'json')).toEqual({
      name: 'Hall',
      units: 43,
      sections: [
        {
          kind: 'seated',
          name: 'A',
          firstUnit: 0,
          units: 3,
          rows: [
            {
              name: '1',
              firstUnit: 0,
              seats: [
                { name: '1', x: 0, y: 0, gapAfter: true },
                { name: '2', x: 1.5, y: 0 },
              ],
            },
            { name: '2', firstUnit: 2, seats: [{ name: '1', x: 0, y: -1.25 }] },
          ],
        },
        { kind: 'standing', name: 'Floor', firstUnit: 3, units: 40 },
      ],
    })
  })

  it('gives the same map as CSV and as JSON', () => {
    expect(imported(smallCsv, 'csv')).toEqual(imported(JSON.stringify(smallJson, null, 2), 'json'))
  })

  it('may begin with a byte order mark, and end its lines in any way', () => {
    const expected = imported(smallCsv, 'csv')
    expect(imported(`\ufeff${smallCsv}`, 'csv')).toEqual(expected)
    expect(imported(smallCsv.replaceAll('\n', '\r\n'), 'csv')).toEqual(expected)
    expect(imported(smallCsv.replaceAll('\n', '\r'), 'csv')).toEqual(expected)
    expect(imported(`\ufeff${JSON.stringify(smallJson)}`, 'json')).toEqual(expected)
  })

  it('may have its CSV columns in any order, quoted, spaced, and without the optional ones', () => {
    const csv = 'Seat , y,x,"row",section\n1,0,0,1,A\n2,0,"1.5",1,"  A "\n'
    const section = imported(csv, 'csv').sections[0]
    expect(section).toMatchObject({ name: 'A', units: 2, rows: [{ name: '1' }] })
  })

  it('may spread a section over the file, and spell one name in two Unicode forms', () => {
    const csv = `${header}\nÉ,1,1,0,0,,\nB,1,1,5,0,,\nE\u0301,1,2,1,0,,\n`
    const map = imported(csv, 'csv')
    expect(map.sections.map(({ name, units }) => [name, units])).toEqual([
      ['\u00c9', 2],
      ['B', 1],
    ])
  })

  it('keeps names without outer spaces, and coordinates to the millimetre', () => {
    const map = imported(
      withSeats('{ "name": " 1 \u00a0 b ", "x": 1.00049, "y": -0.0001 }'),
      'json',
    )
    const [section] = map.sections
    expect(section?.kind === 'seated' && section.rows[0]?.seats[0]).toEqual({
      name: '1 b',
      x: 1,
      y: 0,
    })
  })

  it('may have neighbours at exactly the least distance', () => {
    const seats = Array.from({ length: 50 }, (_, i) => `A,1,${i},${(i * 0.2).toFixed(1)},0,,`)
    expect(imported([header, ...seats].join('\n'), 'csv').units).toBe(50)
  })

  it('may have 100,000 units', () => {
    expect(
      imported(withSections('{ "name": "F", "kind": "standing", "capacity": 100000 }'), 'json')
        .units,
    ).toBe(100_000)
  })
})

describe('the encoding of a seat-map file', () => {
  it.each([
    [
      'the byte of a Windows code page',
      Buffer.from('section\nCaf\xe9,1', 'latin1'),
      '2:4 not-utf8',
    ],
    ['an overlong form', Buffer.from('ab\r\nc\xc0\xafd', 'latin1'), '2:2 not-utf8'],
    ['a character cut off', Buffer.from('é€').subarray(0, 4), '1:2 not-utf8'],
    ['UTF-16 with its mark', Buffer.from('\ufeffsection', 'utf16le'), '1:1 not-utf8'],
    ['UTF-16 without its mark', Buffer.from('{ "name": 1 }', 'utf16le'), '1:1 not-utf8'],
    ['UTF-16, high byte first', Buffer.from([0xfe, 0xff, 0, 0x7b]), '1:1 not-utf8'],
  ])('is refused for %s, with its place', (_what, bytes, expected) => {
    expect(faultLines(bytes, 'csv')).toEqual([expected])
    expect(faultLines(bytes, 'json')).toEqual([expected])
  })

  it('is named when it is UTF-16', () => {
    const bytes = Buffer.from('\ufeffsection', 'utf16le')
    expect(faultsOf(bytes, 'csv')[0]?.message).toContain('UTF-16')
  })
})

describe('a seat-map file that is too large', () => {
  it('is refused by its size alone', () => {
    expect(faultLines(new Uint8Array(16 * 1024 * 1024 + 1), 'json')).toEqual(['1:1 file-too-large'])
  })

  it('is refused at the first seat over 100,000, though it goes on to a million', () => {
    const line = (_: unknown, i: number) => `${i >> 12},${i & 4095},1,1,0`
    const lines = Array.from({ length: 1_000_000 }, line)
    const csv = ['section,row,seat,x,y', ...lines].join('\n')
    expect(faultLines(csv, 'csv')).toEqual(['100002:1 too-many-units'])
    const json = withSeats(`${'{"name":"1","x":0,"y":0},\n'.repeat(600_000)}${seatJson}`)
    expect(faultLines(json, 'json')).toEqual([
      '10002:1 section-too-large',
      '100002:1 too-many-units',
    ])
  })

  it('is refused when a seated section has more than 10,000 seats, at the first of them', () => {
    const lines = Array.from(
      { length: 10_002 },
      (_, i) => `A,${Math.floor(i / 100)},${i % 100},${i % 100},${Math.floor(i / 100)},,`,
    )
    expect(faultLines([header, ...lines].join('\n'), 'csv')).toEqual(['10002:1 section-too-large'])
  })

  it('is refused when it has more than 500 sections, at the first of them', () => {
    const areas = Array.from({ length: 502 }, (_, i) => `Floor ${i},,,,,,1`)
    expect(faultLines([header, ...areas].join('\n'), 'csv')).toEqual(['502:1 too-many-sections'])
    const json = areas.map((_, i) => `{ "name": "F ${i}", "kind": "standing", "capacity": 1 }`)
    expect(faultLines(withSections(json.join(',\n')), 'json')).toEqual(['502:1 too-many-sections'])
  })
})

describe('a file with many faults', () => {
  it('gets the first hundred listed and the others counted', () => {
    const lines = Array.from({ length: 250 }, (_, i) => `A,1,${i},x,${i},,`)
    const faults = faultsOf([header, ...lines].join('\n'), 'csv')
    expect(faults).toHaveLength(101)
    expect(faults.at(-1)).toMatchObject({ line: 102, code: 'more-faults' })
    expect(faults.at(-1)?.message).toMatch(/^150 further faults/)
  })

  it('still says what ended the reading', () => {
    const lines = Array.from({ length: 250 }, (_, i) => `A,1,${i},x,${i},,`)
    const faults = faultsOf([header, ...lines, '"A'].join('\n'), 'csv')
    expect(faults.map(({ code }) => code).slice(-2)).toEqual(['not-csv', 'more-faults'])
  })

  it('is not read to its end when every value is wrong', () => {
    const faults = faultsOf(withSeats(`${'1,'.repeat(5_000_000)}1`), 'json')
    expect(faults.at(-1)?.message).toMatch(/^10000 or more further faults/)
  })
})
