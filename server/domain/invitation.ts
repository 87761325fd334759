/**
 * The offer of a role to whoever shows the code from the mail. A code is `<region code>.<128 random
 * bits>`: it says where its invitation lives, and guessing one is hopeless. Only its hash is kept.
 */
import { createHash } from 'node:crypto'
import { type InvitationId, type OrganisationId, regionCodePattern } from '../platform/ids.ts'
import type { Role } from './access.ts'

export type InvitationState = 'open' | 'accepted' | 'withdrawn'

export type Invitation = {
  readonly id: InvitationId
  /** In which it was made, and in which the address stays. */
  readonly region: string
  readonly organisation: OrganisationId
  readonly role: Role
  /** Null once it has ended: nobody needs it any more. */
  readonly email: string | null
  /** The language of its letter. */
  readonly locale: string
  readonly codeHash: string
  readonly state: InvitationState
  /** By the database's clock when it was read. */
  readonly expired: boolean
  readonly invitedBy: string
  readonly acceptedBy: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly version: number
}

export const codeBytes = 16

const codePattern = new RegExp(`^(${regionCodePattern})\\.[A-Za-z0-9_-]{22}$`)

/** @param random `codeBytes` unpredictable bytes */
export function codeFrom(regionCode: string, random: Uint8Array): string {
  return `${regionCode}.${Buffer.from(random).toString('base64url')}`
}

/** The code of the region that a code names, or null for what is no code. */
export function regionCodeIn(code: string): string | null {
  return codePattern.exec(code)?.[1] ?? null
}

export function codeHash(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}

export function isOpen({ state, expired }: Pick<Invitation, 'state' | 'expired'>): boolean {
  return state === 'open' && !expired
}
