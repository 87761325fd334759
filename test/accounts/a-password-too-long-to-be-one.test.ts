/** A password that nobody can have is a wrong one, whether the address is known or not. */
import { expect, it } from 'vitest'
import { refusalOf } from '../support/sale-system.ts'
import { newEmail, newKey, newMember, openAccounts } from './open-accounts.ts'

it.each(['x'.repeat(1_000), 'x', '\0', '\ud800'])('signs nobody in: %s', async (password) => {
  await using system = await openAccounts()
  const member = await newMember(system)
  for (const email of [member.email, newEmail()]) {
    const call = system.nobody.accounts.signIn.mutate({ email, password, key: newKey() })
    expect(await refusalOf(call)).toMatchObject({ code: 'WRONG_CREDENTIALS' })
  }
})

it.each(['x'.repeat(1_000), 'x', '\0', '\ud800'])('changes nothing: %s', async (password) => {
  await using system = await openAccounts()
  const { accounts } = (await newMember(system)).api
  const change = { currentPassword: password, newPassword: 'a lamp of two rivers' }
  for (const call of [
    () => accounts.totp.begin.mutate({ password }),
    () => accounts.totp.disable.mutate({ password }),
    () => accounts.changePassword.mutate(change),
    () => accounts.email.request.mutate({ newEmail: newEmail(), password }),
  ]) {
    expect(await refusalOf(call())).toMatchObject({ code: 'WRONG_CREDENTIALS' })
  }
})
