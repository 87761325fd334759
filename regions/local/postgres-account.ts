/**
 * PostgreSQL refuses to run as root. When this program is root, the server runs as an ordinary
 * account (`postgres` where there is one, else `nobody`; no account is ever made). If that account
 * may not enter the folders above the programs or the data, such as /root, the server gets one
 * capability, to pass closed folders, and nothing else. Each way is tried for real before it is
 * chosen, because containers differ in what they let root do.
 */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartError } from './start-error.ts'

export type Account = { readonly name: string; readonly uid: number; readonly gid: number }

/** How to start PostgreSQL's programs; `account` is absent when we are an ordinary user already. */
export type PostgresRunner = {
  readonly account?: Account
  /** Program and arguments to put before the actual ones; empty for a plain start. */
  readonly prefix: readonly string[]
  /** Whether the spawn itself has to change to the account (the prefix does it otherwise). */
  readonly switchesAccount: boolean
}

const accountNames = ['postgres', '_postgres', 'nobody'] as const
/** The first only lets the server read and pass; some containers have only the second. */
const capabilities = ['dac_read_search', 'dac_override'] as const

export type RunnerNeeds = {
  readonly program: string
  readonly dataFolder: string
  /** The data that is already there, if any: its owner is the only one who may run it. */
  readonly clusterFolder: string
}

/** @throws StartError when no account can run PostgreSQL here. */
export function choosePostgresRunner(needs: RunnerNeeds): PostgresRunner {
  const owner = statSync(needs.clusterFolder, { throwIfNoEntry: false })
  if (process.getuid?.() !== 0) {
    if (owner !== undefined && owner.uid !== process.getuid?.())
      throw foreignOwner(needs, owner.uid)
    return { prefix: [], switchesAccount: false }
  }
  const account =
    owner === undefined
      ? findAccount()
      : { name: `number ${owner.uid}`, uid: owner.uid, gid: owner.gid }
  const works = runnersFor(account).find((runner) => canRun(runner, needs))
  if (works === undefined) throw noWay(needs, account)
  return works
}

/** Command, arguments and account for a spawn. */
export function runnerCommand(runner: PostgresRunner, program: string, args: readonly string[]) {
  const [command = program, ...rest] = [...runner.prefix, program, ...args]
  const { account } = runner
  const identity =
    runner.switchesAccount && account !== undefined
      ? { uid: account.uid, gid: account.gid }
      : undefined
  return { command, args: rest, identity }
}

function runnersFor(account: Account): readonly PostgresRunner[] {
  const direct = { account, prefix: [], switchesAccount: true }
  return [
    direct,
    ...capabilities.map((capability) => ({
      account,
      prefix: passingClosedFolders(account, capability),
      switchesAccount: false,
    })),
  ]
}

function passingClosedFolders(account: Account, capability: string): readonly string[] {
  const only = `-all,+${capability}`
  return [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    `--bounding-set=${only}`,
    // Without this the kernel ignores the capability in access(2), by which PostgreSQL finds itself.
    '--securebits=+no_setuid_fixup',
    '--no-new-privs',
  ]
}

function canRun(runner: PostgresRunner, needs: RunnerNeeds): boolean {
  return (
    succeeds(runner, needs.program, ['--version']) &&
    succeeds(runner, 'test', ['-x', needs.dataFolder])
  )
}

function succeeds(runner: PostgresRunner, program: string, args: readonly string[]): boolean {
  const { command, args: allArgs, identity } = runnerCommand(runner, program, args)
  try {
    const answer = execFileSync(command, allArgs, {
      cwd: '/',
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      ...identity,
    })
    return args[0] !== '--version' || answer.startsWith('postgres (PostgreSQL)')
  } catch {
    return false
  }
}

function findAccount(): Account {
  for (const name of accountNames) {
    const uid = idOf('-u', name)
    const gid = idOf('-g', name)
    if (uid !== undefined && gid !== undefined && uid !== 0) return { name, uid, gid }
  }
  throw new StartError(
    'PostgreSQL refuses to run as root, and this machine has neither an account postgres nor nobody: run this as an ordinary user.',
  )
}

function idOf(option: '-u' | '-g', name: string): number | undefined {
  try {
    const answer = execFileSync('id', [option, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const id = Number.parseInt(answer, 10)
    return Number.isSafeInteger(id) ? id : undefined
  } catch {
    return undefined
  }
}

function noWay(needs: RunnerNeeds, account: Account): StartError {
  const closed = closedFolderAbove(needs.program) ?? closedFolderAbove(needs.dataFolder)
  const why =
    closed === undefined
      ? `it can't be started as ${account.name} here`
      : `the account ${account.name} may not enter ${closed}`
  return new StartError(
    `PostgreSQL refuses to run as root, and ${why}: run this as an ordinary user, or from a folder that every user may enter (such as one below /srv).`,
  )
}

function foreignOwner(needs: RunnerNeeds, uid: number): StartError {
  return new StartError(
    `The database in ${needs.dataFolder} belongs to another user (number ${uid}): start as the user who made it, or choose another data folder.`,
  )
}

function closedFolderAbove(path: string): string | undefined {
  const folder = dirname(path)
  if (folder === path) return undefined
  const above = closedFolderAbove(folder)
  if (above !== undefined) return above
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & 0o001) === 0 ? folder : undefined
}
