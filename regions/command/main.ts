/**
 * `npm run regions`: looks at the regions, moves what they sell, and brings the database in line
 * with the topology. Results on standard output, all else on standard error.
 */
import pico from 'picocolors'
import { CommandError, UsageError } from './command-error.ts'
import { readCommandLine, usage } from './command-line.ts'
import { runCommand } from './run.ts'

// Some surroundings ask for colours where there is no terminal.
const colours = pico.createColors(process.stdout.isTTY === true && pico.isColorSupported)
const say = (line: string) => void process.stderr.write(`${line}\n`)

try {
  const line = readCommandLine(process.argv.slice(2))
  process.stdout.write(
    line === null ? usage : await runCommand(line, { environment: process.env, colours, say }),
  )
} catch (cause) {
  if (cause instanceof UsageError) {
    process.stderr.write(`${cause.message}\n\n${usage}`)
    process.exitCode = 2
  } else if (cause instanceof CommandError) {
    say(cause.message)
    process.exitCode = 1
  } else {
    throw cause
  }
}
