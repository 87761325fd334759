/** Refresh tokens: good once, safe to ask for again, and what becomes of a stolen one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf } from '../support/sale-system.ts'
import {
  type AccountsSystem,
  type Member,
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

const refresh = (refreshToken: string, key = newKey()) =>
  system.nobody.accounts.refresh.mutate({ refreshToken, key })
const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code

describe('a refresh token', () => {
  it('is good once, and the next one goes on', async () => {
    const { tokens } = await newMember(system)
    const second = await refresh(tokens.refreshToken)
    const third = await refresh(second.refreshToken)
    expect(new Set([tokens, second, third].map((each) => each.refreshToken)).size).toBe(3)
    const account = await system.as(third.accessToken).accounts.get.query({})
    expect(account.id).toMatch(/^usr_/)
    expect(third.expiresInMs).toBeLessThanOrEqual(5 * 60_000)
  })

  it('answers the same call alike, however often it is sent', async () => {
    const { tokens } = await newMember(system)
    const key = newKey()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refresh(tokens.refreshToken, key)),
    )
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
    const [answer] = answers
    const later = await refresh(tokens.refreshToken, key)
    expect(later.refreshToken).toBe(answer?.refreshToken)
    await refresh(later.refreshToken)
  })

  it('is stolen when two calls want it: one may win, and then nobody has it', async () => {
    const { tokens } = await newMember(system)
    const calls = Array.from({ length: 20 }, () => refresh(tokens.refreshToken))
    const ended = await Promise.allSettled(calls)
    const won = ended.filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
    const [winner] = won
    if (winner?.status !== 'fulfilled') throw new Error('unreachable')
    expect(await codeOf(refresh(winner.value.refreshToken))).toBe('SESSION_ENDED')
    const { rows, counted } = await traces()
    expect(rows).toBeGreaterThan(0)
    expect(counted).toBeGreaterThan(0)
  })

  it('ends its device when it is shown once more after its time, in any region', async () => {
    const member = await newMember(system, { homeRegion: otherRegion })
    const { refreshToken } = member.tokens
    expect(refreshToken).toMatch(/^frr\.ses_euw1_/)
    const second = await refresh(refreshToken)
    const thief = system.elsewhere.accounts.refresh.mutate({ refreshToken, key: newKey() })
    expect(await codeOf(thief)).toBe('SESSION_ENDED')
    expect(await codeOf(refresh(second.refreshToken))).toBe('SESSION_ENDED')
    const { api } = await signedIn(system, member.email)
    const { items } = await api.accounts.sessions.list.query({})
    expect(items).toHaveLength(1)
  })

  it('cannot be made up', async () => {
    const { tokens } = await newMember(system)
    const [head = '', id = '', generation = '', mac = ''] = tokens.refreshToken.split('.')
    const other = await newMember(system)
    const forged = [
      '',
      'frr',
      [head, id, '1', mac].join('.'),
      [head, other.tokens.refreshToken.split('.')[1], generation, mac].join('.'),
      [head, id, generation, `${mac.slice(0, -1)}${mac.endsWith('A') ? 'B' : 'A'}x`].join('.'),
      [head, id, '99999999999', mac].join('.'),
      [head, id.replace('use1', 'nope1'), generation, mac].join('.'),
      `${tokens.refreshToken}.`,
      tokens.accessToken,
    ]
    for (const token of forged) {
      if (token.length > 300) {
        await expect(refresh(token)).rejects.toThrow('not valid')
      } else {
        expect(await codeOf(refresh(token))).toBe('SESSION_ENDED')
      }
    }
    await refresh(tokens.refreshToken)
  })

  it('dies of age and of not being used', async () => {
    const { tokens } = await newMember(system)
    const id = tokens.refreshToken.split('.')[1]
    const past = "now() - interval '1 second'"
    await system.sql(`update refresh_families set expires_at = ${past} where id = $1`, [id])
    expect(await codeOf(refresh(tokens.refreshToken))).toBe('SESSION_ENDED')

    const old = await newMember(system)
    const oldId = old.tokens.refreshToken.split('.')[1]
    await system.sql(
      `update refresh_families set created_at = now() - interval '89 days 23 hours' where id = $1`,
      [oldId],
    )
    await refresh(old.tokens.refreshToken)
    const [row] = await system.sql<{ soon: boolean }>(
      `select expires_at < now() + interval '2 hours' as soon from refresh_families where id = $1`,
      [oldId],
    )
    expect(row).toEqual({ soon: true })
  })

  async function traces() {
    const [row] = await system.sql<{ n: number }>(
      `select count(*)::int4 as n from refresh_families where ended_by = 'reuse'`,
    )
    const metrics = `http://${system.config.HOST}:${system.config.METRICS_PORT}/metrics`
    const text = await (await fetch(metrics)).text()
    const line = /^frontrow_refresh_reuse_total(?:\{[^}]*\})? (\d+)/m.exec(text)
    return { rows: row?.n ?? 0, counted: Number(line?.[1] ?? 0) }
  }
})

describe('a sign-in', () => {
  it('is one device for one key, until that device has gone on', async () => {
    const { email } = await newMember(system)
    const key = newKey()
    const signIn = () => system.nobody.accounts.signIn.mutate({ email, password, key })
    const answers = await Promise.all([signIn(), signIn(), signIn()])
    const given = answers.map((answer) => (answer.kind === 'signed-in' ? answer.refreshToken : ''))
    expect(new Set(given).size).toBe(1)
    await refresh(given[0] ?? '')
    expect(await codeOf(signIn())).toBe('SESSION_ENDED')
  })
})

describe('sessions', () => {
  it('are listed, ended one by one, and all at once', async () => {
    const member = await newMember(system)
    const phone = await signedIn(system, member.email)
    const { api } = member
    const { items } = await api.accounts.sessions.list.query({})
    expect(items.map(({ isCurrent }) => isCurrent)).toContain(true)
    expect(items).toHaveLength(2)
    const lost = items.find(({ isCurrent }) => !isCurrent)
    await api.accounts.sessions.end.mutate({ session: lost?.id ?? '' })
    await api.accounts.sessions.end.mutate({ session: lost?.id ?? '' })
    expect(await codeOf(refresh(phone.tokens.refreshToken))).toBe('SESSION_ENDED')
    await api.accounts.signOutEverywhere.mutate({})
    expect(await codeOf(refresh(member.tokens.refreshToken))).toBe('SESSION_ENDED')
    expect((await api.accounts.sessions.list.query({})).items).toEqual([])
    // An access token lives on for its minutes, but changes nothing that matters.
    expect(await codeOf(api.accounts.totp.begin.mutate({ password }))).toBe('SESSION_ENDED')
    const [left] = await system.sql<{ n: number }>(
      'select count(*)::int4 as n from sessions s join users u on u.id = s.user_id where u.email = $1',
      [member.email],
    )
    expect(left).toEqual({ n: 0 })
  })

  it('end when their refresh token signs out, also twice, also with a forged one', async () => {
    const { tokens } = await newMember(system)
    const { accounts } = system.nobody
    const out = { refreshToken: tokens.refreshToken }
    expect(await accounts.signOut.mutate({ refreshToken: 'frr.x' })).toEqual({ ended: true })
    expect(await accounts.signOut.mutate(out)).toEqual({ ended: true })
    expect(await accounts.signOut.mutate(out)).toEqual({ ended: true })
    expect(await codeOf(refresh(tokens.refreshToken))).toBe('SESSION_ENDED')
  })

  it("of somebody else look like none: they can't be ended, and are not listed", async () => {
    const [olga, eve] = [await newMember(system), await newMember(system)]
    const [session] = (await olga.api.accounts.sessions.list.query({})).items
    const ended = async (member: Member, id: string) =>
      await refusalOf(member.api.accounts.sessions.end.mutate({ session: id }))
    const foreign = await ended(eve, session?.id ?? '')
    const missing = await ended(eve, `ses_use1_${'0'.repeat(26)}`)
    const elsewhere = await ended(eve, `ses_euw1_${'0'.repeat(26)}`)
    expect(foreign).toEqual(missing)
    expect(elsewhere).toEqual(missing)
    expect(foreign.code).toBe('NOT_FOUND')
    await refresh(olga.tokens.refreshToken)
  })
})
