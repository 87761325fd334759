/**
 * Who calls, and what an access rule allows. Rules are data: transport declares one for each
 * procedure and route, and one function here decides, so that a test can derive every answer.
 */
import type { OrganisationId } from '../platform/ids.ts'

/** From what may do all to what may do least; finance and door each see their own part. */
export const roles = ['owner', 'manager', 'box_office', 'door', 'finance'] as const
export type Role = (typeof roles)[number]

/** What a machine's key may be allowed, each for one organisation. */
export const scopes = ['catalogue:read', 'catalogue:write', 'members:read', 'audit:read'] as const
export type Scope = (typeof scopes)[number]

/** A fan, or somebody of an organisation: the subject of a verified access token. */
export type Person = {
  readonly kind: 'person'
  readonly id: string
  /** The session that the token came from; null where the issuer names none. */
  readonly session: string | null
}

/** A partner's program: an API key of one organisation. */
export type Machine = {
  readonly kind: 'machine'
  readonly id: string
  readonly organisation: OrganisationId
  readonly scopes: ReadonlySet<Scope>
}

/** The server of another region of ours, by its signed call. */
export type RegionServer = { readonly kind: 'region'; readonly region: string }

export type Caller = Person | Machine | RegionServer

export type AccessRule =
  | { readonly kind: 'public' }
  /** Any person. */
  | { readonly kind: 'signed-in' }
  /** A person, and the use-case answers NOT_FOUND unless the thing is theirs. */
  | { readonly kind: 'owner'; readonly of: OwnedThing }
  /** A person's role on the organisation that the input names, or a key of it with the scope. */
  | { readonly kind: 'role'; readonly role: Role; readonly scope: Scope | null }
  /** Those who run the platform. */
  | { readonly kind: 'platform-admin' }
  /** A server of another region, by its signed call. */
  | { readonly kind: 'region' }
  /** Whoever signs the body with the webhook's secret. */
  | { readonly kind: 'webhook' }

export type OwnedThing = 'hold' | 'order' | 'ticket' | 'account'

/** True when `role` may do what `needed` may do. */
export function roleCovers(role: Role, needed: Role): boolean {
  return role === needed || role === 'owner' || (role === 'manager' && needed !== 'owner')
}

/** True when a machine's key opens a role rule about `organisation`. */
export function keyCovers(
  machine: Machine,
  rule: { readonly scope: Scope | null },
  organisation: OrganisationId,
): boolean {
  const { scope } = rule
  return scope !== null && machine.organisation === organisation && machine.scopes.has(scope)
}
