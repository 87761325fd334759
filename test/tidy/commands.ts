/**
 * The commands that a stranger types. README.md, .ci/run and package.json must agree, and every
 * program that a script starts must exist.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles, projectRoot, type Violation } from './source.ts'

/** What a fresh clone runs to be judged, word for word. */
export const judgingCommand = 'npm ci && npm run setup && npm test'
/** What a fresh clone runs to be tried. */
export const startingCommand = 'npm ci && npm start'

export type Scripts = Readonly<Record<string, string>>

export async function readScripts(root = projectRoot): Promise<Scripts> {
  const text = await readFile(join(root, 'package.json'), 'utf8')
  return (JSON.parse(text) as { scripts: Scripts }).scripts
}

/** The files that scripts start with tsx: programs, which may read the environment. */
export function programsOf(scripts: Scripts): Set<string> {
  const found = Object.values(scripts).flatMap((command) => [
    ...command.matchAll(/\btsx (\S+\.ts)/g),
  ])
  return new Set(found.map(([, path = '']) => path))
}

export function checkPrograms(scripts: Scripts, exists: (path: string) => boolean): Violation[] {
  return [...programsOf(scripts)]
    .filter((path) => !exists(path))
    .map((path) => ({ path: 'package.json', line: 1, message: `starts ${path}, which is missing` }))
}

/** Every `npm run <name>` in a text is a script. */
export function checkMentions(path: string, text: string, scripts: Scripts): Violation[] {
  return text.split('\n').flatMap((content, index) =>
    [...content.matchAll(/\bnpm run ([a-z][\w:-]*)/g)]
      .filter(([, name = '']) => !(name in scripts))
      .map(([, name]) => ({
        path,
        line: index + 1,
        message: `says \`npm run ${name}\`, which package.json does not have`,
      })),
  )
}

/** The command stands on a line of its own, alone or in backticks. */
export function checkCommand(path: string, text: string | null, command: string): Violation[] {
  if (text === null) return [{ path, line: 1, message: 'is missing' }]
  const lines = text.split('\n').map((line) => line.trim().replaceAll('`', ''))
  return lines.includes(command)
    ? []
    : [{ path, line: 1, message: `lacks the command \`${command}\` on a line of its own` }]
}

export async function checkCommands(root = projectRoot): Promise<Violation[]> {
  const scripts = await readScripts(root)
  const read = async (path: string) =>
    existsSync(join(root, path)) ? readFile(join(root, path), 'utf8') : null
  const readme = await read('README.md')
  const texts = (await listFiles(root)).filter((path) => /\.md$|^\.ci\/|^Dockerfile$/.test(path))
  const mentions = texts.map(async (path) => checkMentions(path, (await read(path)) ?? '', scripts))
  return [
    ...checkPrograms(scripts, (path) => existsSync(join(root, path))),
    ...checkCommand('README.md', readme, startingCommand),
    ...checkCommand('README.md', readme, judgingCommand),
    ...checkCommand('.ci/run', await read('.ci/run'), judgingCommand),
    ...(await Promise.all(mentions)).flat(),
  ]
}
