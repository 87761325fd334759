/**
 * New tokens for a device. A refresh token is good once: the same call, repeated, gets the same
 * answer; anybody else who shows a used one has stolen it, or was stolen from, and the device ends.
 */
import type { SessionId } from '../../platform/ids.ts'
import { endFamily, findFamily, moveFamily } from '../../stores/accounts/refresh-families.ts'
import type { Services } from '../services.ts'
import { accountsOf } from './account-parts.ts'
import { sessionEnded, type Tokens } from './device.ts'
import { keyHash, type RefreshClaim } from './refresh-tokens.ts'

type Needs = Pick<
  Services,
  'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions' | 'metrics' | 'log'
>

/** @throws RefusedError SESSION_ENDED */
export async function refresh(
  services: Needs,
  input: { readonly refreshToken: string; readonly key: string },
): Promise<Tokens> {
  const { refreshTokens, issuer } = accountsOf(services)
  const claim = refreshTokens.read(input.refreshToken)
  const region = claim === null ? null : services.regions.homeOf('ses', claim.session)
  if (claim === null || region === null) return sessionEnded()
  const { session, generation } = claim
  const from = { generation, keyHash: keyHash(input.key) }
  const moved = await moveFamily(services.db, { region, id: session }, from)
  const user = moved ?? (await ownerOfRepeated(services, { region, id: session }, from))
  const { token, expiresInMs } = await issuer.issue({ subject: user, session })
  const refreshToken = refreshTokens.make({ session, generation: generation + 1 })
  return { kind: 'signed-in', accessToken: token, expiresInMs, refreshToken }
}

/** Why the token could not be used: the same call once more, the end of the device, or theft. */
async function ownerOfRepeated(
  services: Needs,
  key: { readonly region: string; readonly id: SessionId },
  from: Pick<RefreshClaim, 'generation'> & { readonly keyHash: string },
): Promise<string> {
  const family = await findFamily(services.db, key)
  if (family === null || !family.is_alive) return sessionEnded()
  const isRepeated = family.generation === from.generation + 1 && family.key_hash === from.keyHash
  if (isRepeated) return family.user_id
  services.metrics.count('frontrow.refresh.reuse', {})
  services.log.warn({ session: key.id }, 'a refresh token was shown twice: its device is ended')
  await endFamily(services.db, key, 'reuse')
  return sessionEnded()
}
