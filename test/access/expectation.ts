/**
 * What a declared rule means, said a second time and independently of the server: who gets through,
 * and with which refusal everybody else is turned away. The matrix compares every answer with this.
 */
import type { AccessRule, Role, Scope } from '../../server/domain/access.ts'

/** Whose organisation a call is about, seen from the caller's own. */
export type Target = 'own' | 'foreign' | 'missing'

export type CallerFacts =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'person'; readonly role: Role | null; readonly on: 'own' | 'foreign' }
  | { readonly kind: 'platform-admin'; readonly withReason: boolean }
  | { readonly kind: 'machine'; readonly scopes: readonly Scope[]; readonly on: 'own' | 'foreign' }
  | { readonly kind: 'region' }

export type AccessRefusal = 'NOT_SIGNED_IN' | 'NOT_ALLOWED' | 'REASON_NEEDED'
export const accessRefusals: readonly string[] = ['NOT_SIGNED_IN', 'NOT_ALLOWED', 'REASON_NEEDED']

/** `through`: the gate opens, whatever the use-case answers then. */
export function expected(
  rule: AccessRule,
  caller: CallerFacts,
  target: Target,
): 'through' | AccessRefusal {
  if (rule.kind === 'public' || rule.kind === 'webhook') return 'through'
  if (caller.kind === 'nobody') return 'NOT_SIGNED_IN'
  const person = caller.kind === 'person' || caller.kind === 'platform-admin'
  switch (rule.kind) {
    case 'signed-in':
    case 'owner':
      return person ? 'through' : 'NOT_ALLOWED'
    case 'platform-admin':
      return caller.kind === 'platform-admin' ? 'through' : 'NOT_ALLOWED'
    case 'region':
      return caller.kind === 'region' ? 'through' : 'NOT_ALLOWED'
    case 'role':
      return expectedOfRole(rule, caller, target)
  }
}

function expectedOfRole(
  rule: AccessRule & { readonly kind: 'role' },
  caller: Exclude<CallerFacts, { readonly kind: 'nobody' }>,
  target: Target,
): 'through' | AccessRefusal {
  switch (caller.kind) {
    case 'region':
      return 'NOT_ALLOWED'
    case 'platform-admin':
      return caller.withReason ? 'through' : 'REASON_NEEDED'
    case 'machine': {
      const fits = rule.scope !== null && caller.scopes.includes(rule.scope)
      return fits && caller.on === target ? 'through' : 'NOT_ALLOWED'
    }
    case 'person': {
      const fits = caller.role !== null && mayDoWhatItMay[caller.role].includes(rule.role)
      return fits && caller.on === target ? 'through' : 'NOT_ALLOWED'
    }
  }
}

/** docs/access.md: owners may do all, managers all but what only owners may, the rest their own. */
const mayDoWhatItMay: Readonly<Record<Role, readonly Role[]>> = {
  owner: ['owner', 'manager', 'box_office', 'door', 'finance'],
  manager: ['manager', 'box_office', 'door', 'finance'],
  box_office: ['box_office'],
  door: ['door'],
  finance: ['finance'],
}
