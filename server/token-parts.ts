/**
 * From the settings, all that makes and checks proofs of who calls: access tokens (of our own
 * issuer or an outside one) and calls between regions. Wiring only.
 */
import type { JWK } from 'jose'
import { type AccessIssuer, accessIssuer } from './application/access-issuer.ts'
import type { Log } from './application/services.ts'
import type { Config } from './config.ts'
import { OutsideIssuer } from './gateways/outside-issuer.ts'
import {
  type RegionCallSigner,
  regionCallSigner,
} from './gateways/region-calls/region-call-signer.ts'
import { publicKeys, type SigningKeys, signingKeys } from './keys.ts'
import { systemClock } from './platform/clock.ts'
import { ConfigError } from './platform/config-fault.ts'
import { systemRandom } from './platform/random.ts'
import { accessTokens } from './transport/access-tokens.ts'
import { outsidePrefix, outsideTokens } from './transport/outside-tokens.ts'
import { type RegionCalls, regionCalls } from './transport/region-calls.ts'
import type { TokenVerifier } from './transport/remembered-tokens.ts'

const ports = { clock: systemClock, random: systemRandom }

/** null where tokens are only checked here, or come from an outside issuer. */
export async function ownIssuer(config: Config): Promise<AccessIssuer | null> {
  const { ACCESS_SIGNING_KEYS: keys, ACCESS_ISSUER: issuer } = config
  if (keys === undefined || issuer === undefined) return null
  const { active } = await signingKeys('ACCESS_SIGNING_KEYS', keys)
  return accessIssuer({ ...ports, key: active, issuer })
}

/** The public keys whose access tokens are taken, as they are published; none of an outside issuer. */
export function accessKeys(config: Config): JWK[] {
  const names = ['ACCESS_SIGNING_KEYS', 'ACCESS_KEYS', 'DEVELOPMENT_ISSUER_KEYS'] as const
  const byId = new Map<unknown, JWK>()
  for (const key of names.flatMap((name) => publicKeys(name, config[name] ?? { keys: [] }))) {
    const twin = byId.get(key.kid)
    if (twin !== undefined && twin.x !== key.x) {
      throw new ConfigError(`Two different keys of access tokens have the kid ${key.kid}`)
    }
    byId.set(key.kid, key)
  }
  return [...byId.values()]
}

export function tokenVerifier(config: Config, log: Log): TokenVerifier {
  const { OIDC_ISSUER: outside, OIDC_AUDIENCE: audience = '', ACCESS_ISSUER: own = '' } = config
  const { nowMs } = systemClock
  if (outside === undefined) return accessTokens({ keys: accessKeys(config), issuer: own, nowMs })
  log.info({ issuer: outside, personIds: `${outsidePrefix(outside)}<sub>` }, 'an outside issuer')
  const { keyFor } = new OutsideIssuer({
    issuer: outside,
    clock: systemClock,
    onTrouble: (err) => log.warn({ err }, 'the documents of the outside issuer cannot be read'),
  })
  const algorithms = config.OIDC_ALGORITHMS
  return outsideTokens({ issuer: outside, audience, algorithms, keyFor, nowMs })
}

/** Without keys for it, nobody's call is a region's. */
/** @param nowMs the time by which they are judged */
export function regionCallsOf(config: Config, nowMs: () => number): RegionCalls {
  const name = 'REGION_CALL_PUBLIC_KEYS'
  const sets = [...(config[name] ?? [])]
  const keys = new Map(sets.map(([region, set]) => [region, publicKeys(name, set)] as const))
  return regionCalls({ region: config.REGION, keys, clock: { ...systemClock, nowMs } })
}

/** null where this region has no keys for calls to others. */
export async function regionCallSignerOf(config: Config): Promise<RegionCallSigner | null> {
  if (config.REGION_CALL_KEYS === undefined) return null
  const { active } = await signingKeys('REGION_CALL_KEYS', config.REGION_CALL_KEYS)
  return regionCallSigner({ ...ports, key: active, region: config.REGION })
}

/** Gives tokens to whoever asks: development only. null in production. */
export async function developmentKeys(
  config: Config,
): Promise<(SigningKeys['active'] & { readonly issuer: string }) | null> {
  const { DEVELOPMENT_ISSUER_KEYS: keys, ACCESS_ISSUER: issuer } = config
  if (keys === undefined || issuer === undefined) return null
  return { ...(await signingKeys('DEVELOPMENT_ISSUER_KEYS', keys)).active, issuer }
}
