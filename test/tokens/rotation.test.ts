/** Rotating our own keys, step by step as docs/runbooks/rotate-keys.md has it, refuses nobody. */
import { describe, expect, it } from 'vitest'
import {
  type KeySet,
  newKey,
  newKeySet,
  published,
  retired,
  rotated,
  withNext,
} from '../../regions/keys/key-set.ts'
import { readConfig } from '../../server/config.ts'
import { openLogger } from '../../server/platform/logger.ts'
import { accessKeys, ownIssuer, tokenVerifier } from '../../server/token-parts.ts'
import { settingsWithoutIssuer } from './settings.ts'

const log = openLogger({ level: 'silent', region: 'us-east1' })
const subject = 'usr_use1_01j8zzzzzzzzzzzzzzzzzzzzzz'

/** What a server that was started with these settings issues, takes and publishes. */
async function serverWith(settings: Record<string, string>) {
  const config = readConfig({
    ...(await settingsWithoutIssuer()),
    ACCESS_ISSUER: 'tests',
    DATABASE_URL: 'postgres://u:p@127.0.0.1/d',
    ...settings,
  })
  const issuer = await ownIssuer(config)
  const verifier = tokenVerifier(config, log)
  return {
    issuer,
    issue: async () => (await issuer?.issue({ subject, session: 'ses_1' }))?.token ?? 'none',
    takes: async (token: string) => (await verifier.verify(token))?.id === subject,
    publishes: () => accessKeys(config).map(({ kid }) => kid),
  }
}
const signing = (set: KeySet) => serverWith({ ACCESS_SIGNING_KEYS: JSON.stringify(set) })

function allSteps() {
  const alone = newKeySet()
  const publishedNext = withNext(alone)
  const signingNext = rotated(publishedNext)
  return { alone, publishedNext, signingNext, retiredOld: retired(signingNext) }
}

describe('while servers are restarted with the next set, one after the other', () => {
  const steps = allSteps()
  it.each([
    ['a key is published', steps.alone, steps.publishedNext],
    ['it signs', steps.publishedNext, steps.signingNext],
    ['the old one is retired', steps.signingNext, steps.retiredOld],
  ])('%s: no token of either is refused by the other', async (_, before, after) => {
    const [old, fresh] = [await signing(before), await signing(after)]
    for (const token of [await old.issue(), await fresh.issue()]) {
      expect([await old.takes(token), await fresh.takes(token)]).toEqual([true, true])
    }
  })

  it('a key that signs before it was published is refused: hence three steps', async () => {
    const [old, hasty] = [await signing(steps.alone), await signing(steps.signingNext)]
    expect(await old.takes(await hasty.issue())).toBe(false)
  })
})

describe('a token of the old key', () => {
  it('is taken as long as that key is published, and by nobody after', async () => {
    const { alone, publishedNext, signingNext, retiredOld } = allSteps()
    const token = await (await signing(alone)).issue()
    const taken: boolean[] = []
    for (const set of [alone, publishedNext, signingNext, retiredOld]) {
      taken.push(await (await signing(set)).takes(token))
    }
    expect(taken).toEqual([true, true, true, false])
  })
})

describe('the keys of access tokens', () => {
  it('are published as they are taken, in every step', async () => {
    const { publishedNext, retiredOld } = allSteps()
    const both = publishedNext.keys.map(({ kid }) => kid)
    expect((await signing(publishedNext)).publishes()).toEqual(both)
    expect((await signing(retiredOld)).publishes()).toEqual(both.slice(1))
  })

  it('may be known by their public halves alone: such a server checks, and issues nothing', async () => {
    const set = newKeySet()
    const checking = await serverWith({ ACCESS_KEYS: JSON.stringify(published(set)) })
    expect(checking.issuer).toBeNull()
    expect(await checking.takes(await (await signing(set)).issue())).toBe(true)
  })

  it('that are unknown sign for nobody, not even under a known name', async () => {
    const set = newKeySet()
    const server = await signing(set)
    const [kid] = set.keys.map((key) => key.kid)
    expect(await server.takes(await (await signing(newKeySet())).issue())).toBe(false)
    const impostor = { keys: [{ ...newKey(), kid: kid ?? '' }] }
    expect(await server.takes(await (await signing(impostor)).issue())).toBe(false)
  })

  it('are refused at the start when two of them share a name', async () => {
    const set = newKeySet()
    const twin = { keys: [{ ...newKey(), kid: set.keys[0]?.kid ?? '' }] }
    await expect(
      serverWith({
        ACCESS_SIGNING_KEYS: JSON.stringify(set),
        DEVELOPMENT_ISSUER_KEYS: JSON.stringify(twin),
      }),
    ).rejects.toThrow(/Two different keys/)
  })
})

describe('an access token', () => {
  it('tells how long it lives, and names the person and the session', async () => {
    const server = await signing(newKeySet())
    const issued = await server.issuer?.issue({ subject, session: 'ses_1' })
    const claims = JSON.parse(
      Buffer.from(issued?.token.split('.')[1] ?? '', 'base64url').toString(),
    ) as { sub: string; sid: string; iat: number; exp: number; jti: string; roles?: unknown }
    expect(claims).toMatchObject({ sub: subject, sid: 'ses_1', aud: 'frontrow', iss: 'tests' })
    expect(claims.exp - claims.iat).toBe(300)
    expect(claims.jti.length).toBeGreaterThan(20)
    expect(claims.roles).toBeUndefined()
    expect(issued?.expiresInMs).toBeGreaterThan(298_000)
    expect(issued?.expiresInMs).toBeLessThanOrEqual(300_000)
  })
})
