/** A life of one fan and one organiser, with something secret or personal at every entrance. */
import { randomBytes } from 'node:crypto'
import { TRPCClientError } from '@trpc/client'
import { authenticatorCode } from '../accounts/open-accounts.ts'
import { apiAt } from '../support/sale-system.ts'
import { type Cage, newKey } from './cage.ts'
import type { Canary } from './canary.ts'

const card = '4916338506082832'

/** A canary's own letters: nothing else can hold them by chance. */
const mark = () => randomBytes(6).toString('hex')

/** Whatever comes, a refusal is what is wanted. */
async function refused(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (cause) {
    if (cause instanceof TRPCClientError) return
    throw cause
  }
  throw new Error('a call with something wrong was done')
}

/** Lives it, and tells what was put in. */
export async function live(cage: Cage): Promise<readonly Canary[]> {
  const fan = await signUp(cage)
  const bought = await buy(cage, fan.accessToken)
  const organised = await organise(cage)
  const returned = await comeBack(cage)
  return [
    ...fan.canaries,
    ...returned,
    ...bought,
    ...organised,
    { what: 'the card number', value: card },
    ...Object.entries(cage.secrets).map(([what, value]) => ({ what, value })),
  ]
}

async function signUp({ as, letters }: Cage) {
  const { accounts } = as(null)
  const email = `canary.${mark()}@example.org`
  const name = `Canary Bird ${mark()}`
  const password = `canary sings ${mark()}`
  const other = `canary hums ${mark()}`
  const wrong = `canary croaks ${mark()}`
  await accounts.signUp.mutate({ email, password, name })
  const { code } = await letters.next({ to: email, timeoutMs: 20_000 })
  await refused(accounts.verifyEmail.mutate({ email, code: '000000', password }))
  await accounts.verifyEmail.mutate({ email, code: code ?? '', password })
  await accounts.signUp.mutate({ email, password: other, name: `${name} again` })
  await refused(accounts.signIn.mutate({ email, password: wrong, key: newKey() }))
  await refused(
    accounts.signIn.mutate({ email: password as never, password: email, key: newKey() }),
  )
  const tokens = await accounts.signIn.mutate({ email, password, key: newKey() })
  if (tokens.kind !== 'signed-in') throw new Error('no second factor was asked for')
  const { accessToken, refreshToken } = tokens
  const self = as(accessToken)
  await self.accounts.get.query({})
  await refused(self.accounts.changePassword.mutate({ currentPassword: wrong, newPassword: other }))
  await self.accounts.changePassword.mutate({ currentPassword: password, newPassword: other })
  const next = await accounts.refresh.mutate({ refreshToken, key: newKey() })
  await refused(
    accounts.refresh.mutate({ refreshToken: `${refreshToken.slice(0, -3)}xxx`, key: newKey() }),
  )
  const { uri, backupCodes } = await self.accounts.totp.begin.mutate({ password: other })
  await refused(self.accounts.totp.confirm.mutate({ code: '000000' }))
  // What is counted about wrong attempts stays until it runs out.
  await refused(accounts.signIn.mutate({ email, password: wrong, key: newKey() }))
  const kept = { 'users.email': 'where letters go' }
  const canaries: Canary[] = [
    { what: 'the e-mail address', value: email, belongs: kept },
    { what: 'the name', value: name, belongs: { 'users.name': 'how letters begin' } },
    { what: 'the password', value: password },
    { what: 'a part of the password', value: password.slice(-14) },
    { what: 'the new password', value: other },
    { what: 'a wrong password', value: wrong },
    { what: 'the access token', value: accessToken },
    { what: 'the refresh token', value: refreshToken },
    { what: 'the next refresh token', value: next.refreshToken },
    { what: "the authenticator's secret", value: new URL(uri).searchParams.get('secret') ?? uri },
    ...backupCodes.map((value) => ({ what: 'a backup code', value })),
  ]
  return { accessToken: next.accessToken, canaries }
}

