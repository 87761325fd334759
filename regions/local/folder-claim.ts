/**
 * One owner for the data folder of a local service: `running.json` names the program that started
 * the service and the service's own process. A second copy on the same folder is refused while the
 * owner lives; what a killed owner left behind is stopped first. Processes are told apart by their
 * start, so a recycled pid is neither obeyed nor signalled.
 *
 * Two programs that find the same stale claim in the same microseconds may, with a third one, both
 * win; PostgreSQL's own lock file stands behind this one.
 */
import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { codeOf, explainFolderFault, StartError } from './start-error.ts'

export type FolderClaim = {
  /** Written in the same tick as the spawn, so that no orphan goes unrecorded. */
  readonly recordService: (service: ProcessIdentity) => void
  readonly release: () => void
}

type Claim = { readonly owner: ProcessIdentity; readonly service?: ProcessIdentity }

export type ClaimOptions = {
  /** Whose data it is, as a person reads it. */
  readonly name: string
  /** Ends what a killed owner left running. */
  readonly stopOrphan: (service: ProcessIdentity) => Promise<void>
}

/**
 * Makes the folder if it is missing and claims it.
 * @throws StartError when the folder can't be used, or another program owns it.
 */
export async function claimFolder(folder: string, options: ClaimOptions): Promise<FolderClaim> {
  try {
    mkdirSync(folder, { recursive: true })
    return await claim(folder, options)
  } catch (error) {
    throw explainFolderFault(error, { name: options.name, folder })
  }
}

async function claim(folder: string, options: ClaimOptions): Promise<FolderClaim> {
  const file = join(folder, 'running.json')
  const owner = ownIdentity()
  const mine = writeAside(file, { owner })
  try {
    while (!linkIfAbsent(mine, file)) await clearStaleClaim(file, folder, options)
  } finally {
    rmSync(mine, { force: true })
  }
  return {
    recordService: (service) => renameSync(writeAside(file, { owner, service }), file),
    release: () => rmSync(file, { force: true }),
  }
}

async function clearStaleClaim(file: string, folder: string, options: ClaimOptions) {
  const found = readClaim(file)
  if (found === 'absent') return
  if (found !== 'unreadable') {
    if (isRunning(found.owner)) {
      throw new StartError(
        `The data folder ${folder} is in use by process ${found.owner.pid}: stop that one, or choose another data folder.`,
      )
    }
    if (found.service !== undefined && isRunning(found.service)) {
      await options.stopOrphan(found.service)
    }
  }
  setAside(file, found)
}

/** Takes the stale claim away, unless another program replaced it since we read it. */
function setAside(file: string, stale: Claim | 'unreadable'): void {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  const taken = readClaim(aside)
  const isTheStaleOne = JSON.stringify(taken) === JSON.stringify(stale)
  if (!isTheStaleOne) linkIfAbsent(aside, file)
  rmSync(aside, { force: true })
}

function readClaim(file: string): Claim | 'absent' | 'unreadable' {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent'
    throw error
  }
  try {
    const parsed: unknown = JSON.parse(text)
    return isClaim(parsed) ? parsed : 'unreadable'
  } catch {
    return 'unreadable'
  }
}

function isClaim(value: unknown): value is Claim {
  if (typeof value !== 'object' || value === null || !('owner' in value)) return false
  return isIdentity(value.owner) && (!('service' in value) || isIdentity(value.service))
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  return (
    'pid' in value &&
    typeof value.pid === 'number' &&
    'startedAt' in value &&
    typeof value.startedAt === 'string'
  )
}

function writeAside(file: string, claim: Claim): string {
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, `${JSON.stringify(claim)}\n`, { flag: 'wx' })
  return aside
}

function linkIfAbsent(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}
