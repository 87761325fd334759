import { describe, expect, it } from 'vitest'
import { readCommandLine, UsageError } from './command-line.ts'

describe('the command line of npm start', () => {
  it('has a default for everything', () => {
    const flags = { fresh: false, watch: false, help: false }
    const expected = { port: 4000, data: '.frontrow/data', database: 'postgresql', ...flags }
    expect(readCommandLine([])).toEqual(expected)
  })

  it('takes its options', () => {
    const args = [
      '--port',
      '4100',
      '--data=elsewhere',
      '--fresh',
      '--watch',
      '--database=cockroach',
    ]
    const flags = { fresh: true, watch: true, help: false }
    const expected = { port: 4100, data: 'elsewhere', database: 'cockroach', ...flags }
    expect(readCommandLine(args)).toEqual(expected)
  })

  it.each([
    ['--port', '0'],
    ['--port', '65536'],
    ['--port', '4e3'],
    ['--port', ''],
    ['--port'],
    ['--data', ''],
    ['--database', 'oracle'],
    ['--freshen'],
    ['4000'],
  ])('refuses %s %s', (...args) => {
    expect(() => readCommandLine(args)).toThrow(UsageError)
  })
})
