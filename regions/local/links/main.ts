/**
 * The links of a local system as a program of its own, so that whoever starts it, such as the
 * generator of an on-sale, does not slow the bytes down. Reads a plan (link-plan.ts) from the file
 * it is given, prints one JSON line when it listens, and ends on SIGTERM and SIGINT.
 */
import { readFileSync } from 'node:fs'
import { startControlServer } from '../control-http.ts'
import { linkCommands } from './link-commands.ts'
import { linksPlan } from './link-plan.ts'
import { LinkSet } from './link-set.ts'

const plan = linksPlan.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
try {
  const links = await LinkSet.open(plan.links)
  const control = await startControlServer(plan.control, linkCommands(links)).catch(
    async (error: unknown) => {
      await links[Symbol.asyncDispose]()
      throw error
    },
  )
  const stop = () => {
    void Promise.all([links[Symbol.asyncDispose](), control[Symbol.asyncDispose]()])
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const ports = Object.fromEntries(links.list().map(({ name, port }) => [name, port]))
  process.stdout.write(`${JSON.stringify({ listening: control.url, ports })}\n`)
} catch (error) {
  const taken = error instanceof Error && 'port' in error ? error.port : undefined
  if (typeof taken !== 'number') throw error
  process.stderr.write(`Port ${taken} is taken.\n`)
  process.exitCode = 1
}
