/** From what use-cases answer to what is on the wire: organisations and what belongs to them. */
import type { AuditEntry } from '../domain/audit-entry.ts'
import type { Json } from '../domain/canonical-json.ts'
import type { Invitation } from '../domain/invitation.ts'
import type { ApiKey } from '../stores/api-keys.ts'
import type { Member } from '../stores/memberships.ts'

export function presentMember({ person, role, since, version }: Member) {
  return { person, role, since: since.toISOString(), version }
}

export function presentInvitation(invitation: Invitation) {
  const { id, role, invitedBy, acceptedBy, version, state, expired } = invitation
  const hasRunOut = state === 'open' && expired
  return {
    id,
    role,
    email: hasRunOut ? null : invitation.email,
    state: hasRunOut ? ('expired' as const) : state,
    invitedBy,
    acceptedBy,
    createdAt: invitation.createdAt.toISOString(),
    expiresAt: invitation.expiresAt.toISOString(),
    version,
  }
}

export function presentApiKey(apiKey: ApiKey) {
  const { id, name, prefix, scopes, createdBy } = apiKey
  return {
    id,
    name,
    prefix,
    scopes: [...scopes],
    createdBy,
    createdAt: apiKey.createdAt.toISOString(),
    expiresAt: apiKey.expiresAt.toISOString(),
    revokedAt: apiKey.revokedAt?.toISOString() ?? null,
  }
}

export function presentAuditEntry(entry: AuditEntry) {
  const { region, seq, phase, begunSeq, action, actor, address, requestId, reason } = entry
  const { input, before, after, outcome, hash } = entry
  return {
    region,
    seq,
    at: new Date(entry.atMs).toISOString(),
    phase,
    begunSeq,
    action,
    actor,
    address,
    requestId,
    subjects: [...entry.subjects],
    reason,
    outcome,
    hash,
    input: plain(input),
    before: plain(before),
    after: plain(after),
  }
}

type WireJson = null | boolean | number | string | WireJson[] | { [name: string]: WireJson }

/** The same value: only that it may not be changed is not said on the wire. */
function plain(value: Json): WireJson {
  return value as WireJson
}
