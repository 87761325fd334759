/** A token that verified is remembered, and no longer than it lives. */
import { generateKeyPairSync } from 'node:crypto'
import { importJWK, type JWK } from 'jose'
import { expect, it } from 'vitest'
import { limits } from '../platform/limits.ts'
import { accessTokens } from './access-tokens.ts'
import { issueToken } from './development-issuer.ts'

it('a remembered token ends when it ends', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = await importJWK(privateKey.export({ format: 'jwk' }) as JWK, 'EdDSA')
  if (key instanceof Uint8Array) throw new TypeError('not a key pair')
  let nowMs = Date.UTC(2027, 0, 1)
  const ports = { issuer: 'tests', nowMs: () => nowMs }
  const token = await issueToken({ ...ports, kid: 'one', key }, 'ann')
  const published = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'one' }
  const tokens = accessTokens({ ...ports, keys: [published] })
  expect((await tokens.verify(token))?.id).toBe('demo:ann')
  nowMs += limits.accessTokenMs - 1_000
  expect((await tokens.verify(token))?.id).toBe('demo:ann')
  nowMs += 2_000
  expect(await tokens.verify(token)).toBeNull()
  expect(await tokens.verify(`${token}x`)).toBeNull()
})
