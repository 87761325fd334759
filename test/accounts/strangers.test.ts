/**
 * What strangers can learn and do: nothing about who has an account, no guess without end, and one
 * account for an address, wherever and however often it is signed up.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { persist, refusalOf, region, tokenFor } from '../support/sale-system.ts'
import {
  type AccountsSystem,
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

const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code
const person = { password, name: 'Fan' }

describe('whether an address has an account', () => {
  it('is not told by signing up: only the mailbox learns of it', async () => {
    const { email } = await newMember(system)
    const { accounts } = system.nobody
    const known = await accounts.signUp.mutate({ email, ...person, name: 'Thief' })
    const unknown = await accounts.signUp.mutate({ email: newEmail(), ...person })
    expect(known).toEqual(unknown)
    const letter = await system.mail.next({ to: email, template: 'already-registered' })
    expect(letter.code).toBeNull()
    const { api } = await signedIn(system, email)
    expect((await api.accounts.get.query({})).name).toBe('Fan')
  })

  it('is not told by signing in, asking for codes, or trying them', async () => {
    const { email } = await newMember(system)
    const stranger = newEmail()
    const { accounts } = system.nobody
    const tried = async (to: string) => [
      await refusalOf(
        accounts.signIn.mutate({ email: to, password: 'no such one', key: newKey() }),
      ),
      await accounts.sendCode.mutate({ email: to, purpose: 'reset-password' }),
      await accounts.sendCode.mutate({ email: to, purpose: 'verify-email' }),
      await refusalOf(
        accounts.verifyEmail.mutate({ email: to, code: '12345', password: 'no such one' }),
      ),
      await refusalOf(
        accounts.resetPassword.mutate({ email: to, code: '12345', password: 'no such one' }),
      ),
    ]
    expect(await tried(email)).toEqual(await tried(stranger))
    await system.mail.next({ to: email, template: 'reset-password' })
    expect(system.mail.mails({ to: stranger })).toEqual([])
    expect(system.mail.mails({ to: email, template: 'verify-email' })).toHaveLength(1)
  })

  it('costs the same hashes to ask: one for each of these calls', async () => {
    const { email } = await newMember(system)
    const { accounts } = system.nobody
    const timed = async (to: string) => {
      const began = performance.now()
      await codeOf(accounts.signIn.mutate({ email: to, password: 'no such one', key: newKey() }))
      return performance.now() - began
    }
    const median = async (to: () => string) => {
      const taken: number[] = []
      for (let round = 0; round < 7; round += 1) taken.push(await timed(to()))
      return taken.sort((one, other) => one - other)[3] ?? 0
    }
    const [known, unknown] = [await median(() => email), await median(newEmail)]
    // A hash takes some 60 ms; without it an answer takes less than a tenth of that.
    expect(unknown).toBeGreaterThan(known / 3)
    expect(known).toBeGreaterThan(unknown / 3)
  })
})

describe('a code by mail', () => {
  it('can be mistyped four times, and is dead after the fifth', async () => {
    const email = newEmail()
    const { accounts } = system.nobody
    await accounts.signUp.mutate({ email, ...person })
    const code = await codeFor(system, email, 'verify-email')
    const wrong = code === '000000' ? '000001' : '000000'
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await codeOf(accounts.verifyEmail.mutate({ email, code: wrong, password }))).toBe(
        'CODE_WRONG',
      )
    }
    // From here on guessers wait, and so does who has the right one.
    const late = () => accounts.verifyEmail.mutate({ email, code, password })
    expect(await refusalOf(late())).toMatchObject({ code: 'RATE_LIMITED', transient: true })
    expect(await codeOf(persist(late))).toBe('CODE_WRONG')
    await accounts.sendCode.mutate({ email, purpose: 'verify-email' })
    const fresh = await codeFor(system, email, 'verify-email')
    await persist(() => accounts.verifyEmail.mutate({ email, code: fresh, password }))
  })

  it('is of one address, one purpose and one time', async () => {
    const [email, other] = [newEmail(), newEmail()]
    const { accounts } = system.nobody
    await accounts.signUp.mutate({ email, ...person })
    await accounts.signUp.mutate({ email: other, ...person })
    const code = await codeFor(system, email, 'verify-email')
    const replaced = code
    expect(await codeOf(accounts.verifyEmail.mutate({ email: other, code, password }))).toBe(
      'CODE_WRONG',
    )
    const proof = { email, code, password: 'quite another bicycle' }
    expect(await codeOf(accounts.resetPassword.mutate(proof))).toBe('CODE_WRONG')
    await accounts.sendCode.mutate({ email, purpose: 'verify-email' })
    const second = await codeFor(system, email, 'verify-email')
    if (second !== replaced) {
      expect(await codeOf(accounts.verifyEmail.mutate({ email, code: replaced, password }))).toBe(
        'CODE_WRONG',
      )
    }
    await system.sql(`update verifications set expires_at = now() - interval '1 second'`)
    expect(await codeOf(accounts.verifyEmail.mutate({ email, code: second, password }))).toBe(
      'CODE_WRONG',
    )
  })

  it('can be raced by many calls, of which one decides the password', async () => {
    const email = newEmail()
    const { accounts } = system.nobody
    await accounts.signUp.mutate({ email, ...person })
    const code = await codeFor(system, email, 'verify-email')
    const passwords = Array.from({ length: 8 }, (_, index) => `bicycle number ${index} of many`)
    const ended = await Promise.allSettled(
      passwords.map((each) => accounts.verifyEmail.mutate({ email, code, password: each })),
    )
    const won = passwords.filter((_, index) => ended[index]?.status === 'fulfilled')
    expect(won).toHaveLength(1)
    const open = await Promise.allSettled(passwords.map((each) => signedIn(system, email, each)))
    expect(passwords.filter((_, index) => open[index]?.status === 'fulfilled')).toEqual(won)
  })
})

describe('signing up', () => {
  it.each([
    { email: 'no address' },
    { email: 'a@b' },
    { email: `${'x'.repeat(250)}@example.org` },
    { email: 'two@example.org,three@example.org' },
    { name: '' },
    { name: '  ' },
    { name: 'a\u0000b' },
    { name: 'a\u202eb' },
    { name: '\ud800' },
    { name: 'x'.repeat(101) },
    { locale: 'de_AT; drop' },
    { password: '' },
    { password: 'x'.repeat(1_001) },
    { isAdmin: true },
  ])('refuses $# by name of the field', async (part) => {
    const call = system.nobody.accounts.signUp.mutate({ email: newEmail(), ...person, ...part })
    const [field = ''] = Object.keys(part)
    const path = field === 'isAdmin' ? '' : field
    const issues = expect.arrayContaining([expect.objectContaining({ path })])
    await expect(call).rejects.toMatchObject({ data: { issues } })
  })

  it('refuses passwords that are too short, too long or widely known', async () => {
    const { accounts } = system.nobody
    for (const each of ['1234567', 'x'.repeat(129), 'iloveyou123']) {
      const call = accounts.signUp.mutate({ email: newEmail(), ...person, password: each })
      expect(await codeOf(call)).toBe('PASSWORD_UNFIT')
    }
  })

  it('takes passwords as they are: spaces, any script, 128 characters', async () => {
    for (const each of ['  spaces stay  ', 'парольнаяфраза', `${'x'.repeat(127)}y`]) {
      const email = newEmail()
      const { accounts } = system.nobody
      await accounts.signUp.mutate({ email, ...person, password: each })
      const code = await codeFor(system, email, 'verify-email')
      await accounts.verifyEmail.mutate({ email, code, password: each })
      await signedIn(system, email, each)
      const trimmed = each.trim().slice(0, 127)
      const call = accounts.signIn.mutate({ email, password: trimmed, key: newKey() })
      if (trimmed !== each) expect(await codeOf(call)).toBe('WRONG_CREDENTIALS')
      else await call
    }
  })

  it('refuses a region that is none', async () => {
    const call = system.nobody.accounts.signUp.mutate({
      email: newEmail(),
      ...person,
      homeRegion: 'mars-north1',
    })
    expect(await codeOf(call)).toBe('BAD_INPUT')
  })

  it('in two regions at once makes one account, in one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const email = newEmail()
      const homes = [region, otherRegion]
      await Promise.all(
        [system.nobody, system.elsewhere].flatMap(({ accounts }, index) =>
          Array.from({ length: 3 }, () =>
            accounts.signUp.mutate({ email, ...person, homeRegion: homes[index] ?? region }),
          ),
        ),
      )
      const users = await system.sql<{ region: string }>(
        'select region from users where email = $1',
        [email],
      )
      expect(users).toHaveLength(1)
      await accountOpens(email)
    }
  })

  it('goes on where an earlier one broke off: after the directory, after the person', async () => {
    const [email, other] = [newEmail(), newEmail()]
    const { accounts } = system.nobody
    await accounts.signUp.mutate({ email, ...person, homeRegion: otherRegion })
    await codeFor(system, email, 'verify-email')
    // As a crash would leave it.
    await system.sql(
      'delete from credentials where user_id in (select id from users where email = $1)',
      [email],
    )
    await system.sql('delete from users where email = $1', [email])
    await accounts.signUp.mutate({ email, ...person, homeRegion: region })
    const users = await system.sql('select region from users where email = $1', [email])
    expect(users).toEqual([{ region: otherRegion }])
    await accountOpens(email)

    await accounts.signUp.mutate({ email: other, ...person })
    await codeFor(system, other, 'verify-email')
    await system.sql(
      'delete from credentials where user_id in (select id from users where email = $1)',
      [other],
    )
    await accounts.signUp.mutate({ email: other, ...person })
    await accountOpens(other)
  })

  async function accountOpens(email: string) {
    const { accounts } = system.nobody
    await accounts.sendCode.mutate({ email, purpose: 'reset-password' })
    const code = await codeFor(system, email, 'reset-password')
    await accounts.resetPassword.mutate({ email, code, password })
    await signedIn(system, email)
  }
})

describe('an account of another region', () => {
  it('is signed in to and used from here, and its personal data is there alone', async () => {
    const { api, email } = await newMember(system, { homeRegion: otherRegion })
    expect(await api.accounts.get.query({})).toMatchObject({ email, homeRegion: otherRegion })
    const tables = ['users', 'sessions', 'credentials', 'verifications', 'two_factors']
    for (const table of tables) {
      const rows = await system.sql<{ region: string; row: string }>(
        `select region, t::text as row from ${table} t where t::text like '%' || $1 || '%'`,
        [email],
      )
      expect(rows.map((row) => row.region)).toEqual(table === 'users' ? [otherRegion] : [])
    }
    const elsewhere = await system.sql<{ row: string }>(
      `select t::text as row from account_directory t where t::text like '%' || $1 || '%'`,
      [email],
    )
    expect(elsewhere).toEqual([])
  })
})

describe('who is signed in otherwise', () => {
  it('has no account here: the development issuer names no person of ours', async () => {
    const api = system.as(await tokenFor(system.url, { name: 'ann' }))
    expect(await codeOf(api.accounts.get.query({}))).toBe('NOT_FOUND')
    expect(await codeOf(api.accounts.sessions.list.query({}))).toBe('NOT_FOUND')
    expect(await codeOf(api.accounts.totp.begin.mutate({ password }))).toBe('NOT_FOUND')
  })
})

describe('an installation without mail', () => {
  it('says that it keeps no accounts', async () => {
    await using bare = await openAccounts({ SMTP_URL: '', MAIL_FROM: '' })
    const call = bare.nobody.accounts.signUp.mutate({ email: newEmail(), ...person })
    expect(await codeOf(call)).toBe('WRONG_STATE')
  })
})
