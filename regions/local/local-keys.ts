/**
 * The keys of one local system: made on the first start, kept below the data folder for their owner
 * alone, and given to the server by file name. They are never logged and never on a command line.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newKeySet, published } from '../keys/key-set.ts'
import { readKeySet } from '../keys/key-set-file.ts'
import { keptSecret } from './kept-secret.ts'

/** Names of settings and the files that hold their values, as `NAME_FILE`. */
export type KeyFiles = Readonly<Record<`${string}_FILE`, string>>

/**
 * @param folder exists and is for nobody else
 * @param region whose server gets them; what signs its calls to others is known to it alone
 * @param all the regions of the system, when there are several: each knows whom to believe
 */
export function keepLocalKeys(
  folder: string,
  region: string,
  all: readonly string[] = [],
): KeyFiles {
  chmodSync(folder, 0o700)
  const keySet = (name: string) => keepKeySet(join(folder, `${name}.json`))
  const secret = (name: string) => {
    keptSecret(join(folder, name))
    return join(folder, name)
  }
  const callKeysOf = (name: string) =>
    keySet(all.length === 0 ? 'region-call-keys' : `region-call-keys-of-${name}`)
  const callers = all.length === 0 ? [region] : all
  const regionCalls = callKeysOf(region)
  const knownCallers = join(folder, 'region-call-public-keys.json')
  const known = callers.map((name) => [name, published(readKeySet(callKeysOf(name)))])
  writeAside(knownCallers, Object.fromEntries(known) as object)
  return {
    TICKET_KEYS_FILE: keySet('ticket-keys'),
    ACCESS_SIGNING_KEYS_FILE: keySet('access-signing-keys'),
    DEVELOPMENT_ISSUER_KEYS_FILE: keySet('development-issuer-keys'),
    HOLD_TOKEN_SECRET_FILE: secret('hold-token-secret'),
    ACCOUNTS_SECRET_FILE: secret('accounts-secret'),
    ACCOUNTS_DIRECTORY_SECRET_FILE: secret('accounts-directory-secret'),
    REGION_CALL_KEYS_FILE: regionCalls,
    REGION_CALL_PUBLIC_KEYS_FILE: knownCallers,
  }
}

/** Makes the file on the first start; afterwards it is kept, or rotated by `npm run keys`. */
function keepKeySet(file: string): string {
  if (!existsSync(file)) writeAside(file, newKeySet())
  return file
}

function writeAside(file: string, content: object): void {
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(aside, file)
}
