/** promtool, with which Prometheus's own rules for alerts are checked and tested. */
import { answerOf, findInTools, findOnPath, type ServerProgram } from './server-program.ts'
import type { DebianPart } from './setup-debian.ts'

export const promtoolPart: DebianPart = {
  package: 'prometheus',
  path: 'usr/bin/promtool',
  folder: 'prometheus',
  program: 'promtool',
}

/** The one on the PATH, else the one that `npm run setup` has brought. */
export function findPromtool(): ServerProgram | undefined {
  const onPath = findOnPath(promtoolPart.program)
  const path = onPath ?? findInTools(promtoolPart.folder, promtoolPart.program)
  const version = path && /version (\d[.\d]*)/.exec(answerOf(path, ['--version']) ?? '')?.[1]
  if (path === undefined || version === undefined) return undefined
  return { path, where: onPath === undefined ? '.tools' : 'PATH', version }
}
