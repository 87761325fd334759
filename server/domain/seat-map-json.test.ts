import { describe, expect, it } from 'vitest'
import {
  faultLines,
  faultsOf,
  rowJson,
  seatJson,
  withRows,
  withSeats,
  withSections,
} from './seat-map-samples.ts'

describe('a faulty JSON seat map', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', ['1:1 empty-file']],
    ['only spaces', '\ufeff \n\t', ['1:1 empty-file']],
    ['a word', 'seats', ['1:1 not-json']],
    ['a comma too many', withSeats(`${seatJson},\n`), ['3:1 not-json']],
    ['an end too early', '{ "name": "Hall",\n"sections": [', ['2:14 not-json']],
    ['a comment', '// seats\n{}', ['1:1 not-json']],
    [
      'something after the end',
      '{ "name": "Hall", "sections": [] }\n{}',
      ['1:31 empty-map', '2:1 not-json'],
    ],
    ['a raw line end in a text', '{ "name": "Ha\nll" }', ['1:11 not-json']],
    [
      'a number in a text of its own',
      withSeats('{ "name": "1", "x": 01, "y": 0 }'),
      ['2:22 not-json'],
    ],
    ['another root', '[]', ['1:1 wrong-type']],
    [
      'an unknown field',
      '{ "name": "Hall",\n"colour": { "a": [1, {}] }, "sections": [] }',
      ['2:1 unknown-field', '2:41 empty-map'],
    ],
    [
      'a field of the language',
      withSeats('{ "name": "1", "x": 0, "y": 0, "__proto__": {} }'),
      ['2:32 unknown-field'],
    ],
    [
      'a field twice',
      withSeats('{ "name": "1", "x": 0, "y": 0,\n"x": 5 }'),
      ['3:1 duplicate-field'],
    ],
    ['no name and no sections', '{}', ['1:1 missing-field', '1:1 missing-field']],
    ['a seat without y', withSeats('{ "name": "1", "x": 0 }'), ['2:1 missing-field']],
    ['a name that is a number', withSeats('{ "name": 1, "x": 0, "y": 0 }'), ['2:11 wrong-type']],
    [
      'a coordinate that is a text',
      withSeats('{ "name": "1", "x": "0", "y": null }'),
      ['2:21 wrong-type', '2:31 wrong-type'],
    ],
    ['sections that are no list', '{ "name": "Hall", "sections": {} }', ['1:31 wrong-type']],
    ['a seat that is a list', withSeats('["1", 0, 0]'), ['2:1 wrong-type']],
    [
      'a coordinate that is too large for a number',
      withSeats('{ "name": "1", "x": 1e999, "y": 0 }'),
      ['2:21 coordinate-out-of-range'],
    ],
    [
      'a coordinate beyond 10 km',
      withSeats('{ "name": "1", "x": 0, "y": -10000.1 }'),
      ['2:29 coordinate-out-of-range'],
    ],
    ['an unknown kind', withSections('{ "name": "A", "kind": "sitting" }'), ['2:24 bad-value']],
    ['a section without kind', withSections('{ "name": "A" }'), ['2:1 missing-field']],
    [
      'a seated section without rows',
      withSections('{ "name": "A", "kind": "seated" }'),
      ['2:1 missing-field'],
    ],
    [
      'a standing section without capacity',
      withSections('{ "name": "A", "kind": "standing" }'),
      ['2:1 missing-field'],
    ],
    [
      'a standing section with rows',
      withSections(`{ "name": "A", "kind": "standing", "capacity": 1, "rows": [${rowJson}] }`),
      ['2:59 unknown-field'],
    ],
    [
      'a seated section with capacity',
      withSections(`{ "name": "A", "kind": "seated", "capacity": 1, "rows": [${rowJson}] }`),
      ['2:46 unknown-field'],
    ],
    ['a map without sections', '{ "name": "Hall", "sections": [] }', ['1:31 empty-map']],
    [
      'a section without a row',
      withSections('{ "name": "A", "kind": "seated", "rows": [] }'),
      ['2:42 empty-section'],
    ],
    ['a row without a seat', withRows('{ "name": "1", "seats": [] }'), ['2:25 empty-row']],
    [
      'a capacity of nothing',
      withSections('{ "name": "A", "kind": "standing", "capacity": 0 }'),
      ['2:48 capacity-out-of-range'],
    ],
    [
      'a capacity in parts',
      withSections('{ "name": "A", "kind": "standing", "capacity": 1.5 }'),
      ['2:48 capacity-out-of-range'],
    ],
    [
      'a capacity without end',
      withSections('{ "name": "A", "kind": "standing", "capacity": 1e999 }'),
      ['2:48 capacity-out-of-range'],
    ],
    [
      'a capacity of a million',
      withSections('{ "name": "A", "kind": "standing", "capacity": 1000000 }'),
      ['2:48 too-many-units'],
    ],
    [
      'names over 40 characters',
      withRows(`{ "name": "${'é'.repeat(41)}", "seats": [${seatJson}] }`),
      ['2:11 name-too-long'],
    ],
    [
      'a name of megabytes',
      withRows(`{ "name": "${'x'.repeat(2_000_000)}", "seats": [${seatJson}] }`),
      ['2:11 name-too-long'],
    ],
    [
      'two rows of one name',
      withRows(`${rowJson},\n{ "name": "1", "seats": [{ "name": "1", "x": 5, "y": 0 }] }`),
      ['3:11 duplicate-name'],
    ],
    [
      'two sections of one name',
      withSections(
        '{ "name": "Floor", "kind": "standing", "capacity": 1 },\n{ "name": "FLOOR", "kind": "standing", "capacity": 1 }',
      ),
      ['3:11 duplicate-name'],
    ],
    [
      'two seats of one name',
      withSeats(`${seatJson},\n{ "name": "1", "x": 1, "y": 0 }`),
      ['3:11 duplicate-name'],
    ],
    [
      'two seats in one place',
      withSeats(`${seatJson},\n{ "name": "2", "x": 0.1, "y": 0.1 }`),
      ['3:11 seats-overlap'],
    ],
    [
      'two faults far apart',
      withSeats(
        `{ "name": "", "x": 0, "y": 0 },\n${seatJson},\n{ "name": "3", "x": 99999, "y": 0 }`,
      ),
      ['2:11 empty-name', '4:21 coordinate-out-of-range'],
    ],
  ])('is refused for %s', (_what, json, expected) => {
    expect(faultLines(json, 'json')).toEqual(expected)
  })

  it('is told the path of each fault, what is wrong and what to do', () => {
    const json = withSeats(
      '{ "name": "1", "x": 0, "y": 0 },\n{ "name": "\\u202e2", "x": 1, "y": "0" }',
    )
    expect(faultsOf(json, 'json')).toEqual([
      {
        line: 3,
        column: 11,
        path: 'sections[0].rows[0].seats[1].name',
        code: 'name-bad-character',
        message: 'The name "\\u{202e}2" has the character U+202E, not allowed. Type the name anew.',
      },
      {
        line: 3,
        column: 35,
        path: 'sections[0].rows[0].seats[1].y',
        code: 'wrong-type',
        message: 'Here must be a number without quotes, not a text in quotes.',
      },
    ])
  })

  it.each([
    ['objects', '{"a":', '}'],
    ['lists', '[', ']'],
  ])('is refused when %s are nested a million deep', (_what, open, close) => {
    const deep = `{ "name": "Hall", "sections": [${open.repeat(1_000_000)}1${close.repeat(1_000_000)}] }`
    expect(faultsOf(deep, 'json').at(-1)).toMatchObject({ code: 'not-json', line: 1 })
  })
})
