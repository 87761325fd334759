/** A random secret that is made once and kept in a file which only its owner may read. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { codeOf } from './start-error.ts'

/** @returns the secret in the file; makes both when the file is missing. 192 bits, safe in a URL. */
export function keptSecret(file: string): string {
  const known = readSecret(file)
  if (known !== undefined) return known
  const secret = randomBytes(24).toString('base64url')
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, secret, { mode: 0o600, flag: 'wx' })
  renameSync(aside, file)
  return secret
}

function readSecret(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? undefined : text
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
