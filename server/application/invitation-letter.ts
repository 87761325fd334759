/** The letter that carries an invitation's code; the only place in which the code is ever seen. */
import type { Invitation } from '../domain/invitation.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import type { Organisation } from '../stores/organisations.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'mail'>

const dayMs = 24 * 60 * 60_000

/** @throws RefusedError WRONG_STATE where every letter would be lost */
export function checkMailConfigured({ mail }: Needs): void {
  if (!mail.isConfigured) refuse('WRONG_STATE', 'No mail is sent here, so nobody can be invited.')
}

export function sendInvitation(
  { mail }: Needs,
  offer: { readonly invitation: Invitation; readonly organisation: Organisation },
  code: string,
): void {
  const { invitation, organisation } = offer
  mail.send({
    template: 'invitation',
    to: present(invitation.email, 'the address of an open invitation'),
    locale: invitation.locale,
    values: {
      organisation: organisation.name,
      // People's names are theirs to tell: the letter names the organisation alone.
      inviter: null,
      role: invitation.role,
      code,
      days: limits.invitationMs / dayMs,
    },
  })
}
