/** Access tokens of a real OpenID Connect issuer: its rotations, its outages, and its forgers. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, importJWK, type JWK, SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { OutsideIssuer } from '../../server/gateways/outside-issuer.ts'
import { limits } from '../../server/platform/limits.ts'
import { startServer } from '../../server/start-server.ts'
import { outsidePrefix, outsideTokens } from '../../server/transport/outside-tokens.ts'
import { Closers } from '../support/closers.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import {
  audience,
  client,
  newIssuerKey,
  type RunningIssuer,
  type SigningAlgorithm,
  startIssuer,
} from './outside-issuer.ts'
import { settingsWithoutIssuer } from './settings.ts'

const closers = new Closers()
afterEach(() => closers.close())

const algorithms = ['RS256', 'ES256', 'EdDSA', 'PS256'] as const
const first = newIssuerKey('first', 'RS256')
const second = newIssuerKey('second', 'RS256')

/** What a server keeps of an issuer, with a clock that the test moves. */
function verifier(issuer: string, accepted: readonly string[] = algorithms) {
  let passedMs = 0
  const troubles: unknown[] = []
  const { keyFor } = new OutsideIssuer({
    issuer,
    clock: { monotonicMs: () => passedMs },
    onTrouble: (cause) => troubles.push(cause),
  })
  const nowMs = () => Date.now() + passedMs
  const tokens = outsideTokens({ issuer, audience, algorithms: accepted, keyFor, nowMs })
  return {
    troubles,
    pass: (ms: number) => {
      passedMs += ms
    },
    idOf: async (token: string) => (await tokens.verify(token))?.id ?? null,
  }
}

const runIssuer = async (options: Parameters<typeof startIssuer>[0]) =>
  closers.use(await startIssuer(options))
const personOf = (issuer: RunningIssuer) => `${outsidePrefix(issuer.url)}${client.client_id}`

describe('a token of the issuer', () => {
  it.each<SigningAlgorithm>(['RS256', 'ES256', 'EdDSA', 'PS256'])(
    'signed with %s says who a person is, unless that algorithm is switched off',
    async (alg) => {
      const issuer = await runIssuer({ keys: [newIssuerKey('one', alg)] })
      const token = await issuer.token()
      expect(await verifier(issuer.url).idOf(token)).toBe(personOf(issuer))
      const others = algorithms.filter((name) => name !== alg)
      expect(await verifier(issuer.url, others).idOf(token)).toBeNull()
    },
  )

  it('for another resource is nobody', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const token = await issuer.token('https://other.example')
    expect(await verifier(issuer.url).idOf(token)).toBeNull()
  })

  it('ends when it says, and when it is older than a token may be here', async () => {
    const issuer = await runIssuer({ keys: [first], tokenSeconds: 86_400 })
    const server = verifier(issuer.url)
    const token = await issuer.token()
    expect(await server.idOf(token)).not.toBeNull()
    server.pass(limits.outsideTokenMs - 5_000)
    expect(await server.idOf(token)).not.toBeNull()
    server.pass(6_000)
    expect(await server.idOf(token)).toBeNull()
  })
})

describe('while the issuer rotates its keys', () => {
  it('tokens of a key that is new here are taken, and of one that is gone no longer', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const server = verifier(issuer.url)
    const old = await issuer.token()
    expect(await server.idOf(old)).not.toBeNull()
    await issuer.stop()
    await issuer.start({ keys: [second, first] })
    server.pass(limits.issuerPauseMs)
    const fresh = await issuer.token()
    expect(await server.idOf(fresh)).toBe(personOf(issuer))
    expect(await server.idOf(old)).toBe(personOf(issuer))
    await issuer.stop()
    await issuer.start({ keys: [second] })
    server.pass(limits.issuerKeysFreshMs + 1)
    const isGone = async () => {
      server.pass(limits.outsideTokenCheckMs)
      return (await server.idOf(old)) === null
    }
    await eventually(isGone, { what: 'the withdrawn key is known to be gone' })
    expect(await server.idOf(fresh)).toBe(personOf(issuer))
  })
})

