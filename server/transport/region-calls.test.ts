/** A call of another region: taken once, exactly as it was signed, and never otherwise. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { type CryptoKey, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bodyHash,
  type PassedOnClaims,
  regionCallHeader,
  regionCallType,
} from '../gateways/region-calls/region-call.ts'
import { regionCallSigner } from '../gateways/region-calls/region-call-signer.ts'
import { limits } from '../platform/limits.ts'
import { systemRandom } from '../platform/random.ts'
import { type RegionCalls, regionCalls } from './region-calls.ts'

type Pair = { readonly kid: string; readonly key: CryptoKey; readonly shown: JWK }

async function newPair(kid: string): Promise<Pair> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK
  const { d: _, ...rest } = jwk
  return { kid, key: (await importJWK(jwk, 'EdDSA')) as CryptoKey, shown: { ...rest, kid } }
}

const target = 'us-east1'
const caller = 'europe-west1'
const startMs = Date.UTC(2027, 0, 1)
const honest = { method: 'POST', url: '/trpc/internal.status?batch=1', body: '{"a":1}' }
type Asked = typeof honest

let own: Pair
let next: Pair
let foreign: Pair
beforeAll(async () => {
  own = await newPair('one')
  next = await newPair('two')
  foreign = await newPair('one')
})

/** A server of `target` whose clock is `aheadMs` ahead of the caller's. */
function server(aheadMs = 0, region = target): RegionCalls {
  const keys = new Map([
    [caller, [own.shown, next.shown]],
    ['asia-southeast1', [foreign.shown]],
  ])
  const nowMs = () => startMs + aheadMs
  return regionCalls({ region, keys, clock: { nowMs, monotonicMs: () => 0 } })
}

type Signing = { pair?: Pair; from?: string; to?: string; for?: PassedOnClaims }

async function headerFor(call: Asked, signing: Signing = {}) {
  const { kid, key } = signing.pair ?? own
  const signer = regionCallSigner({
    key: { kid, key },
    region: signing.from ?? caller,
    clock: { nowMs: () => startMs },
    random: systemRandom,
  })
  const headers = await signer.headersFor({
    target: signing.to ?? target,
    ...call,
    ...(signing.for === undefined ? {} : { for: signing.for }),
  })
  return headers[regionCallHeader] ?? ''
}

const ask = async (calls: RegionCalls, call: Asked, header: string) =>
  calls.verify({ ...call, header })

describe('a call of another region', () => {
  it('is taken as it was signed, once', async () => {
    const calls = server()
    const header = await headerFor(honest)
    expect(await ask(calls, honest, header)).toEqual({ region: caller, passedOn: null })
    expect(await ask(calls, honest, header)).toBeNull()
  })

  it('is taken by either of two keys of a rotation', async () => {
    const calls = server()
    for (const pair of [own, next]) {
      const header = await headerFor(honest, { pair })
      expect(await ask(calls, honest, header)).not.toBeNull()
    }
  })

  it('is refused after any single change to method, path, query or body', async () => {
    const calls = server()
    const header = await headerFor(honest)
    const text = fc.string({ unit: 'binary' })
    const changed = fc.oneof(
      fc.constantFrom('GET', 'PUT', 'post', '').map((method) => ({ ...honest, method })),
      text.map((url) => ({ ...honest, url: `/${url}` })),
      edited(honest.url).map((url) => ({ ...honest, url })),
      text.map((body) => ({ ...honest, body })),
      edited(honest.body).map((body) => ({ ...honest, body })),
    )
    await fc.assert(
      fc.asyncProperty(changed, async (call) => {
        fc.pre(JSON.stringify(call) !== JSON.stringify(honest))
        expect(await ask(calls, call, header)).toBeNull()
      }),
      { numRuns: 300 },
    )
    expect(await ask(calls, honest, header)).not.toBeNull()
  })

  it('is refused after any single change to its header', async () => {
    const header = await headerFor(honest)
    const calls = server()
    await fc.assert(
      fc.asyncProperty(edited(header), async (changed) => {
        fc.pre(changed !== header)
        expect(await ask(calls, honest, changed)).toBeNull()
      }),
      { numRuns: 500 },
    )
    // The unused bits of the last character too: a copy that is not equal is still a copy.
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=') {
      const changed = header.slice(0, -1) + last
      if (changed !== header) expect(await ask(calls, honest, changed)).toBeNull()
    }
    expect(await ask(calls, honest, header)).not.toBeNull()
  })

  it.each([
    ['for another region', { to: 'asia-southeast1' }],
    ['in the name of another region', { from: 'asia-southeast1' }],
    ['in the name of a region that nobody knows', { from: 'mars-north1' }],
    ['in the name of an inherited field', { from: 'constructor' }],
  ])('is refused %s', async (_, signing) => {
    expect(await ask(server(), honest, await headerFor(honest, signing))).toBeNull()
  })

  it('is refused by a key of another region, though it has the same kid', async () => {
    const header = await headerFor(honest, { pair: foreign })
    expect(await ask(server(), honest, header)).toBeNull()
  })

  it('is refused by an unknown key', async () => {
    const header = await headerFor(honest, { pair: { ...own, kid: '../one' } })
    expect(await ask(server(), honest, header)).toBeNull()
  })

  it.each([
    [0, true],
    [limits.regionCallMs - 1, true],
    [limits.regionCallMs, false],
    [-limits.clockSkewMs, true],
    [-limits.clockSkewMs - 1_000, false],
  ])('by a clock %i ms ahead of the caller: taken is %s', async (aheadMs, taken) => {
    const answer = await ask(server(aheadMs), honest, await headerFor(honest))
    expect(answer !== null).toBe(taken)
  })
})

