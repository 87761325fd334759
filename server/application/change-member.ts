/**
 * Changes somebody's role, or ends it. Whether another owner is left is read in the transaction
 * that writes: of two owners who leave at once, SERIALIZABLE lets one see the other gone.
 */
import type { Caller, Person, Role } from '../domain/access.ts'
import { refuseRoleChange } from '../domain/membership.ts'
import { refuse } from '../domain/refusal.ts'
import type { OrganisationId } from '../platform/ids.ts'
import {
  deleteMember,
  findMember,
  hasOtherOwner,
  type Member,
  updateMemberRole,
} from '../stores/memberships.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { inTransaction, type Tx } from '../stores/transaction.ts'
import { editConflict, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'db' | 'members'>

export type MemberKey = { readonly organisation: OrganisationId; readonly person: string }
type VersionedKey = MemberKey & {
  /** The version that the caller read. */
  readonly version: number
}

/** @throws RefusedError NOT_FOUND */
export function getMember({ db }: Pick<Services, 'db'>, key: MemberKey): Promise<Member> {
  return reading(db, 'members.get', (reader) => memberIn(reader, key))
}

/** What the caller is to an organisation, or null for nothing. */
export function findMembershipOf(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  { organisation }: Pick<MemberKey, 'organisation'>,
): Promise<Member | null> {
  if (caller.kind !== 'person') return Promise.resolve(null)
  const key = { organisation, person: caller.id }
  return reading(db, 'members.own-one', (reader) => findMember(reader, key))
}

/** @throws RefusedError NOT_FOUND | EDIT_CONFLICT | LAST_OWNER */
export async function setMemberRole(
  services: Needs,
  input: VersionedKey & { readonly role: Role },
): Promise<Member> {
  const changed = await inTransaction(services.db, 'members.set-role', async (tx) => {
    const current = await memberIn(tx, input)
    if (current.version !== input.version) return editConflict(current.version)
    if (current.role === input.role) return current
    await checkOwnerLeft(tx, current, input.role)
    return (await updateMemberRole(tx, input)) ?? editConflict(current.version)
  })
  services.members.forget(input.person)
  return changed
}

/** @throws RefusedError NOT_FOUND | EDIT_CONFLICT | LAST_OWNER */
export async function removeMember(services: Needs, input: VersionedKey): Promise<void> {
  await inTransaction(services.db, 'members.remove', async (tx) => {
    const current = await memberIn(tx, input)
    if (current.version !== input.version) return editConflict(current.version)
    await checkOwnerLeft(tx, current, null)
    return (await deleteMember(tx, current)) || editConflict(current.version)
  })
  services.members.forget(input.person)
}

/** Leaving what one is no member of changes nothing, so that it may be sent twice. */
export async function leaveOrganisation(
  services: Needs,
  caller: Person,
  { organisation }: { readonly organisation: OrganisationId },
): Promise<void> {
  await inTransaction(services.db, 'members.leave', async (tx) => {
    const current = await findMember(tx, { organisation, person: caller.id })
    if (current === null) return
    await checkOwnerLeft(tx, current, null)
    await deleteMember(tx, current)
  })
  services.members.forget(caller.id)
}

async function memberIn(reader: Reader, key: MemberKey): Promise<Member> {
  const member = await findMember(reader, key)
  return member ?? refuse('NOT_FOUND', 'There is no such member.')
}

async function checkOwnerLeft(tx: Tx, current: Member, to: Role | null): Promise<void> {
  if (current.role !== 'owner') return
  throwIfRefused(
    refuseRoleChange({ from: current.role, to, hasOtherOwner: await hasOtherOwner(tx, current) }),
  )
}
