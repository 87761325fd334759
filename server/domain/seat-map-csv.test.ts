import { describe, expect, it } from 'vitest'
import { faultLines, header } from './seat-map-samples.ts'

describe('a faulty CSV seat map', () => {
  const csv = (...lines: string[]) => [header, ...lines].join('\n')

  it.each<[string, string, string[]]>([
    ['nothing', '\n\n', ['1:1 empty-file']],
    ['a header alone', header, ['1:1 empty-map']],
    ['no header', 'A,1,1,0,0,,\nA,1,2,1,0,,', ['1:1 not-csv']],
    ['semicolons', 'section;row;seat;x;y\nA;1;1;0;0', ['1:1 not-csv']],
    ['an unknown column', `${header},price\nA,1,1,0,0,,,5`, ['1:41 unknown-field']],
    ['a column twice', 'section,row,seat,x,y,x\nA,1,1,0,0,0', ['1:22 duplicate-field']],
    ['a column missing', 'section,row,seat,x\nA,1,1,0', ['1:1 missing-field']],
    ['a line that is too short', csv('A,1,1,0,0,,', 'A,1,2,1,0'), ['3:1 wrong-field-count']],
    ['a quote never closed', csv('A,1,1,0,0,,', 'A,1,"2,1,0,,', ''), ['3:5 not-csv']],
    ['a quote in the middle', csv('A,1,5",0,0,,'), ['2:6 not-csv']],
    ['an empty section', csv(',1,1,0,0,,'), ['2:1 empty-name']],
    ['an empty row', csv('A,,1,0,0,,'), ['2:3 empty-name']],
    ['an empty seat', csv('A,1,,0,0,,'), ['2:5 empty-name']],
    ['empty coordinates', csv('A,1,1,,,,'), ['2:7 missing-field', '2:8 missing-field']],
    ['a decimal comma', csv('A,1,1,"1,5",0,,'), ['2:7 wrong-type']],
    [
      'coordinates that are words',
      csv('A,1,1,NaN,Infinity,,'),
      ['2:7 wrong-type', '2:11 wrong-type'],
    ],
    ['a coordinate without end', csv('A,1,1,1e999,0,,'), ['2:7 coordinate-out-of-range']],
    ['a coordinate beyond 10 km', csv('A,1,1,0,10001,,'), ['2:9 coordinate-out-of-range']],
    ['an unclear gap', csv('A,1,1,0,0,maybe,'), ['2:11 bad-value']],
    ['a seat with a capacity', csv('A,1,1,0,0,,3'), ['2:12 bad-value']],
    [
      'a standing area with coordinates',
      csv('Floor,,,1,2,,3'),
      ['2:9 bad-value', '2:11 bad-value'],
    ],
    ['a capacity of nothing', csv('Floor,,,,,,0'), ['2:12 capacity-out-of-range']],
    ['a capacity in parts', csv('Floor,,,,,,2.5'), ['2:12 capacity-out-of-range']],
    ['a capacity in words', csv('Floor,,,,,,many'), ['2:12 wrong-type']],
    ['a capacity of a million', csv('Floor,,,,,,1000000'), ['2:12 too-many-units']],
    ['a standing area twice', csv('Floor,,,,,,5', 'Floor,,,,,,5'), ['3:1 duplicate-name']],
    ['an area both seated and standing', csv('A,1,1,0,0,,', 'A,,,,,,5'), ['3:1 duplicate-name']],
    [
      'sections that differ in case',
      csv('Balcony,1,1,0,0,,', 'balcony,1,1,5,0,,'),
      ['3:1 duplicate-name'],
    ],
    [
      'rows that differ in spaces',
      csv('A,Row 1,1,0,0,,', 'A,Row1,1,5,0,,'),
      ['3:3 duplicate-name'],
    ],
    [
      'seats that differ in Unicode form',
      csv('A,1,1,0,0,,', 'A,1,\uff11,5,0,,'),
      ['3:5 duplicate-name'],
    ],
    [
      'a seat entered twice',
      csv('A,1,1,0,0,,', 'A,1,1,0,0,,'),
      ['3:5 duplicate-name', '3:5 seats-overlap'],
    ],
    ['a name with a line end', csv('"A\nB",1,1,0,0,,'), ['2:1 name-bad-character']],
    ['a name with a zero character', csv('A\u0000B,1,1,0,0,,'), ['2:1 name-bad-character']],
    ['a name that was damaged before', csv('Caf\ufffd,1,1,0,0,,'), ['2:1 name-bad-character']],
    ['an invisible name', csv('\u3164,1,1,0,0,,'), ['2:1 empty-name']],
  ])('is refused for %s', (_what, text, expected) => {
    expect(faultLines(text, 'csv')).toEqual(expected)
  })

  it('is blamed once for a bad section name, whatever the number of its lines', () => {
    const lines = Array.from({ length: 500 }, (_, i) => `A\u202eB,1,${i},${i},0,,`)
    expect(faultLines(csv(...lines), 'csv')).toEqual(['2:1 name-bad-character'])
  })
})
