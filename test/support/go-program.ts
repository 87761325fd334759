/**
 * Builds a Go program of the tests once for each state of its sources and keeps the binary under
 * .tools/. A machine without Go, or one that can't fetch the modules the first time, is told apart
 * from a program that does not compile: the first is a reason to skip loudly, the second a failure.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../tidy/source.ts'

const run = promisify(execFile)

/** A cold build of the larger one took 73 s on two idle cores; shared machines are slower. */
export const buildDeadlineMs = 900_000

/** The same for a program and its tests, so that what they need is compiled once. */
const buildFlags = ['-buildvcs=false', '-trimpath']

/** The program cannot be built on this machine, and why. */
export class NotToBeHadError extends Error {
  override readonly name = 'NotToBeHadError'
}

export type GoProgram = {
  readonly name: string
  /** Holds its sources and go.mod; a folder data/ beside them is built into it. */
  readonly folder: string
  /** The oldest Go that builds it. */
  readonly goMin: string
  /** What is fetched for it, as a person reads it. */
  readonly modules: string
}

/**
 * Returns the path of the built program.
 * @throws NotToBeHadError when Go or the modules are not to be had here
 */
export async function buildGoProgram(program: GoProgram): Promise<string> {
  const hash = await hashOfSources(program)
  const built = join(projectRoot, '.tools', program.name, hash, program.name)
  if (await exists(built)) return built
  await requireGo(program)
  await requireModules(program)
  await mkdir(join(built, '..'), { recursive: true })
  // Two runs may build at once: each renames a whole file into place.
  const unfinished = `${built}.${process.pid}`
  process.stdout.write(`Building ${program.name}; the first time takes minutes.\n`)
  await go(program, ['build', ...buildFlags, '-o', unfinished, '.'])
  await rename(unfinished, built)
  await removeOthers(join(built, '..', '..'), hash)
  return built
}

/** Runs the program's own tests; the answer is what `go test` printed. */
export async function runGoTestsOf(program: GoProgram): Promise<string> {
  await requireGo(program)
  const { stdout } = await go(program, ['test', ...buildFlags, './...'])
  return stdout
}

/** Why the program cannot run here, or null when it can. Any other fault is thrown. */
export async function whyNotBuilt(program: GoProgram): Promise<string | null> {
  try {
    await buildGoProgram(program)
    return null
  } catch (cause) {
    if (cause instanceof NotToBeHadError) return cause.message
    throw cause
  }
}

/** Binaries are large, and no older state of the sources is asked again. */
async function removeOthers(cache: string, hash: string): Promise<void> {
  for (const other of await readdir(cache)) {
    if (other !== hash) await rm(join(cache, other), { recursive: true, force: true })
  }
}

async function hashOfSources({ folder }: GoProgram): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await sources(folder)) {
    hash.update(file).update(await readFile(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(folder)
  const code = entries.filter((name) => /\.(go|mod|sum)$/.test(name) && !name.endsWith('_test.go'))
  const data = entries.includes('data') ? await readdir(join(folder, 'data')) : []
  return [...code, ...data.map((name) => join('data', name))].toSorted()
}

async function requireGo(program: GoProgram): Promise<void> {
  try {
    await go(program, ['version'])
  } catch (cause) {
    throw new NotToBeHadError(`Go ${program.goMin} or later is not installed`, { cause })
  }
}

async function requireModules(program: GoProgram): Promise<void> {
  try {
    await go(program, ['mod', 'download'])
  } catch (cause) {
    throw new NotToBeHadError(`${program.modules} could not be fetched`, { cause })
  }
}

function go({ folder }: GoProgram, parameters: string[]): Promise<{ stdout: string }> {
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