describe('a call that a region would not sign', () => {
  const seconds = startMs / 1000
  const claims = (changes: object = {}) => ({
    iss: caller,
    aud: target,
    iat: seconds,
    exp: seconds + 30,
    jti: 'sixteen-or-more-characters',
    htm: honest.method,
    htu: honest.url,
    bh: bodyHash(honest.body),
    ...changes,
  })
  const signed = (payload: Record<string, unknown>, head: object = {}) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', kid: 'one', typ: regionCallType, ...head })
      .sign(own.key)

  it('but for its fault, would be taken', async () => {
    expect(await ask(server(), honest, await signed(claims()))).not.toBeNull()
  })

  it.each([
    ['lives longer than a call may', { exp: seconds + 3_600 }],
    ['was signed long ago', { iat: seconds - 3_600 }],
    ['begins later', { nbf: seconds + 3_600 }],
    ['has no identifier', { jti: undefined }],
    ['has several audiences', { aud: [target, caller] }],
    ['says more than is known here, such as for whom it is made', { act: { sub: 'usr_x' } }],
  ])('is refused: it %s', async (_, changes) => {
    expect(await ask(server(), honest, await signed(claims(changes)))).toBeNull()
  })

  it.each(['at+jwt', 'JWT', undefined])('is refused: its type is %s', async (typ) => {
    expect(await ask(server(), honest, await signed(claims(), { typ }))).toBeNull()
  })

  it('is refused without a signature, and with the public key for a secret', async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const head = (alg: string) => encode({ alg, kid: 'one', typ: regionCallType })
    const none = `${head('none')}.${encode(claims())}.`
    expect(await ask(server(), honest, none)).toBeNull()
    const secret = Buffer.from(own.shown.x ?? '', 'base64url')
    const input = `${head('HS256')}.${encode(claims())}`
    const mac = createHmac('sha256', secret).update(input).digest('base64url')
    expect(await ask(server(), honest, `${input}.${mac}`)).toBeNull()
  })

  it('is refused when it is too long', async () => {
    const htu = `/${'a'.repeat(limits.regionCallCharactersMax)}`
    expect(await ask(server(), { ...honest, url: htu }, await signed(claims({ htu })))).toBeNull()
  })

  it('to a long address is signed by its hash, which is another for any other address', async () => {
    const url = `/trpc/internal.status?input=${'a'.repeat(limits.urlCharactersMax - 100)}`
    const header = await headerFor({ ...honest, url })
    expect(header.length).toBeLessThan(1_000)
    expect(await ask(server(), { ...honest, url: url.replace('aaa', 'aab') }, header)).toBeNull()
    expect(await ask(server(), { ...honest, url }, header)).not.toBeNull()
  })

  it.each(['', '.', '..', 'a.b.c', ' ', '\0', 'null'])('is refused: %j', async (header) => {
    expect(await ask(server(), honest, header)).toBeNull()
  })
})

describe('a call that is passed on', () => {
  const ann = { kind: 'person' as const, id: 'usr_use1_ann', session: null }
  const organisation = `org_${'0'.repeat(26)}`
  const key = { kind: 'machine' as const, id: 'key_1', organisation, scopes: [] }
  const passedOn = { caller: ann, address: '192.0.2.7', reason: null, leftMs: 9_000 }

  it.each([[ann], [key], [null]])('says for whom: %j', async (who) => {
    const header = await headerFor(honest, { for: { ...passedOn, caller: who } })
    const call = await ask(server(), honest, header)
    expect(call).toEqual({ region: caller, passedOn: { ...passedOn, caller: who } })
  })

  const sign = (claim: object) =>
    new SignJWT({
      iss: caller,
      aud: target,
      iat: startMs / 1000,
      exp: startMs / 1000 + 30,
      jti: 'sixteen-or-more-characters',
      htm: honest.method,
      htu: honest.url,
      bh: bodyHash(honest.body),
      for: { ...passedOn, ...claim },
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'one', typ: regionCallType })
      .sign(own.key)

  it('by jose signed is taken here, and signed here is taken by jose', async () => {
    expect(await ask(server(), honest, await sign({}))).toEqual({ region: caller, passedOn })
    const header = await headerFor(honest, { for: passedOn })
    const publicKey = await importJWK(own.shown, 'EdDSA')
    const { payload, protectedHeader } = await jwtVerify(header, publicKey, {
      issuer: caller,
      audience: target,
      typ: regionCallType,
      currentDate: new Date(startMs),
    })
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: 'one', typ: regionCallType })
    expect(payload).toMatchObject({ htm: honest.method, htu: honest.url, for: passedOn })
  })

  it.each([
    ['for a region', { caller: { kind: 'region', region: 'us-east1' } }],
    ['for a person with a role', { caller: { ...ann, role: 'owner' } }],
    ['for a key with a scope that does not exist', { caller: { ...key, scopes: ['all'] } }],
    ['for nobody in particular', { caller: undefined }],
    ['without time', { leftMs: 0 }],
    ['with more time than a call has', { leftMs: limits.callDeadlineMaxMs + 1 }],
    ['with something more', { admin: true }],
  ])('is nobody: it is passed on %s', async (_, claim) => {
    expect(await ask(server(), honest, await sign(claim))).toBeNull()
  })
})

/** The text with one character replaced, added or taken away. */
function edited(text: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: text.length - 1 })
  const character = fc.oneof(
    fc.constantFrom(...Array.from('Aa0-_.=& /?')),
    fc.string({ minLength: 1 }),
  )
  return fc.tuple(at, character, fc.nat({ max: 2 })).map(([index, added, kind]) => {
    const [before, after] = [text.slice(0, index), text.slice(index)]
    if (kind === 0) return before + added + after.slice(1)
    return kind === 1 ? before + added + after : before + after.slice(1)
  })
}
