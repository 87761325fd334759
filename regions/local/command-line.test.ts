import { describe, expect, it } from 'vitest'
import { readCommandLine, UsageError } from './command-line.ts'

describe('the command line of npm start', () => {
  it('has a default for everything', () => {
    expect(readCommandLine([])).toEqual({
      port: 4000,
      data: '.frontrow/data',
      regions: 1,
      latency: false,
      commitLatency: false,
      database: 'postgresql',
      fresh: false,
      watch: false,
      help: false,
    })
  })

  it('takes its options', () => {
    const place = ['--port', '4100', '--data=elsewhere', '--database=cockroach']
    const flags = { fresh: true, watch: true, help: false }
    const expected = { port: 4100, data: 'elsewhere', database: 'cockroach', ...flags }
    expect(readCommandLine([...place, '--fresh', '--watch'])).toMatchObject(expected)
  })

  it('takes several regions, as late as real ones unless told otherwise', () => {
    const read = (...more: string[]) => {
      const { regions, latency, commitLatency } = readCommandLine(['--regions', '3', ...more])
      return { regions, latency, commitLatency }
    }
    expect(read()).toEqual({ regions: 3, latency: true, commitLatency: false })
    expect(read('--no-latency')).toMatchObject({ latency: false })
    expect(read('--commit-latency')).toMatchObject({ latency: true, commitLatency: true })
  })

  it.each([
    ['--port', '0'],
    ['--port', '65536'],
    ['--port', '4e3'],
    ['--port', ''],
    ['--port'],
    ['--data', ''],
    ['--regions', '0'],
    ['--regions', '4'],
    ['--regions', 'all'],
    ['--no-latency'],
    ['--commit-latency', '--regions', '1'],
    ['--regions', '2', '--no-latency', '--commit-latency'],
    ['--database', 'oracle'],
    ['--freshen'],
    ['4000'],
  ])('refuses %s %s', (...args) => {
    expect(() => readCommandLine(args)).toThrow(UsageError)
  })
})
