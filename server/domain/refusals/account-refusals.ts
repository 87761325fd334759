/** Refusals about accounts, sessions and the people of an organisation. */
import type { RefusalGroup } from './refusal-facts.ts'

export const accountRefusals = {
  WRONG_CREDENTIALS: {
    status: 401,
    retryAfterMs: null,
    means: 'e-mail and password, or the second factor, do not fit together',
    fan: 'tries again, or resets the password',
    operator: 'looks at `frontrow_accounts_sign_ins_total` if many see it',
    developer: 'says nothing about which of the two was wrong',
  },
  EMAIL_UNVERIFIED: {
    status: 403,
    retryAfterMs: null,
    means: 'the address was never confirmed; a code is on its way to it',
    fan: 'types the code from the mail',
    operator: 'looks at `frontrow_mail_letters_total` if codes do not arrive',
    developer: 'asks for the code and sends it to `accounts.verifyEmail`',
  },
  CODE_WRONG: {
    status: 422,
    retryAfterMs: null,
    means: 'the code is wrong, was used before or has expired',
    fan: 'types it again, or asks for a new one',
    operator: 'nothing',
    developer: 'offers to send the code again',
  },
  PASSWORD_UNFIT: {
    status: 422,
    retryAfterMs: null,
    means: 'the new password is too short, too long, widely known or a part of the address',
    fan: 'chooses another',
    operator: 'nothing',
    developer: 'shows the rule before',
  },
  SESSION_ENDED: {
    status: 401,
    retryAfterMs: null,
    means: 'the session was ended, has expired, or its refresh token was used twice',
    fan: 'signs in again',
    operator: 'looks at `frontrow_refresh_reuse_total`: a stolen token shows there',
    developer: 'forgets both tokens',
  },
  REASON_NEEDED: {
    status: 403,
    retryAfterMs: null,
    means: 'an admin of the platform acts for an organisation and gave no reason',
    fan: 'nothing',
    operator: 'gives the reason; it is kept in the audit entry',
    developer: 'sends it in the header `x-acting-reason`',
  },
  LAST_OWNER: {
    status: 409,
    retryAfterMs: null,
    means: 'an organisation keeps at least one owner',
    fan: 'makes somebody else an owner first',
    operator: 'nothing',
    developer: 'shows it before',
  },
  INVITATION_ENDED: {
    status: 409,
    retryAfterMs: null,
    means: 'the invitation was used, was withdrawn or has expired',
    fan: 'asks for a new one',
    operator: 'nothing',
    developer: 'nothing',
  },
} as const satisfies RefusalGroup
