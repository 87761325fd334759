import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findCockroach } from './cockroach-program.ts'
import { findOnPath } from './server-program.ts'
import { StartError } from './start-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'frontrow-cockroach-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that tells a version as cockroach does, and can do nothing else. */
function teller(said: string): string {
  const path = join(folder, `cockroach-${said.replaceAll(/\W/g, '-')}`)
  const script = `#!/bin/sh\n[ "$1" = version ] && cat <<'END'\n${said}\nEND\n`
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

const find = (path: string) => findCockroach({ COCKROACH_BINARY: path })

describe('the CockroachDB of this machine', () => {
  it.each([
    ['v26.2.5', 'v26.2.5'],
    ['v21.1.0', 'v21.1.0'],
    ['v21.1.0-alpha.3-2211-g1234-dirty', 'v21.1.0-alpha.3-2211-g1234-dirty'],
    ['unknown', 'of an unknown version'],
  ])('is taken as %s', (tag, version) => {
    const path = teller(`Build Tag:        ${tag}\nBuild Time:       2026/10/02 10:00:00`)
    expect(find(path)).toEqual({ path, version })
  })

  it.each(['v20.2.19', 'v2.1.0', 'v19.2.0'])('is too old as %s', (tag) => {
    const path = teller(`Build Tag:        ${tag}`)
    expect(() => find(path)).toThrow(
      new StartError(`${path} is CockroachDB ${tag}; Frontrow needs 21.1 or later.`),
    )
  })

  it('is no other program, and no file that is not there', () => {
    const sentence = (path: string) =>
      new StartError(
        `COCKROACH_BINARY names ${path}, which is no CockroachDB that runs here: \`version\` told none.`,
      )
    const other = teller('Redis server v=8.0.0')
    expect(() => find(other)).toThrow(sentence(other))
    expect(() => find(join(folder, 'none'))).toThrow(sentence(join(folder, 'none')))
  })

  it('is said to be missing in one sentence', ({ skip }) => {
    if (findOnPath('cockroach') !== undefined) skip('this machine has a cockroach on its PATH')
    expect(() => findCockroach({})).toThrow(
      new StartError(
        'There is no CockroachDB on this machine: put its program `cockroach` (21.1 or later) on the PATH, or its path into COCKROACH_BINARY.',
      ),
    )
  })
})
