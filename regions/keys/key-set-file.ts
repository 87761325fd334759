/**
 * Key sets in files: for their owner alone, and replaced as a whole, so that a server that starts
 * meanwhile reads the old set or the new one. Two changes at once are not lost: the second is
 * refused.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { type KeySet, KeySetError, newKeySet, parseKeySet } from './key-set.ts'

/** @throws KeySetError when there is none, or it is no key set */
export function readKeySet(file: string): KeySet {
  if (!existsSync(file)) throw new KeySetError(`There is no file ${file}: begin with \`new\`.`)
  return parseKeySet(readFileSync(file, 'utf8'))
}

/** @throws KeySetError when the file exists: what its keys signed would be nothing */
export function createKeySet(file: string): KeySet {
  return replaced(file, () => {
    if (existsSync(file)) throw new KeySetError(`${file} exists: \`publish\` gives it a next key.`)
    return newKeySet()
  })
}

export function changeKeySet(file: string, change: (set: KeySet) => KeySet): KeySet {
  return replaced(file, () => change(readKeySet(file)))
}

/** The file beside it is new content and lock in one: only one process can make it. */
function replaced(file: string, next: () => KeySet): KeySet {
  const aside = `${file}.next`
  const handle = openAside(aside)
  try {
    const set = next()
    writeSync(handle, `${JSON.stringify(set)}\n`)
    fsyncSync(handle)
    renameSync(aside, file)
    return set
  } catch (cause) {
    rmSync(aside, { force: true })
    throw cause
  } finally {
    closeSync(handle)
  }
}

function openAside(aside: string): number {
  try {
    return openSync(aside, 'wx', 0o600)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    const text = `${aside} exists: another change is under way, or one was killed; then remove it.`
    throw new KeySetError(text, { cause })
  }
}