describe('while the issuer is away', () => {
  it('its known keys go on for a day, and unknown ones are refused', async () => {
    const issuer = await runIssuer({ keys: [first], tokenSeconds: 86_400 })
    const server = verifier(issuer.url)
    const [token, another] = [await issuer.token(), await issuer.token()]
    expect(await server.idOf(token)).not.toBeNull()
    await issuer.stop()
    server.pass(limits.issuerKeysFreshMs + 1)
    expect(await server.idOf(another)).toBe(personOf(issuer))
    const unknown = await forged(issuer.url, { kid: 'third' })
    expect(await server.idOf(unknown)).toBeNull()
    await eventually(() => server.troubles.length > 0, { what: 'the outage is reported' })
    expect(await server.idOf(token)).toBe(personOf(issuer))
  })

  it('a server that starts then takes nobody, and everybody once the issuer is back', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const token = await issuer.token()
    await issuer.stop()
    const server = verifier(issuer.url)
    expect(await server.idOf(token)).toBeNull()
    await issuer.start({ keys: [first] })
    expect(await server.idOf(token)).toBeNull()
    server.pass(limits.issuerPauseMs)
    expect(await server.idOf(token)).toBe(personOf(issuer))
  })

  it('and when it never answers, a token waits for a bounded time', async () => {
    const silent = createServer(() => undefined)
    const url = await listening(silent)
    const server = verifier(url)
    expect(await server.idOf(await forged(url, {}))).toBeNull()
    expect(server.troubles).toHaveLength(1)
  })
})

describe('an issuer whose documents are not as they should be', () => {
  it.each<[string, (url: string, response: ServerResponse) => void, RegExp]>([
    ['sends us elsewhere', (url, response) => redirect(response, `${url}/other`), /fetch failed/],
    ['answers with an error', (_, response) => response.writeHead(503).end('{}'), /status 503/],
    ['never ends', (_, response) => pour(response), /too large/],
    ['answers with a page', (_, response) => response.end('<html>'), /JSON/],
    ['names no keys', (url, response) => response.end(JSON.stringify({ issuer: url })), /jwks_uri/],
  ])('%s: nobody is let in, and the log has it', async (_, answer, trouble) => {
    let url = ''
    const odd = createServer((__, response) => answer(url, response))
    url = await listening(odd)
    const server = verifier(url)
    expect(await server.idOf(await forged(url, {}))).toBeNull()
    expect(server.troubles.map(String).join()).toMatch(trouble)
  })
})

describe('a forged token', () => {
  it.each<[string, Forgery]>([
    ['by a key of its own', { key: second, kid: 'first' }],
    ['of an unknown key', { key: second, kid: 'second' }],
    ['whose key id is a path', { kid: '../../first' }],
    ['of another issuer', { issuer: 'https://evil.example' }],
    ['that ended a second ago', { endsInSeconds: -1 }],
    ['of tomorrow', { issuedInSeconds: 86_400, endsInSeconds: 90_000 }],
    ['that never ends', { endsInSeconds: null }],
    ['that is no access token', { type: 'logout+jwt' }],
    ['that is an id token', { claims: { nonce: 'n' } }],
    ['without a subject', { subject: null }],
    ['with an endless subject', { subject: 's'.repeat(256) }],
    ['with a subject that breaks lines', { subject: 'fan\n1' }],
  ])('%s is nobody', async (_, forgery) => {
    const issuer = await runIssuer({ keys: [first] })
    const server = verifier(issuer.url)
    expect(await server.idOf(await forged(issuer.url, {}))).not.toBeNull()
    expect(await server.idOf(await forged(issuer.url, forgery))).toBeNull()
  })

  it('without a signature, or with a public key for a secret, is nobody', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const server = verifier(issuer.url)
    const claims = decodeJwt(await issuer.token())
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    expect(await server.idOf(`${encode({ alg: 'none' })}.${encode(claims)}.`)).toBeNull()
    const secret = new TextEncoder().encode(JSON.stringify(first.n))
    const mac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first', typ: 'at+jwt' })
      .sign(secret)
    expect(await server.idOf(mac)).toBeNull()
  })

  it('makes us call the issuer once in a pause, however many come', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const server = verifier(issuer.url)
    expect(await server.idOf(await issuer.token())).not.toBeNull()
    const before = issuer.looks()
    const many = Array.from({ length: 50 }, (_, n) => forged(issuer.url, { kid: `kid-${n}` }))
    for (const token of await Promise.all(many)) expect(await server.idOf(token)).toBeNull()
    expect(issuer.looks()).toBe(before)
    server.pass(limits.issuerPauseMs)
    for (const token of await Promise.all(many)) expect(await server.idOf(token)).toBeNull()
    expect(issuer.looks()).toBe(before + 1)
  })

  it('from an issuer that calls itself by another name is nobody', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const alias = issuer.url.replace('127.0.0.1', 'localhost')
    const server = verifier(alias)
    expect(await server.idOf(await forged(alias, {}))).toBeNull()
    expect(String(server.troubles[0])).toMatch(/another issuer/)
  })
})

