import { expect, it } from 'vitest'
import { functionsOf } from './functions.ts'
import { checkLengths } from './lengths.ts'
import { parseSource } from './source.ts'

const faults = (text: string, path = 'server/x.ts') =>
  checkLengths([parseSource(path, text)]).map(({ message }) => message)
const body = (lines: number) => '  one()\n'.repeat(lines - 2)

it('a file has at most 400 lines', () => {
  expect(faults('one()\n'.repeat(400))).toEqual([])
  expect(faults('one()\n'.repeat(401))).toEqual(['has 401 lines; 400 at most'])
})

it('a function has at most 70 lines, whatever its kind', () => {
  expect(faults(`function f() {\n${body(70)}}\n`)).toEqual([])
  expect(faults(`function f() {\n${body(71)}}\n`)).toEqual(['f has 71 lines; 70 at most'])
  expect(faults(`const f = () => {\n${body(71)}}\n`)).toEqual(['f has 71 lines; 70 at most'])
  expect(faults(`class A {\n  m() {\n${body(71)}  }\n}\n`)).toEqual(['m has 71 lines; 70 at most'])
})

it('a function has at most three parameters', () => {
  expect(faults('function f(a, b, c) {}')).toEqual([])
  expect(faults('function f(a, b, c, d) {}')[0]).toContain('4 parameters')
})

it('tests may be long', () => {
  expect(faults('one()\n'.repeat(401), 'server/x.test.ts')).toEqual([])
})

it('knows which functions are exported and documented', () => {
  const facts = functionsOf(
    parseSource(
      'x.ts',
      '/** Why. */\nexport function a() {}\nexport const b = () => {}\nfunction c() {}',
    ),
  ).map(({ name, exported, documented }) => [name, exported, documented])
  expect(facts).toEqual([
    ['a', true, true],
    ['b', true, false],
    ['c', false, false],
  ])
})
