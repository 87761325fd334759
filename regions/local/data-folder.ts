/**
 * The data folder of one local system: marked as Frontrow's, and claimed by one launcher at a time.
 * A folder that holds anything else is neither used nor emptied.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { claimFolder } from './folder-claim.ts'
import { type StopPlan, stopProcess } from './process.ts'
import { StartError } from './start-error.ts'

const markerName = 'frontrow-data-folder'
const markerFirstLine = 'Frontrow keeps the data of a local system here.'
const markerText = `${markerFirstLine}
Stop the system before you copy or move this folder. \`npm start -- --fresh\` empties it.
`
/** Parts that an earlier launcher may have left running, when it and its watches were killed. */
const programFolders = ['server', 'stripe', 'mail', 'links'] as const
const partFolders = [...programFolders, 'redis', 'postgres'] as const
/** Each region of several has a folder below this one. */
const regionsFolder = 'regions'
const regionFolders = ['server', 'redis'] as const
const orphanStop: StopPlan = { signal: 'SIGTERM', withinMs: 5_000 }
/** What may stand in a folder that is ours to be: claims of a start that was cut before the mark. */
const claimFile = /^running\.json/

export type DataFolder = {
  readonly path: string
  /** Gives the folder free, once: afterwards it may be another launcher's. */
  readonly release: () => void
}

export type DataFolderOptions = {
  /** Removes what is in the folder; only if it is marked as ours. */
  readonly fresh: boolean
  readonly log: (line: string) => void
}

/** @throws StartError with one sentence: not ours, in use by another launcher, not writable. */
export async function openDataFolder(
  folder: string,
  { fresh, log }: DataFolderOptions,
): Promise<DataFolder> {
  const path = resolve(folder)
  refuseForeign(path)
  const claim = await claimFolder(path, { name: 'Frontrow', stopOrphan: async () => undefined })
  try {
    const parts = fresh ? [...partFolders, ...nodeFolders(path)] : programFolders
    const all = [...parts, ...partsOfRegions(path)]
    for (const part of all) await stopOrphan(join(path, part), log)
    if (fresh) empty(path)
    writeFileSync(join(path, markerName), markerText)
    return { path, release: once(claim.release) }
  } catch (error) {
    claim.release()
    throw error
  }
}

/** @returns a folder below the data folder, made if it is missing. */
export function folderIn(data: DataFolder, name: string, mode = 0o755): string {
  const path = join(data.path, name)
  mkdirSync(path, { recursive: true, mode })
  return path
}

/** @returns where a part of one region of several is kept, below the data folder. */
export function regionFolder(region: string, part: (typeof regionFolders)[number]): string {
  return join(regionsFolder, region, part)
}

function partsOfRegions(path: string): readonly string[] {
  const regions = entriesOf(join(path, regionsFolder))
  return regions.flatMap((region) => regionFolders.map((part) => regionFolder(region, part)))
}

function refuseForeign(path: string): void {
  const entries = entriesOf(path)
  if (entries.every((entry) => claimFile.test(entry))) return
  if (isMarked(path)) return
  throw new StartError(
    `The folder ${path} holds something else than Frontrow's data, so it is left alone: choose an empty or a new folder.`,
  )
}

function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw new StartError(`${path} is a file, not a folder.`, { cause })
    throw new StartError(`The data folder ${path} can't be read by this user.`, { cause })
  }
}

function isMarked(path: string): boolean {
  try {
    return readFileSync(join(path, markerName), 'utf8').startsWith(markerFirstLine)
  } catch {
    return false
  }
}

/** CockroachDB has a folder for each node. */
function nodeFolders(path: string): readonly string[] {
  return entriesOf(join(path, 'cockroach')).map((entry) => join('cockroach', entry))
}

async function stopOrphan(folder: string, log: (line: string) => void): Promise<void> {
  if (entriesOf(folder).length === 0) return
  const claim = await claimFolder(folder, {
    name: 'Frontrow',
    stopOrphan: async (service) => {
      log(`stopping what an earlier start left running (process ${service.pid})`)
      await stopProcess(service, orphanStop)
    },
  })
  claim.release()
}

/** The claim and the mark stay: at no moment does the folder look free or foreign. */
function empty(path: string): void {
  for (const entry of readdirSync(path)) {
    if (entry === markerName || claimFile.test(entry)) continue
    try {
      rmSync(join(path, entry), { recursive: true, force: true })
    } catch (cause) {
      throw new StartError(`${join(path, entry)} can't be removed by this user.`, { cause })
    }
  }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}