describe('the ids of persons', () => {
  it('are not shared between issuers, nor with ours', () => {
    const prefixes = ['https://a.example', 'https://b.example', 'https://a.example/'].map(
      outsidePrefix,
    )
    expect(new Set(prefixes).size).toBe(3)
    for (const prefix of prefixes) expect(prefix).toMatch(/^oidc:[0-9a-f]{12}:$/)
  })
})

describe('a server of an outside issuer', () => {
  it('takes its tokens alone, and gives none', async () => {
    const issuer = await runIssuer({ keys: [first] })
    const database = closers.use(await createTestDatabase())
    const config = readConfig({
      ...(await settingsWithoutIssuer()),
      DATABASE_URL: database.url,
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: audience,
    })
    const server = await startServer(config)
    closers.defer(server.stop)
    const statusOf = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`${server.url}/trpc/orders.list?input={}`, { headers })).status
    }
    expect(await statusOf(await issuer.token())).toBe(200)
    expect(await statusOf(await issuer.token('https://other.example'))).toBe(401)
    expect(await statusOf(await forged(issuer.url, { key: second }))).toBe(401)
    const answer = await fetch(`${server.url}/development/token`, { method: 'POST' })
    expect(answer.status).toBe(404)
    const published = await (await fetch(`${server.url}/.well-known/jwks.json`)).json()
    expect(published).toEqual({ keys: [] })
    await issuer.stop()
    expect(await statusOf(await forged(issuer.url, { kid: 'third' }))).toBe(401)
  })
})

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end()
}

/** More than anybody should read. */
function pour(response: ServerResponse): void {
  const part = Buffer.alloc(limits.issuerBytesMax, ' ')
  response.on('error', () => undefined).write(part)
  response.end(part)
}

type Forgery = {
  readonly key?: JWK
  readonly kid?: string
  readonly issuer?: string
  readonly subject?: string | null
  readonly type?: string
  readonly issuedInSeconds?: number
  readonly endsInSeconds?: number | null
  readonly claims?: Record<string, unknown>
}

/** As the issuer would sign it, but for what is asked to be different. */
async function forged(issuer: string, forgery: Forgery): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000)
  const { key = first, kid = 'first', subject = client.client_id, type = 'at+jwt' } = forgery
  const builder = new SignJWT(forgery.claims ?? {})
    .setProtectedHeader({ alg: 'RS256', kid, typ: type })
    .setIssuer(forgery.issuer ?? issuer)
    .setAudience(audience)
    .setIssuedAt(nowSeconds + (forgery.issuedInSeconds ?? 0))
  if (subject !== null) builder.setSubject(subject)
  const { endsInSeconds = 600 } = forgery
  if (endsInSeconds !== null) builder.setExpirationTime(nowSeconds + endsInSeconds)
  return builder.sign(await importJWK(key, 'RS256'))
}
