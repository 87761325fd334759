/**
 * Brings one program out of its Debian package into .tools, without root: apt downloads and checks
 * the signature of what it brings, dpkg unpacks it aside, and it is renamed into place.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOnPath } from './server-program.ts'
import { NotToBeHadError } from './setup-fetch.ts'

const run = promisify(execFile)
const withinMs = 120_000

export type DebianPart = {
  readonly package: string
  /** The program's path inside the package. */
  readonly path: string
  readonly folder: string
  readonly program: string
}

/**
 * Leaves `toolsFolder`/<folder>/<program>.
 * @throws NotToBeHadError on other systems, and where apt knows or reaches no such package
 */
export async function fetchFromDebian(part: DebianPart, toolsFolder: string): Promise<void> {
  const [apt, dpkg] = [findOnPath('apt-get'), findOnPath('dpkg-deb')]
  if (apt === undefined || dpkg === undefined) throw new NotToBeHadError('no apt-get here')
  const work = join(toolsFolder, `.new-${process.pid}-${randomUUID()}`)
  mkdirSync(join(work, part.folder), { recursive: true })
  try {
    await download(apt, part, work)
    const [archive] = readdirSync(work).filter((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new NotToBeHadError('apt-get brought nothing')
    await run(dpkg, ['-x', join(work, archive), join(work, 'unpacked')])
    const program = join(work, part.folder, part.program)
    renameSync(join(work, 'unpacked', part.path), program)
    chmodSync(program, 0o755)
    moveIntoPlace(join(work, part.folder), join(toolsFolder, part.folder), part.program)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function download(apt: string, part: DebianPart, folder: string): Promise<void> {
  try {
    await run(apt, ['download', part.package], { cwd: folder, timeout: withinMs })
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : ''
    const fault = said.split('\n').findLast((line) => line.startsWith('E: '))
    const told = fault === undefined ? '' : `: ${fault.slice('E: '.length)}`
    throw new NotToBeHadError(`apt-get could not fetch it${told}`, { cause })
  }
}

function moveIntoPlace(from: string, to: string, program: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    // Another setup was faster.
    if (!existsSync(join(to, program))) throw error
  }
}
