/** The life of an account, each step over HTTP with real letters and a real database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { persist, refusalOf, region } from '../support/sale-system.ts'
import {
  type AccountsSystem,
  authenticatorCode,
  codeFor,
  newEmail,
  newKey,
  newMember,
  openAccounts,
  otherRegion,
  password,
  signedIn,
} from './open-accounts.ts'

let system: AccountsSystem
beforeAll(async () => {
  system = await openAccounts()
})
afterAll(async () => {
  await system[Symbol.asyncDispose]()
})

const next = 'another bicycle, of snow'

describe('an account', () => {
  it('is made, proven by the code from the mailbox, and signed in to', async () => {
    const email = newEmail()
    const { accounts } = system.nobody
    const asTyped = email.toUpperCase()
    const person = { email: asTyped, password, name: ' Zoë Ünal ', locale: 'de-AT' }
    expect(await accounts.signUp.mutate(person)).toEqual({ sent: true })
    const letter = await system.mail.next({ to: email, template: 'verify-email' })
    expect(letter.subject).toMatch(/[A-Za-z]/)
    expect(letter.code).toMatch(/^\d{6}$/)
    await accounts.verifyEmail.mutate({ email, code: letter.code ?? '', password })
    const { api, tokens } = await signedIn(system, email)
    expect(tokens.refreshToken).toMatch(/^frr\.ses_use1_/)
    const account = await api.accounts.get.query({})
    expect(account).toMatchObject({ email, name: 'Zoë Ünal', locale: 'de-AT', homeRegion: region })
    expect(account.id).toMatch(/^usr_use1_/)
    expect(account.hasSecondFactor).toBe(false)
  })

  it('is not signed in to before it is proven; the right password brings a new code', async () => {
    const email = newEmail()
    const { accounts } = system.nobody
    await accounts.signUp.mutate({ email, password, name: 'Fan' })
    await codeFor(system, email, 'verify-email')
    const signIn = (secret: string) =>
      refusalOf(accounts.signIn.mutate({ email, password: secret, key: newKey() }))
    expect((await signIn('not the password')).code).toBe('WRONG_CREDENTIALS')
    expect((await signIn(password)).code).toBe('EMAIL_UNVERIFIED')
    const code = await codeFor(system, email, 'verify-email')
    expect(await accounts.verifyEmail.mutate({ email, code, password })).toEqual({ verified: true })
    // Sent again after a lost answer.
    expect(await accounts.verifyEmail.mutate({ email, code, password })).toEqual({ verified: true })
    await signedIn(system, email)
  })

  it('belongs to who has the mailbox, whoever signed up with the address first', async () => {
    const email = newEmail('victim')
    const { accounts } = system.nobody
    const thief = 'the thief knows this one'
    await accounts.signUp.mutate({ email, password: thief, name: 'Thief' })
    await codeFor(system, email, 'verify-email')
    await accounts.signUp.mutate({ email, password, name: 'Owner' })
    const code = await codeFor(system, email, 'verify-email')
    await accounts.verifyEmail.mutate({ email, code, password })
    const stolen = accounts.signIn.mutate({ email, password: thief, key: newKey() })
    expect((await refusalOf(stolen)).code).toBe('WRONG_CREDENTIALS')
    await signedIn(system, email)
  })

  it('gets another name, unless it changed meanwhile', async () => {
    const { api } = await newMember(system)
    const { version } = await api.accounts.get.query({})
    const changed = await api.accounts.update.mutate({ version, name: 'Bob', locale: 'de' })
    expect(changed).toMatchObject({ name: 'Bob', locale: 'de' })
    const late = api.accounts.update.mutate({ version, name: 'Rob' })
    expect((await refusalOf(late)).code).toBe('EDIT_CONFLICT')
  })

  it('gets another password: all other devices end, this one goes on', async () => {
    const { api, email, tokens } = await newMember(system)
    const other = await signedIn(system, email)
    const change = { currentPassword: password, newPassword: next }
    const wrong = api.accounts.changePassword.mutate({ ...change, currentPassword: 'no such one' })
    expect((await refusalOf(wrong)).code).toBe('WRONG_CREDENTIALS')
    await api.accounts.changePassword.mutate(change)
    // Sent again after a lost answer.
    expect(await api.accounts.changePassword.mutate(change)).toEqual({ changed: true })
    await system.mail.next({ to: email, template: 'password-changed' })
    const { accounts } = system.nobody
    const dead = { refreshToken: other.tokens.refreshToken, key: newKey() }
    expect((await refusalOf(accounts.refresh.mutate(dead))).code).toBe('SESSION_ENDED')
    await accounts.refresh.mutate({ refreshToken: tokens.refreshToken, key: newKey() })
    const old = accounts.signIn.mutate({ email, password, key: newKey() })
    expect((await refusalOf(old)).code).toBe('WRONG_CREDENTIALS')
    await signedIn(system, email, next)
  })

  it('is got back by the mailbox: a new password, and every device ends', async () => {
    const { api, email, tokens } = await newMember(system)
    const { accounts } = system.nobody
    await accounts.sendCode.mutate({ email, purpose: 'reset-password' })
    const code = await codeFor(system, email, 'reset-password')
    const proof = { email, code, password: next }
    const unfit = accounts.resetPassword.mutate({ ...proof, password: 'password1' })
    expect((await refusalOf(unfit)).code).toBe('PASSWORD_UNFIT')
    expect(await accounts.resetPassword.mutate(proof)).toEqual({ reset: true })
    // Sent again after a lost answer; but the code itself is used.
    expect(await accounts.resetPassword.mutate(proof)).toEqual({ reset: true })
    const used = accounts.resetPassword.mutate({ ...proof, password: 'a third bicycle' })
    expect((await refusalOf(used)).code).toBe('CODE_WRONG')
    await system.mail.next({ to: email, template: 'password-changed' })
    const dead = { refreshToken: tokens.refreshToken, key: newKey() }
    expect((await refusalOf(accounts.refresh.mutate(dead))).code).toBe('SESSION_ENDED')
    const change = { currentPassword: next, newPassword: 'a fourth bicycle' }
    expect((await refusalOf(api.accounts.changePassword.mutate(change))).code).toBe('SESSION_ENDED')
    await signedIn(system, email, next)
  })

  it('moves to another address by a code from there, and tells the old one', async () => {
    const { api, email } = await newMember(system)
    const newAddress = newEmail('moved')
    const wish = { newEmail: newAddress, password }
    const wrong = api.accounts.email.request.mutate({ ...wish, password: 'no such one' })
    expect((await refusalOf(wrong)).code).toBe('WRONG_CREDENTIALS')
    await api.accounts.email.request.mutate(wish)
    const code = await codeFor(system, newAddress, 'change-email')
    const proof = { newEmail: newAddress, code }
    const guess = { ...proof, code: code === '000000' ? '000001' : '000000' }
    expect((await refusalOf(api.accounts.email.confirm.mutate(guess))).code).toBe('CODE_WRONG')
    await api.accounts.email.confirm.mutate(proof)
    expect(await api.accounts.email.confirm.mutate(proof)).toEqual({ changed: true })
    await system.mail.next({ to: email, template: 'email-changed' })
    await signedIn(system, newAddress)
    const old = system.nobody.accounts.signIn.mutate({ email, password, key: newKey() })
    expect((await refusalOf(old)).code).toBe('WRONG_CREDENTIALS')
    // The old address is free for somebody else.
    await newMember(system, { email, homeRegion: otherRegion })
  })

  it('does not move to an address that has an account, and does not say so', async () => {
    const { api } = await newMember(system)
    const taken = await newMember(system)
    const wish = { newEmail: taken.email, password }
    expect(await api.accounts.email.request.mutate(wish)).toEqual({ sent: true })
    const guess = api.accounts.email.confirm.mutate({ newEmail: taken.email, code: '123456' })
    expect((await refusalOf(guess)).code).toBe('CODE_WRONG')
    await signedIn(system, taken.email)
    expect(system.mail.mails({ to: taken.email, template: 'change-email' })).toEqual([])
  })
})

describe('a second factor', () => {
  it('is asked for once it is confirmed, and each of its codes is good once', async () => {
    const { api, email, tokens } = await newMember(system)
    const wrong = api.accounts.totp.begin.mutate({ password: 'no such one' })
    expect((await refusalOf(wrong)).code).toBe('WRONG_CREDENTIALS')
    const { uri, backupCodes } = await api.accounts.totp.begin.mutate({ password })
    expect(backupCodes).toHaveLength(10)
    // Not confirmed yet: the password alone is enough.
    await signedIn(system, email)
    const code = authenticatorCode(uri)
    const guess = api.accounts.totp.confirm.mutate({ code: code === '000000' ? '1' : '000000' })
    expect((await refusalOf(guess)).code).toBe('CODE_WRONG')
    await api.accounts.totp.confirm.mutate({ code })
    expect((await api.accounts.get.query({})).hasSecondFactor).toBe(true)
    const { accounts } = system.nobody
    // The device on which it was switched on goes on.
    await accounts.refresh.mutate({ refreshToken: tokens.refreshToken, key: newKey() })

    const challenge = await challengeOf(email)
    const key = newKey()
    const step = { challenge, code: authenticatorCode(uri), key }
    const first = await accounts.signInSecondFactor.mutate(step)
    // Sent again after a lost answer: the same device.
    const again = await accounts.signInSecondFactor.mutate(step)
    expect(again.refreshToken).toBe(first.refreshToken)
    const replay = { challenge: await challengeOf(email), code: step.code, key: newKey() }
    const replayed = accounts.signInSecondFactor.mutate(replay)
    expect((await refusalOf(replayed)).code).toBe('WRONG_CREDENTIALS')

    const [backup = ''] = backupCodes
    const byBackup = { challenge: await challengeOf(email), code: backup, key: newKey() }
    await accounts.signInSecondFactor.mutate(byBackup)
    const twice = { challenge: await challengeOf(email), code: backup, key: newKey() }
    const second = accounts.signInSecondFactor.mutate(twice)
    expect((await refusalOf(second)).code).toBe('WRONG_CREDENTIALS')

    await api.accounts.totp.disable.mutate({ password })
    await signedIn(system, email)
  })

  it('is tried five times a challenge, and a challenge is not made up', async () => {
    const { api, email } = await newMember(system)
    const { uri } = await api.accounts.totp.begin.mutate({ password })
    await api.accounts.totp.confirm.mutate({ code: authenticatorCode(uri) })
    const challenge = await challengeOf(email)
    const { accounts } = system.nobody
    const tried = async (wish: { challenge: string; code: string }) =>
      (
        await refusalOf(
          persist(() => accounts.signInSecondFactor.mutate({ ...wish, key: newKey() })),
        )
      ).code
    const wrong = authenticatorCode(uri) === '000000' ? '000001' : '000000'
    const codes: string[] = []
    for (let attempt = 0; attempt < 6; attempt += 1) {
      codes.push(await tried({ challenge, code: wrong }))
    }
    expect(codes.slice(0, 5)).toEqual(Array(5).fill('WRONG_CREDENTIALS'))
    expect(codes[5]).toBe('SESSION_ENDED')
    expect(await tried({ challenge, code: authenticatorCode(uri) })).toBe('SESSION_ENDED')
    const forged = `${challenge.slice(0, -6)}AAAAAA`
    for (const made of [forged, 'chl_use1_', 'chl_nowhere_AAAA', 'x', 'chl_use1_O0E7Yg']) {
      expect(await tried({ challenge: made, code: '123456' })).toBe('SESSION_ENDED')
    }
  })

  async function challengeOf(email: string): Promise<string> {
    const answer = await system.nobody.accounts.signIn.mutate({ email, password, key: newKey() })
    if (answer.kind !== 'second-factor') throw new Error('no second factor was asked for')
    return answer.challenge
  }
})
