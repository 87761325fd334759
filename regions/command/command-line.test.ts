/** What the command understands, and that it says what it does not. */
import { describe, expect, it } from 'vitest'
import { UsageError } from './command-error.ts'
import { readCommandLine, usage } from './command-line.ts'

const reason = ['--reason', 'power is cut on Sunday']

describe('the command line', () => {
  it('reads each command', () => {
    expect(readCommandLine(['status', '--json'])).toMatchObject({ command: 'status', json: true })
    expect(readCommandLine(['drain', 'us-east1', '--to', 'europe-west1', ...reason])).toEqual({
      command: 'drain',
      region: 'us-east1',
      to: 'europe-west1',
      reason: 'power is cut on Sunday',
      topology: undefined,
      url: undefined,
      database: undefined,
      json: false,
      dryRun: false,
    })
    expect(readCommandLine(['restore', 'us-east1', ...reason])).toMatchObject({
      region: 'us-east1',
    })
    expect(readCommandLine(['apply', '--dry-run', '--topology', 'x.yaml'])).toMatchObject({
      dryRun: true,
      topology: 'x.yaml',
    })
    expect(readCommandLine(['--help'])).toBeNull()
  })

  it.each<[string, string[], RegExp]>([
    ['nothing', [], /^Which command\?$/],
    ['another command', ['evacuate'], /^There is no command "evacuate"\.$/],
    ['a name of every object', ['toString'], /^There is no command "toString"\.$/],
    ['another option', ['status', '--loud'], /^Unknown option '--loud'/],
    ['an option of another command', ['status', '--to', 'x'], /^status has no --to\.$/],
    ['a dry run of a move', ['drain', 'a', '--dry-run', ...reason], /^drain has no --dry-run\.$/],
    ['a drain of nothing', ['drain', ...reason], /^drain which region\?$/],
    ['a region too many', ['drain', 'a', 'b', ...reason], /^drain does not understand "b"\.$/],
    ['a region to look at', ['status', 'a'], /^status does not understand "a"\.$/],
    ['no reason', ['restore', 'a'], /^Say --reason in 10 to 500 characters of one line\.$/],
    ['a short one', ['drain', 'a', '--reason', 'because'], /^Say --reason/],
    ['a long one', ['drain', 'a', '--reason', 'x'.repeat(501)], /^Say --reason/],
    ['one of two lines', ['drain', 'a', '--reason', 'power is cut\non Sunday'], /^Say --reason/],
    ['an empty file', ['apply', '--topology', ''], /^--topology must not be empty\.$/],
  ])('refuses %s', (_, args, message) => {
    expect(() => readCommandLine(args)).toThrow(UsageError)
    expect(() => readCommandLine(args)).toThrow(message)
  })

  it('explains every option', () => {
    for (const option of ['to', 'reason', 'url', 'topology', 'database', 'dry-run', 'json']) {
      expect(usage).toContain(`--${option}`)
    }
  })
})