/** Another fan, who forgets the password, moves to another address and has a second factor. */
async function comeBack({ as, letters }: Cage): Promise<Canary[]> {
  const { accounts } = as(null)
  const first = `forgetful.${mark()}@example.org`
  const email = `moved.${mark()}@example.org`
  const forgotten = `canary forgets ${mark()}`
  const password = `canary recalls ${mark()}`
  const codeTo = async (to: string, template: string) =>
    (await letters.next({ to, template, timeoutMs: 20_000 })).code ?? ''
  await accounts.signUp.mutate({ email: first, password: forgotten, name: 'Second Bird' })
  const proof = { email: first, code: await codeTo(first, 'verify-email'), password: forgotten }
  await accounts.verifyEmail.mutate(proof)
  await accounts.sendCode.mutate({ email: first, purpose: 'reset-password' })
  const reset = { email: first, code: await codeTo(first, 'reset-password') }
  await refused(accounts.resetPassword.mutate({ ...reset, password: 'password1' }))
  await accounts.resetPassword.mutate({ ...reset, password })
  const one = await accounts.signIn.mutate({ email: first, password, key: newKey() })
  if (one.kind !== 'signed-in') throw new Error('no second factor was asked for')
  const self = as(one.accessToken)
  await self.accounts.email.request.mutate({ newEmail: email, password })
  const wrong = { newEmail: email, code: '000000' }
  await refused(self.accounts.email.confirm.mutate(wrong))
  const moved = { newEmail: email, code: await codeTo(email, 'change-email') }
  await self.accounts.email.confirm.mutate(moved)
  const { uri, backupCodes } = await self.accounts.totp.begin.mutate({ password })
  await self.accounts.totp.confirm.mutate({ code: authenticatorCode(uri, Date.now() - 30_000) })
  const two = await accounts.signIn.mutate({ email, password, key: newKey() })
  if (two.kind !== 'second-factor') throw new Error('a second factor was expected')
  const { challenge } = two
  const wish = { challenge, code: backupCodes[0] ?? '', key: newKey() }
  await refused(accounts.signInSecondFactor.mutate({ ...wish, code: '000000', key: newKey() }))
  const three = await accounts.signInSecondFactor.mutate(wish)
  return [
    { what: 'the address before', value: first },
    {
      what: 'the address after',
      value: email,
      belongs: { 'users.email': 'where letters go' },
    },
    { what: 'the forgotten password', value: forgotten },
    { what: 'the password after it', value: password },
    { what: 'the challenge', value: challenge },
    { what: 'the refresh token of a second factor', value: three.refreshToken },
    { what: 'the access token of a second factor', value: three.accessToken },
    { what: 'the second seed', value: new URL(uri).searchParams.get('secret') ?? uri },
    { what: 'a spent backup code', value: backupCodes[0] ?? '' },
  ]
}

async function buy({ as, system }: Cage, accessToken: string): Promise<Canary[]> {
  const event = await system.newEvent()
  const self = as(accessToken)
  const seats = { kind: 'units' as const, units: [0, 1] }
  const { token, id } = await self.holds.place.mutate({ event, key: newKey(), seats })
  const { order, payment } = await self.checkout.start.mutate({ holdToken: token })
  const confirm = (paymentMethod: string) =>
    self.checkout.confirm.mutate({ order: order.id, key: newKey(), paymentMethod })
  await refused(confirm(card))
  await refused(confirm(`pm_card_${card}`))
  await refused(confirm('pm_card_chargeDeclined'))
  await confirm('pm_card_visa')
  const stranger = as(null, 'another')
  await refused(stranger.checkout.start.mutate({ holdToken: token }))
  await refused(stranger.holds.get.query({ event, hold: id }))
  await stranger.events.get.query({ event })
  return [
    { what: 'the hold token', value: token },
    { what: "the intent's secret", value: payment?.clientSecret ?? '' },
  ]
}

async function organise({ as, system, tokenOf, letters }: Cage): Promise<Canary[]> {
  const root = apiAt(system.url, await tokenOf('root', { admin: true }))
  const made = await root.admin.organisations.create.mutate({ key: newKey(), name: 'Canary Ltd' })
  const organisation = made.id
  const owner = as(await tokenOf('owen', { roles: { [organisation]: 'owner' } }))
  const { text } = await owner.admin.keys.create.mutate({
    organisation,
    key: newKey(),
    name: 'a program',
    scopes: ['catalogue:read'],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  const machine = as(text, 'another')
  await machine.admin.venues.list.query({ organisation })
  await refused(machine.admin.members.list.query({ organisation }))
  const email = `invited.${mark()}@example.org`
  const wish = { organisation, key: newKey(), email, role: 'door' as const }
  await owner.admin.invitations.create.mutate(wish)
  const { code } = await letters.next({ to: email, timeoutMs: 20_000 })
  const stranger = as(await tokenOf('stranger'), 'another')
  await refused(stranger.admin.invitations.list.query({ organisation }))
  await refused(stranger.invitations.accept.mutate({ code: `${code}x` }))
  await as(await tokenOf('invited')).invitations.accept.mutate({ code: code ?? '' })
  const reason = `the canary hall called: ${mark()}`
  const acting = as(await tokenOf('root', { admin: true }), 'self', { 'x-acting-reason': reason })
  await acting.admin.members.list.query({ organisation })
  return [
    { what: 'the key of a machine', value: text ?? '' },
    { what: "the machine key's secret", value: text?.slice(-20) ?? '' },
    {
      what: "the invited's address",
      value: email,
    },
    {
      what: 'the reason to act',
      value: reason,
      belongs: { 'audit_entries.reason': 'why it was done' },
    },
    ...(code === null ? [] : [{ what: 'the code of an invitation', value: code }]),
  ]
}
