/**
 * The keys of one local system: made on the first start, kept below the data folder for their owner
 * alone, and given to the server by file name. They are never logged and never on a command line.
 */
import { generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptSecret } from './kept-secret.ts'

/** Names of settings and the files that hold their values, as `NAME_FILE`. */
export type KeyFiles = Readonly<Record<`${string}_FILE`, string>>

/** @param folder exists and is for nobody else. */
export function keepLocalKeys(folder: string): KeyFiles {
  chmodSync(folder, 0o700)
  const ticketKeys = join(folder, 'ticket-keys.json')
  const issuerKeys = join(folder, 'development-issuer-keys.json')
  const holdTokenSecret = join(folder, 'hold-token-secret')
  keepKeySet(ticketKeys)
  keepKeySet(issuerKeys)
  keptSecret(holdTokenSecret)
  return {
    TICKET_KEYS_FILE: ticketKeys,
    // The server takes only the public halves from this one.
    ACCESS_KEYS_FILE: issuerKeys,
    DEVELOPMENT_ISSUER_KEYS_FILE: issuerKeys,
    HOLD_TOKEN_SECRET_FILE: holdTokenSecret,
  }
}

/** A JSON Web Key Set with one private Ed25519 key (RFC 8037). */
function keepKeySet(file: string): void {
  if (existsSync(file)) return
  const key: JsonWebKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const keySet = { keys: [{ ...key, kid: `local-${randomUUID().slice(0, 8)}` }] }
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, `${JSON.stringify(keySet)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(aside, file)
}
