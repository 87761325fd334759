/** Letters in plain English. Each says who sent it, why, for how long, and what else to do. */
import type { Role } from '../../domain/access.ts'
import type { Phrases } from './draft.ts'

const roleNames: Readonly<Record<Role, string>> = {
  owner: 'owner',
  manager: 'manager',
  box_office: 'box office',
  door: 'door staff',
  finance: 'finance',
}

const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`

const moment = (at: number) =>
  new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(at)

const notYou = 'If you did not ask for this, do nothing: without the code nothing changes.'
const neverAsk = 'Nobody of us will ever ask you for this code.'
const takeBack =
  'If it was not you, set a new password at once with “forgotten password”, which signs out every device.'

export const english: Phrases = {
  'verify-email': ({ code, minutes }, sender) => ({
    subject: 'Confirm your e-mail address',
    opening: [
      `Somebody, probably you, has signed up at ${sender} with this e-mail address.`,
      'Type this code in there to confirm that the address is yours:',
    ],
    code,
    closing: [`The code is good for ${counted(minutes, 'minute')}. ${neverAsk}`, notYou],
  }),
  'reset-password': ({ code, minutes }, sender) => ({
    subject: 'Set a new password',
    opening: [
      `Somebody, probably you, wants to set a new password for your account at ${sender}.`,
      'Type this code in there to go on:',
    ],
    code,
    closing: [
      `The code is good for ${counted(minutes, 'minute')}. ${neverAsk}`,
      `${notYou} Your password stays as it is.`,
    ],
  }),
  'change-email': ({ code, minutes }, sender) => ({
    subject: 'Confirm your new e-mail address',
    opening: [
      `Somebody, probably you, wants to use this e-mail address for an account at ${sender}.`,
      'Type this code in there to confirm that the address is yours:',
    ],
    code,
    closing: [`The code is good for ${counted(minutes, 'minute')}. ${neverAsk}`, notYou],
  }),
  'email-changed': (_values, sender) => ({
    subject: 'Your e-mail address was changed',
    opening: [
      `Your account at ${sender} has a new e-mail address. We write to the old one for the last time, so that you know.`,
    ],
    code: null,
    closing: [
      'If you changed it, there is nothing to do.',
      `If it was not you, somebody else has your account: write to the support of ${sender} at once.`,
    ],
  }),
  'already-registered': (_values, sender) => ({
    subject: 'You have an account already',
    opening: [
      `Somebody, probably you, has tried to sign up at ${sender} with this e-mail address. There is an account with it already, so no other was made.`,
    ],
    code: null,
    closing: [
      'If it was you, sign in with your password, or choose “forgotten password” to set a new one.',
      'If it was not you, there is nothing to do: your account is as it was.',
    ],
  }),
  'password-changed': (_values, sender) => ({
    subject: 'Your password was changed',
    opening: [`The password of your account at ${sender} was changed just now.`],
    code: null,
    closing: ['If you changed it, there is nothing to do.', takeBack],
  }),
  'new-sign-in': ({ at }, sender) => ({
    subject: 'A new sign-in to your account',
    opening: [
      `Somebody, probably you, has signed in to your account at ${sender} on a device that we did not know, on ${moment(at)} (UTC).`,
    ],
    code: null,
    closing: ['If it was you, there is nothing to do.', takeBack],
  }),
  invitation: ({ organisation, inviter, role, code, days }, sender) => ({
    subject: `An invitation to ${organisation}`,
    opening: [
      inviter === null
        ? `You are invited to work with ${organisation} at ${sender}, as ${roleNames[role]}.`
        : `${inviter} invites you to work with ${organisation} at ${sender}, as ${roleNames[role]}.`,
      'Sign in there with this e-mail address, or sign up, and enter this code to accept:',
    ],
    code,
    closing: [
      `The invitation is good for ${counted(days, 'day')}.`,
      'If you do not know who invites you, do nothing: without the code nothing happens.',
    ],
  }),
  footer: (sender) =>
    `${sender} sent this letter by itself, because of what is said above. Answers to it are not read.`,
}
