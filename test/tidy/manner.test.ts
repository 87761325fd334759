import { expect, it } from 'vitest'
import { checkManner } from './manner.ts'
import { parseSource } from './source.ts'

const faults = (text: string, path = 'server/x.ts', header = '/** Why. */\n') =>
  checkManner([parseSource(path, header + text)], new Set(['server/main.ts'])).map(
    ({ line, message }) => `${line}: ${message}`,
  )

it('each module opens with a header of 1 to 10 lines', () => {
  expect(faults('a()\n')).toEqual([])
  expect(faults('a()\n', 'server/x.ts', '')[0]).toContain('opens without a header')
  expect(faults('/** Why. */', 'server/x.ts', "import './a.ts'\n")[0]).toContain('without a header')
  const long = `/**\n${' * word\n'.repeat(11)} */\n`
  expect(faults('a()\n', 'server/x.ts', long)[0]).toContain('11 lines')
  expect(faults('a()\n', 'server/x.ts', '/** */\n')[0]).toContain('0 lines')
})

it('any, ! and private are banned', () => {
  expect(faults('let a: any')).toHaveLength(1)
  expect(faults('const a = b as any')).toHaveLength(1)
  expect(faults('const a = b!.c')[0]).toContain('`!`')
  expect(faults('class A { private b = 1 }')[0]).toContain('#name')
  expect(faults('class A { private constructor() {} }')).toEqual([])
  expect(faults('const any = "any" // any')).toEqual([])
})

it('the domain never waits', () => {
  const text = 'export async function f() { await g() }'
  expect(faults(text, 'server/domain/x.ts')).toHaveLength(2)
  expect(faults(text, 'server/application/x.ts')).toEqual([])
})

it('the environment and the exit belong to programs', () => {
  expect(faults("const a = process.env['A']")[0]).toContain('2: process.env')
  expect(faults('process.exit(1)')).toHaveLength(1)
  expect(faults("process.exit(Number(process.env['A']))", 'server/main.ts')).toEqual([])
})

it('names are in kebab-case', () => {
  expect(faults('', 'server/placeHold.ts')).toHaveLength(1)
  expect(faults('', 'server/place-hold.ts')).toEqual([])
})
