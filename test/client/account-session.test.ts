/** Staying signed in, with real accounts: renewals, lost answers, and the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountSession, createClient, type KeptSession } from '../../client/index.ts'
import {
  type AccountsSystem,
  codeFor,
  newEmail,
  newKey,
  openAccounts,
  password,
} from '../accounts/open-accounts.ts'

let system: AccountsSystem
beforeAll(async () => {
  system = await openAccounts()
})
afterAll(() => system[Symbol.asyncDispose]())

async function signIn() {
  const nobody = createClient({ endpoints: [system.url] })
  const email = newEmail()
  await nobody.accounts.signUp.mutate({ email, password, name: 'Ann' })
  const code = await codeFor(system, email, 'verify-email')
  await nobody.accounts.verifyEmail.mutate({ email, code, password })
  const answer = await nobody.accounts.signIn.mutate({ email, password, key: newKey() })
  if (answer.kind !== 'signed-in') throw new Error('a second factor was asked for')
  return { nobody, answer, email }
}

describe('an account session', () => {
  it('gives the token of the sign-in first, then renews, once for all who ask', async () => {
    const { nobody, answer } = await signIn()
    const kept: KeptSession[] = []
    const keep = (session: KeptSession) => void kept.push(session)
    const token = accountSession({ client: nobody, from: answer, keep })
    expect(await token()).toBe(answer.accessToken)
    const renewed = await Promise.all(Array.from({ length: 20 }, token))
    expect(new Set(renewed).size).toBe(1)
    expect(renewed[0]).not.toBe(answer.accessToken)
    expect(new Set(kept.map(({ refreshToken }) => refreshToken)).size).toBe(2)
    expect(new Set(kept.map(({ key }) => key)).size).toBe(2)
  })

  it('serves a client whose token has ended', async () => {
    const { nobody, answer, email } = await signIn()
    const from = { ...answer, accessToken: 'it has ended long ago' }
    const token = accountSession({ client: nobody, from, keep: () => {} })
    const client = createClient({ endpoints: [system.url], token })
    expect(await client.accounts.get.query({})).toMatchObject({ email })
  })

  it('goes on after a renewal whose answer was lost with the page', async () => {
    const { nobody, answer } = await signIn()
    let stored: KeptSession | undefined
    const token = accountSession({
      client: nobody,
      from: answer,
      keep: (session) => {
        // The page goes away before the second one is written down.
        if (stored !== undefined) throw new Error('the page is gone')
        stored = session
      },
    })
    await token()
    await expect(token()).rejects.toThrow('the page is gone')
    if (stored === undefined) throw new Error('nothing was kept')
    const later = accountSession({ client: nobody, from: stored, keep: () => {} })
    const client = createClient({ endpoints: [system.url], token: later })
    expect(await client.accounts.get.query({})).toMatchObject({ name: 'Ann' })
  })

  it('says when it has ended', async () => {
    const { nobody, answer } = await signIn()
    const token = accountSession({ client: nobody, from: answer, keep: () => {} })
    await token()
    await nobody.accounts.signOut.mutate({ refreshToken: answer.refreshToken })
    await expect(token()).rejects.toMatchObject({ code: 'SESSION_ENDED' })
  })
})
