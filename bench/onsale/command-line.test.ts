import { describe, expect, it } from 'vitest'
import { readCommandLine, UsageError } from './command-line.ts'

describe('the command line', () => {
  it('needs nothing', () => {
    expect(readCommandLine([])).toEqual({
      help: false,
      fans: 3_000,
      seed: 1,
      arrivals: null,
      atOnce: 64,
      regions: 1,
      outside: null,
      json: null,
    })
  })

  it('takes a running system with what is known of it', () => {
    const args = ['--url', 'http://127.0.0.1:4000', '--database', 'postgres://a@b/c']
    expect(readCommandLine([...args, '--arrivals', '12.5', '--json', 'report.json'])).toMatchObject(
      {
        arrivals: 12.5,
        outside: { urls: ['http://127.0.0.1:4000'], database: 'postgres://a@b/c', stripe: null },
        json: 'report.json',
      },
    )
  })

  it('takes several regions, of its own or running', () => {
    expect(readCommandLine(['--regions', '3'])).toMatchObject({ regions: 3, outside: null })
    const urls = ['http://a.example', 'http://b.example']
    const args = urls.flatMap((url) => ['--url', url])
    expect(readCommandLine(args)).toMatchObject({ outside: { urls } })
  })

  it.each([
    [['--fans', '0'], '--fans'],
    [['--fans', 'many'], '--fans'],
    [['--fans', '1e3'], '--fans'],
    [['--seed', '-1'], '--seed'],
    [['--arrivals', '0'], '--arrivals'],
    [['--arrivals', '5', '--at-once', '5'], '--at-once'],
    [['--url', 'example'], '--url'],
    [['--url', 'http://a.example', '--database', 'http://b.example'], '--database'],
    [['--stripe', 'http://a.example'], '--url'],
    [['--json', ''], '--json'],
    [['--regions', '4'], '--regions'],
    [['--regions', '2', '--url', 'http://a.example'], '--regions'],
    [['--url', 'http://a.example', '--url', 'b'], '--url'],
    [['--fnas', '3'], '--fnas'],
    [['surplus'], 'surplus'],
  ])('refuses %j and names what is wrong', (args, named) => {
    expect(() => readCommandLine(args)).toThrow(UsageError)
    expect(() => readCommandLine(args)).toThrow(named)
  })

  it('never repeats an address, which may hold a password', () => {
    const args = ['--url', 'http://a.example', '--database', 'mysql://me:hunter2@b/c']
    expect(() => readCommandLine(args)).toThrow(/^(?!.*hunter2)/)
  })
})
