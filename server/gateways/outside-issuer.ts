/**
 * The keys of an outside OpenID Connect issuer: discovery (Discovery 1.0, 4), then its key set.
 * Read when first needed, again when they are old, and when a token names a key that is not known,
 * but never more often than once in a pause, so that forged tokens make us call nobody.
 * While the issuer is away its known keys go on; no failure of it is ever thrown past a token.
 *
 * jose's own remote key set is not used: its pause counts from the last success, so that in an
 * outage every bad token would go out and wait, and keys that grew old would stop good tokens.
 */
import { type CryptoKey, createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Clock } from '../platform/clock.ts'
import { limits } from '../platform/limits.ts'

const metadataShape = z.object({ issuer: z.string(), jwks_uri: z.url() })
const keySetShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

type Known = { readonly find: JWTVerifyGetKey; readonly readMs: number }

export class OutsideIssuer {
  readonly #issuer: string
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #onTrouble: (cause: unknown) => void
  #known: Known | undefined
  #triedMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  /** @param options.onTrouble its documents could not be read, for whatever reason */
  constructor(options: {
    /** As its tokens and its metadata name it, to the letter. */
    readonly issuer: string
    readonly clock: Pick<Clock, 'monotonicMs'>
    readonly onTrouble: (cause: unknown) => void
  }) {
    this.#issuer = options.issuer
    this.#clock = options.clock
    this.#onTrouble = options.onTrouble
  }

  /** The key that a token names; for jose. Rejects when there is none, now. */
  readonly keyFor: JWTVerifyGetKey = async (header, token): Promise<CryptoKey> => {
    const ageMs = this.#ageMs()
    if (ageMs > limits.issuerKeysKeptMs) await this.#look()
    else if (ageMs > limits.issuerKeysFreshMs) void this.#look()
    try {
      return await this.#find(header, token)
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause
      await this.#look()
      return this.#find(header, token)
    }
  }

  async #find(...[header, token]: Parameters<JWTVerifyGetKey>): Promise<CryptoKey> {
    if (this.#known === undefined || this.#ageMs() > limits.issuerKeysKeptMs) {
      throw new errors.JWKSNoMatchingKey()
    }
    return (await this.#known.find(header, token)) as CryptoKey
  }

  #ageMs(): number {
    return this.#clock.monotonicMs() - (this.#known?.readMs ?? Number.NEGATIVE_INFINITY)
  }

  /** One look for all who wait for one; none within the pause after the last. Never rejects. */
  #look(): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#reading === undefined && nowMs - this.#triedMs >= limits.issuerPauseMs) {
      this.#triedMs = nowMs
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
      })
    }
    return this.#reading ?? Promise.resolve()
  }

  async #read(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(limits.issuerTimeoutMs)
      const base = this.#issuer.replace(/\/$/, '')
      const metadata = metadataShape.parse(
        await readJson(`${base}/.well-known/openid-configuration`, signal),
      )
      if (metadata.issuer !== this.#issuer) throw new Error('the metadata is of another issuer')
      if (base.startsWith('https:') && !metadata.jwks_uri.startsWith('https:')) {
        throw new Error('the key set of an https: issuer is not at https:')
      }
      const keys = keySetShape.parse(await readJson(metadata.jwks_uri, signal))
      this.#known = { find: createLocalJWKSet(keys), readMs: this.#clock.monotonicMs() }
    } catch (cause) {
      this.#onTrouble(cause)
    }
  }
}

/** @throws Error for anything but one small JSON document at this very address */
async function readJson(url: string, signal: AbortSignal): Promise<unknown> {
  // A connection that was kept since the last look may be dead by now.
  const headers = { accept: 'application/json, application/jwk-set+json', connection: 'close' }
  const response = await fetch(url, { signal, headers, redirect: 'error' })
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel()
    throw new Error(`the issuer answered with status ${response.status}`)
  }
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body) {
    bytes += part.byteLength
    if (bytes > limits.issuerBytesMax) throw new Error('the document of the issuer is too large')
    parts.push(part)
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}
