/** Programs of this machine, asked and waited for: the one way of the Compose target to do anything. */
import { execFile } from 'node:child_process'

/** @returns what it printed. @throws RunError with what it said instead */
export type Run = (program: string, args: readonly string[]) => Promise<string>

export class RunError extends Error {
  override readonly name = 'RunError'
  /** There is no such program here. */
  readonly isMissing: boolean

  constructor(message: string, isMissing: boolean) {
    super(message)
    this.isMissing = isMissing
  }
}

/** What stops in order has 60 s for it; nothing here is asked for more. */
const endsWithinMs = 90_000
const outputBytesMax = 64 * 1024 * 1024

export const runProgram: Run = (program, args) =>
  new Promise((resolve, reject) => {
    const limits = { timeout: endsWithinMs, maxBuffer: outputBytesMax }
    execFile(program, args, limits, (fault, stdout, stderr) => {
      if (fault === null) return resolve(stdout)
      const said = stderr.trim().split('\n').at(-1)
      const why = said === undefined || said === '' ? fault.message : said
      const asked = [program, ...args.slice(0, 2)].join(' ')
      reject(new RunError(`${asked} …: ${why}`, fault.code === 'ENOENT'))
    })
  })
