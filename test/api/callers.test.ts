/** Who calls: only a token that verifies says so; everything else is nobody. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSaleSystem, type SaleSystem, tokenFor } from '../support/sale-system.ts'

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem()
})
afterAll(() => system[Symbol.asyncDispose]())

type Claims = {
  readonly issuer?: string
  readonly audience?: string
  readonly type?: string
  readonly kid?: string
  readonly startsInSeconds?: number
  readonly endsInSeconds?: number
  readonly session?: unknown
}

/** A token by the real key, but for what is asked to be different. */
async function signed(claims: Claims, key?: CryptoKey): Promise<string> {
  const [own] = system.config.DEVELOPMENT_ISSUER_KEYS?.keys ?? []
  const nowSeconds = Math.floor(Date.now() / 1000)
  const builder = new SignJWT(claims.session === undefined ? {} : { sid: claims.session })
    .setProtectedHeader({ alg: 'EdDSA', kid: claims.kid ?? 'one', typ: claims.type ?? 'at+jwt' })
    .setSubject('demo:ann')
    .setIssuer(claims.issuer ?? system.config.ACCESS_ISSUER ?? '')
    .setAudience(claims.audience ?? 'frontrow')
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + (claims.endsInSeconds ?? 600))
  if (claims.startsInSeconds !== undefined)
    builder.setNotBefore(nowSeconds + claims.startsInSeconds)
  return builder.sign(key ?? ((await importJWK(own as JWK, 'EdDSA')) as CryptoKey))
}

async function statusWith(authorization: string | undefined): Promise<number> {
  const headers = authorization === undefined ? {} : { authorization }
  return (await fetch(`${system.url}/trpc/orders.list?input={}`, { headers })).status
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

describe('a caller', () => {
  it('with a good token is let in', async () => {
    expect(await statusWith(`Bearer ${await signed({})}`)).toBe(200)
    expect(await statusWith(`Bearer ${await tokenFor(system.url, { name: 'ann' })}`)).toBe(200)
  })

  it.each<[string, Claims]>([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['another audience', { audience: 'somebody-else' }],
    ['another type of token', { type: 'frontrow-hold' }],
    ['an unknown key', { kid: 'two' }],
    ['a key id that is a path', { kid: '../../etc/passwd' }],
    ['a token that ended a second ago', { endsInSeconds: -1 }],
    ['a token that begins in an hour', { startsInSeconds: 3_600 }],
    ['claims of the wrong shape', { session: 7 }],
  ])('with %s is nobody', async (_, claims) => {
    expect(await statusWith(`Bearer ${await signed(claims)}`)).toBe(401)
  })

  it('cannot sign with a key of their own', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = (await importJWK(privateKey.export({ format: 'jwk' }) as JWK, 'EdDSA')) as CryptoKey
    expect(await statusWith(`Bearer ${await signed({}, key)}`)).toBe(401)
  })

  it('cannot do without a signature, nor use the public key as a secret', async () => {
    const payload = encode({ sub: 'demo:ann', iss: 'tests', aud: 'frontrow', iat: 1, exp: 9e9 })
    const none = `${encode({ alg: 'none', typ: 'at+jwt', kid: 'one' })}.${payload}.`
    expect(await statusWith(`Bearer ${none}`)).toBe(401)
    const keys = (await (await fetch(`${system.url}/.well-known/jwks.json`)).json()) as {
      keys: { x: string }[]
    }
    const head = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'one' })}.${payload}`
    const secret = Buffer.from(keys.keys[0]?.x ?? '', 'base64url')
    const mac = createHmac('sha256', secret).update(head).digest('base64url')
    expect(await statusWith(`Bearer ${head}.${mac}`)).toBe(401)
  })

  it('with a token that was changed is nobody', async () => {
    const [head, , tail] = (await signed({})).split('.')
    const payload = encode({ sub: 'demo:bob', iss: 'tests', aud: 'frontrow', iat: 1, exp: 9e9 })
    expect(await statusWith(`Bearer ${head}.${payload}.${tail}`)).toBe(401)
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', `Bearer ${'a'.repeat(5_000)}`])(
    'with the header %s is nobody',
    async (header) => {
      expect(await statusWith(header)).toBe(401)
    },
  )

  it('finds no private part among the published keys', async () => {
    for (const path of ['jwks.json', 'ticket-keys.json']) {
      const text = await (await fetch(`${system.url}/.well-known/${path}`)).text()
      expect(JSON.parse(text).keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: 'one' })
      expect(text).not.toContain('"d"')
    }
  })
})

describe('an organiser', () => {
  it('reaches nothing of another organisation, whether it exists or not', async () => {
    const token = await tokenFor(system.url, {
      name: 'mallory',
      roles: { org_01j8zzzzzzzzzzzzzzzzzzzzzz: 'owner' },
    })
    const ask = async (organisation: string) => {
      const input = encodeURIComponent(JSON.stringify({ organisation }))
      const headers = { authorization: `Bearer ${token}` }
      const answer = await fetch(`${system.url}/trpc/admin.events.list?input=${input}`, { headers })
      const { error } = (await answer.json()) as { error: { data: { refusal: object } } }
      return { status: answer.status, refusal: error.data.refusal }
    }
    const foreign = await ask(system.organisation)
    expect(foreign.status).toBe(403)
    expect(await ask('org_01j7zzzzzzzzzzzzzzzzzzzzzz')).toEqual(foreign)
  })

  it.each(['door', 'finance', 'box_office'])('with the role %s cannot publish', async (role) => {
    const event = await system.newEvent()
    const { organisation } = system
    const token = await tokenFor(system.url, { name: 'dora', roles: { [organisation]: role } })
    const answer = await fetch(`${system.url}/trpc/admin.events.cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ organisation, event }),
    })
    expect(answer.status).toBe(403)
  })
})
