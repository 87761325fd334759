/** Signed out everywhere while something is being changed: refused, whichever comes first. */
import { TRPCClientError } from '@trpc/client'
import { expect, it } from 'vitest'
import { newMember, openAccounts, password, signedIn } from './open-accounts.ts'

const rounds = 8

it('is refused, and no fault of the server', async () => {
  await using system = await openAccounts()
  const { email } = await newMember(system)
  for (let round = 0; round < rounds; round += 1) {
    const { api } = await signedIn(system, email)
    const calls = [
      api.accounts.totp.disable.mutate({ password }),
      api.accounts.signOutEverywhere.mutate({}),
      api.accounts.totp.disable.mutate({ password }),
      api.accounts.totp.confirm.mutate({ code: '123456' }),
      api.accounts.email.request.mutate({ newEmail: `other.${email}`, password }),
      api.accounts.email.confirm.mutate({ newEmail: `other.${email}`, code: '123456' }),
    ]
    const codes = (await Promise.allSettled(calls)).map((call) =>
      call.status === 'fulfilled' ? 'done' : codeOf(call.reason),
    )
    expect(codes).not.toContain('none')
  }
})

function codeOf(cause: unknown): string {
  if (!(cause instanceof TRPCClientError)) throw cause
  const data = cause.data as { refusal?: { code: string } | null } | undefined
  return data?.refusal?.code ?? 'none'
}
