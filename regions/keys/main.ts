/**
 * `npm run keys`: makes and rotates the key sets of the settings TICKET_KEYS, ACCESS_SIGNING_KEYS
 * and REGION_CALL_KEYS. docs/runbooks/rotate-keys.md says when to run which step. Prints public
 * keys only.
 */
import { type KeySet, KeySetError, published, retired, rotated, withNext } from './key-set.ts'
import { changeKeySet, createKeySet, readKeySet } from './key-set-file.ts'

const usage = `Usage: npm run keys -- <step> <file>

  new       makes the file with one key; its owner alone may read it
  publish   adds a next key, which signs nothing yet: restart all servers, one after the other
  rotate    the next key signs from now on, the old one stays published: restart all servers
  retire    drops the old key, once all that it signed has ended: restart all servers
  show      prints the public keys, as ACCESS_KEYS and REGION_CALL_PUBLIC_KEYS take them
`

const steps: Readonly<Record<string, (file: string) => KeySet>> = {
  new: createKeySet,
  publish: (file) => changeKeySet(file, withNext),
  rotate: (file) => changeKeySet(file, rotated),
  retire: (file) => changeKeySet(file, retired),
  show: readKeySet,
}

const [name = '', file, ...rest] = process.argv.slice(2)
const step = Object.hasOwn(steps, name) ? steps[name] : undefined
if (step === undefined || file === undefined || rest.length > 0) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  try {
    process.stdout.write(`${JSON.stringify(published(step(file)))}\n`)
  } catch (cause) {
    if (!(cause instanceof KeySetError) && !isFileFault(cause)) throw cause
    process.stderr.write(`${(cause as Error).message}\n`)
    process.exitCode = 1
  }
}

/** A folder that is missing, a file that may not be read: the system's sentence is clear. */
function isFileFault(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause
}
