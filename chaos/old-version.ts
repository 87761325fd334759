/**
 * An older version of this program as a folder that can be run, for drills in which two versions
 * serve side by side: taken from git, with the packages of this one, which must be the same.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectFolder } from '../regions/local/node-program.ts'
import { NotHereError } from './faults/fault-maker.ts'

const run = promisify(execFile)
const archiveBytesMax = 512 * 1024 * 1024
/** Further back nobody upgrades from in one step. */
const commitsLookedAt = 20
const migrationsFolder = 'migrations'

export type OldVersion = AsyncDisposable & {
  readonly folder: string
  readonly commit: string
}

/**
 * @param ref of git; unless told, the newest version whose server is not this one's, and which can
 * run over this one's database
 * @throws NotHereError with one sentence
 */
export async function prepareOldVersion(ref?: string): Promise<OldVersion> {
  const commit = ref === undefined ? await commitBefore() : await commitOf(ref)
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-old-version-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const archive = join(folder, 'archive.tar')
    await git('archive', `--output=${archive}`, commit)
    await run('tar', ['-xf', archive, '-C', folder])
    await rm(archive)
    await checkPackages(folder, commit)
    await checkMigrations(folder, commit)
    await symlink(await realpath(join(projectFolder, 'node_modules')), join(folder, 'node_modules'))
    return { folder, commit, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Of the commits before the one that last changed the server, the first that could run here. */
async function commitBefore(): Promise<string> {
  const parts = ['--', 'server', migrationsFolder]
  const found = await git('log', `--max-count=${commitsLookedAt + 1}`, '--format=%H', ...parts)
  const [newest, ...older] = found.split('\n')
  const packages = await git('rev-parse', 'HEAD:package-lock.json')
  for (const commit of older) {
    const theirs = await git('rev-parse', `${commit}:package-lock.json`).catch(() => '')
    if (theirs === packages) return commit
  }
  throw new NotHereError(
    newest === undefined || newest === '' || older.length === 0
      ? 'An older version comes from git, and this copy knows no older one: fetch its history.'
      : `None of the last ${older.length} versions of the server has the packages of this one.`,
  )
}

async function commitOf(ref: string): Promise<string> {
  try {
    return await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  } catch (cause) {
    if (cause instanceof NotHereError) throw cause
    throw new NotHereError(`Git knows no version ${ref} here.`, { cause })
  }
}

async function git(...args: readonly string[]): Promise<string> {
  const options = { cwd: projectFolder, maxBuffer: archiveBytesMax }
  try {
    await run('git', ['rev-parse', '--git-dir'], options)
  } catch (cause) {
    throw new NotHereError('An older version comes from git, and here is no git.', { cause })
  }
  return (await run('git', [...args], options)).stdout.trim()
}

async function checkPackages(folder: string, commit: string): Promise<void> {
  const [own, theirs] = await Promise.all(
    [projectFolder, folder].map((one) => readFile(join(one, 'package-lock.json'), 'utf8')),
  )
  if (own === theirs) return
  throw new NotHereError(`Version ${commit.slice(0, 10)} needs other packages than this one.`)
}

/** What it has migrated must be the beginning of what this version has. */
async function checkMigrations(folder: string, commit: string): Promise<void> {
  const [own, theirs] = await Promise.all([projectFolder, folder].map(stepsOf))
  const isBeginning = theirs?.every((step, index) => step === own?.[index])
  if (isBeginning === true) return
  throw new NotHereError(`Version ${commit.slice(0, 10)} has another database than this one.`)
}

/** Each step with its text, in their order. */
async function stepsOf(folder: string): Promise<readonly string[]> {
  const migrations = join(folder, migrationsFolder)
  const entries = await readdir(migrations, { recursive: true })
  const steps = entries.filter((entry) => /^\d.*\.sql$/.test(entry)).sort()
  return await Promise.all(
    steps.map(async (step) => `${step}\n${await readFile(join(migrations, step), 'utf8')}`),
  )
}
