/**
 * Builds the Go program once for each state of its sources and keeps the binary under .tools/.
 * A machine without Go, or one that can't fetch the parser the first time, is told apart from a
 * program that does not compile: the first is a reason to skip loudly, the second a failure.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const folder = fileURLToPath(new URL('.', import.meta.url))
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** A cold build took 73 s on two idle cores; shared machines are slower. */
export const buildDeadlineMs = 900_000

/** The same for the program and its tests, so that the parser is compiled once. */
const buildFlags = ['-buildvcs=false', '-trimpath']

/** The checker cannot run on this machine, and why. */
export class NotToBeHadError extends Error {
  override readonly name = 'NotToBeHadError'
}

/**
 * Returns the path of the built program.
 * @throws NotToBeHadError when Go or the parser's modules are not to be had here
 */
export async function buildChecker(): Promise<string> {
  const hash = await hashOfSources()
  const program = join(projectRoot, '.tools', 'crdb-grammar', hash, 'crdb-grammar')
  if (await exists(program)) return program
  await requireGo()
  await requireModules()
  await mkdir(join(program, '..'), { recursive: true })
  // Two runs may build at once: each renames a whole file into place.
  const unfinished = `${program}.${process.pid}`
  process.stdout.write(
    "Building the check by CockroachDB's grammar; the first time takes minutes.\n",
  )
  await go(['build', ...buildFlags, '-o', unfinished, '.'])
  await rename(unfinished, program)
  await removeOthers(join(program, '..', '..'), hash)
  return program
}

/** Runs the program's own tests; the answer is what `go test` printed. */
export async function runGoTests(): Promise<string> {
  await requireGo()
  const { stdout } = await go(['test', ...buildFlags, './...'])
  return stdout
}

/** Each binary has 38 MB, and no older state of the sources is asked again. */
async function removeOthers(cache: string, hash: string): Promise<void> {
  for (const other of await readdir(cache)) {
    if (other !== hash) await rm(join(cache, other), { recursive: true, force: true })
  }
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await sources()) {
    hash.update(file).update(await readFile(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function sources(): Promise<string[]> {
  const entries = await readdir(folder)
  const code = entries.filter((name) => /\.(go|mod|sum)$/.test(name) && !name.endsWith('_test.go'))
  const data = await readdir(join(folder, 'data'))
  return [...code, ...data.map((name) => join('data', name))].toSorted()
}

async function requireGo(): Promise<void> {
  try {
    await go(['version'])
  } catch (cause) {
    throw new NotToBeHadError('Go 1.23 or later is not installed', { cause })
  }
}

async function requireModules(): Promise<void> {
  try {
    await go(['mod', 'download'])
  } catch (cause) {
    throw new NotToBeHadError("the modules of CockroachDB's parser could not be fetched", { cause })
  }
}

function go(parameters: string[]): Promise<{ stdout: string }> {
  // No cgo: the same build with and without a C compiler.
  const env = { ...process.env, CGO_ENABLED: '0' }
  return run('go', parameters, { cwd: folder, env, timeout: buildDeadlineMs })
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
