/**
 * Server programs that npm lacks: looked for on the PATH first, then in the project's .tools folder,
 * where `npm run setup` puts them. Nothing here downloads anything.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type ServerProgram = {
  readonly path: string
  /** As the program or its package says it; undefined when it says none. */
  readonly version: string | undefined
  readonly where: 'PATH' | '.tools'
}

/** Where `npm run setup` puts servers; git ignores it. */
export const toolsFolder = fileURLToPath(new URL('../../.tools/', import.meta.url))

/** @returns the full path of a program on the PATH. */
export function findOnPath(name: string): string | undefined {
  try {
    const path = execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return path.startsWith('/') ? path : undefined
  } catch {
    return undefined
  }
}

/** @returns the path of a program that setup brought. */
export function findInTools(folder: string, name: string): string | undefined {
  const path = join(toolsFolder, folder, name)
  return existsSync(path) ? path : undefined
}

/** @returns what a program says on its standard output and error, or undefined when it can't run. */
export function answerOf(program: string, args: readonly string[]): string | undefined {
  const answer = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 })
  return answer.error === undefined ? `${answer.stdout}\n${answer.stderr}` : undefined
}
