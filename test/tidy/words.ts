/**
 * What no file of the project may contain, whatever its kind: paths of one person's machine,
 * hosts that only exist in one network, secrets. A clone must work for a stranger.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { linesOf } from './lengths.ts'
import { listFiles, projectRoot, type Violation } from './source.ts'

const rules: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.:}/])\/(work|root|home|Users)\/\w/, 'a path of one machine; make it relative'],
  [
    /(?<![\w.:}/])\/tmp\/\w/,
    "a fixed path for passing files; use the system's own folder for them",
  ],
  [/[A-Z]:\\\\?Users\\/, 'a path of one machine; make it relative'],
  [
    /\b(registry\.npmjs\.org|registry\.yarnpkg\.com|files\.pythonhosted\.org)\b/,
    'a host of a package registry; the client of the registry knows it',
  ],
  [
    /\b(artifactory|nexus|verdaccio)\.[\w-]+\.\w+/i,
    'a host of a package registry; leave it to the settings of the machine',
  ],
  [/"resolved":/, 'a lock file that names where its packages came from; see .npmrc'],
  [/\b[sr]k_live_\w{16}|\bghp_\w{20}|\bAKIA[0-9A-Z]{16}\b/, 'a secret'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
]

const binary = /\.(png|jpe?g|gif|ico|woff2?|gz|zip|whl|pdf)$/

/** `ownCases`: the tests of this check spell what it bans. */
const ownCases = new Set(['test/tidy/words.ts', 'test/tidy/words.test.ts'])

export function checkText(path: string, text: string): Violation[] {
  if (!rules.some(([pattern]) => pattern.test(text))) return []
  return linesOf(text).flatMap((content, index) =>
    rules
      .filter(([pattern]) => pattern.test(content))
      .map(([, message]) => ({ path, line: index + 1, message: `contains ${message}` })),
  )
}

export async function checkWords(root = projectRoot): Promise<Violation[]> {
  const paths = (await listFiles(root)).filter((path) => !binary.test(path) && !ownCases.has(path))
  const found = await Promise.all(
    paths.map(async (path) => checkText(path, await readFile(join(root, path), 'utf8'))),
  )
  return found.flat()
}
