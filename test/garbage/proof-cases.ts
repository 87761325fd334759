/** Proofs of who calls, forged and replayed: whoever shows one is nobody. */
import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import fc from 'fast-check'
import type { JWK } from 'jose'
import { bodyHash, regionCallType } from '../../server/gateways/region-calls/region-call.ts'
import { type Procedure, procedures } from '../access/procedures.ts'
import { region } from '../support/sale-system.ts'
import { type Ground, otherRegion } from './ground.ts'
import type { Request } from './send.ts'
import { signedBy } from './signing.ts'

export type ProofCase = {
  readonly kind: 'proof'
  readonly how: string
  readonly pick: number
  readonly path: string
}

type Claims = Readonly<Record<string, unknown>>
type Parts = { readonly header: Claims; readonly claims: Claims }
type Real = Parts & {
  /** One that is taken, and what signed it. */
  readonly token: string
  readonly key: JWK
  readonly nowSeconds: number
}

type Headers = Readonly<Record<string, string | readonly string[]>>

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')

const strangersKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK

const picked = <Item>(items: readonly Item[], pick: number): Item => {
  const item = items[pick % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** Signed by the right key, but for one thing that is not right. */
const wrongClaims = ({ nowSeconds: now, claims }: Real): readonly Claims[] => [
  { iss: 'https://evil.example' },
  { iss: '' },
  { iss: [claims['iss']] },
  { iss: null },
  { aud: 'somebody-else' },
  { aud: [] },
  { aud: { frontrow: true } },
  { exp: now - 61, iat: now - 120 },
  { exp: 0 },
  { exp: -1 },
  { exp: 'tomorrow' },
  { exp: null },
  { exp: undefined },
  { iat: undefined },
  { iat: now + 3_600, exp: now + 7_200 },
  { iat: now - 86_400, exp: now + 86_400 },
  { iat: 'now' },
  { nbf: now + 3_600 },
  { nbf: 'later' },
  { sub: undefined },
  { sub: '' },
  { sub: null },
  { sub: 7 },
  { sub: ['demo:root'] },
  { sub: 'x'.repeat(129) },
  { sid: [] },
  { sid: 'x'.repeat(1_000) },
]

const wrongHeaders: readonly Claims[] = [
  { typ: 'JWT' },
  { typ: undefined },
  { typ: 'frontrow-hold' },
  { typ: regionCallType },
  { kid: 'two' },
  { kid: '../../../../dev/null' },
  { kid: "x' or 1=1 --" },
  { kid: '__proto__' },
  { kid: 'k'.repeat(2_000) },
  { crit: ['exp'] },
  { crit: ['b64'], b64: false },
  { alg: 'ES256' },
  { alg: 'RS256' },
  { alg: 'EdDSA\0' },
  { alg: ['EdDSA'] },
  { zip: 'DEF', crit: ['zip'] },
]

type Forger = (real: Real, pick: number) => string

const forgers: Readonly<Record<string, Forger>> = {
  'no algorithm': ({ header, claims }, pick) => {
    const alg = picked(['none', 'None', 'NONE', 'nOnE', '', null], pick)
    return `${encode({ ...header, alg })}.${encode(claims)}.${picked(['', 'AA'], pick >> 3)}`
  },
  'the public key as a secret': ({ header, claims, key }, pick) => {
    const { d: _, ...publicKey } = key
    const alg = picked(['HS256', 'HS384', 'HS512'], pick)
    const secret = picked(
      [Buffer.from(key.x ?? '', 'base64url'), key.x ?? '', JSON.stringify(publicKey), ''],
      pick >> 2,
    )
    const body = `${encode({ ...header, alg })}.${encode(claims)}`
    const mac = createHmac(`sha${alg.slice(2)}`, secret)
      .update(body)
      .digest('base64url')
    return `${body}.${mac}`
  },
  'a key of their own': ({ header, claims }) => signedBy(strangersKey, { header, claims }),
  'a key that it brings along': ({ header, claims }, pick) => {
    const { d: _, ...jwk } = strangersKey
    const brought = picked<Claims>(
      [
        { jwk },
        { jku: 'https://evil.example/jwks.json' },
        { x5u: 'file:///etc/passwd' },
        { x5c: ['AA=='] },
        { jwk, kid: undefined },
      ],
      pick,
    )
    return signedBy(strangersKey, { header: { ...header, ...brought }, claims })
  },
  'a wrong claim': (real, pick) => {
    const claims = { ...real.claims, ...picked(wrongClaims(real), pick) }
    return signedBy(real.key, { header: real.header, claims })
  },
  'a wrong header': (real, pick) => {
    const header = { ...real.header, ...picked(wrongHeaders, pick) }
    return signedBy(real.key, { header, claims: real.claims })
  },
  'another body': ({ token, claims }, pick) => {
    const [head, , tail] = token.split('.')
    const other = picked<Claims>([{ sub: 'demo:root' }, { exp: 9e9 }, { admin: true }], pick)
    return `${head}.${encode({ ...claims, ...other })}.${tail}`
  },
  'a part of one': ({ token }, pick) => token.slice(0, pick % (token.length - 2)),
  'a flipped bit': ({ token }, pick) => {
    const at = pick % token.length
    const letter = token[at] === 'A' ? 'B' : 'A'
    // The last letter of a part has bits that stand for nothing.
    if (token[at] === '.' || (token[at + 1] ?? '.') === '.') return `${token}.`
    return token.slice(0, at) + letter + token.slice(at + 1)
  },
  'more parts': ({ token }, pick) =>
    picked([`${token}.x`, `.${token}`, `${token}.${token}`, `${token}..`, 'a.b.c.d.e'], pick),
  'ten kilobytes': ({ header, claims, key }) =>
    signedBy(key, { header, claims: { ...claims, more: 'x'.repeat(10_000) } }),
  'no JSON': ({ key }, pick) => {
    const parts = picked(['null', '[]', '"x"', '{', '{"sub":', '\0', ''], pick)
    const body = `${encode({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid })}.${Buffer.from(parts).toString('base64url')}`
    return `${body}.${sign(null, Buffer.from(body), strangersKeyObject).toString('base64url')}`
  },
  'a key of a machine': (_, pick) =>
    picked(
      [
        'frk_',
        'frk_x',
        `frk_${'a'.repeat(43)}`,
        `frk_${'A'.repeat(4_000)}`,
        'frk_01j8zzzzzzzzzzzzzzzzzzzzzz_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        'frk_01j8zzzzzzzzzzzzzzzzzzzzzz.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        `frk_${'0'.repeat(26)}${'a'.repeat(32)}`,
        'frk_..',
        'frk_%00',
        'frk_key_01j8zzzzzzzzzzzzzzzzzzzzzz_x',
      ],
      pick,
    ),
}

const strangersKeyObject = generateKeyPairSync('ed25519').privateKey

/** Where a token stands that is not looked at, and headers that are no proof. */
const misplaced = ({ token }: Real): readonly Headers[] => [
  { authorization: `Basic ${Buffer.from(`a:${token}`).toString('base64')}` },
  { authorization: `bearer${token}` },
  { authorization: `Bearer  ${token}` },
  { authorization: `Bearer ${token},${token}` },
  { authorization: `Token ${token}` },
  { authorization: token },
  { authorization: `Bearer "${token}"` },
  { authorization: `DPoP ${token}` },
  { 'x-authorization': `Bearer ${token}` },
  { 'proxy-authorization': `Bearer ${token}` },
  { cookie: `token=${token}; authorization=Bearer ${token}; __Host-session=${token}` },
  { 'x-frontrow-caller': 'demo:root', 'x-user-id': 'demo:root' },
  { 'x-frontrow-region-call': token },
  { authorization: `Bearer ${token}`, 'x-frontrow-region-call': 'x' },
]

const callHow = 'a call of another region'
const placeHow = 'a proof in the wrong place'
/** Taken once, and then sent again: the first is a good call, the second is nobody's. */
export const againHow = 'a call of another region, again'
export const spentHow = 'a spent refresh token'

export function proofCases(): fc.Arbitrary<ProofCase> {
  const guarded = procedures.filter(({ rule }) => rule.kind !== 'public')
  return fc.record({
    kind: fc.constant('proof' as const),
    how: fc.constantFrom(...Object.keys(forgers), callHow, placeHow, againHow, spentHow),
    pick: fc.nat(10_000),
    path: fc.constantFrom(...guarded.map(({ path }) => path)),
  })
}

export function prepareProof({ how, pick, path }: ProofCase, ground: Ground): Request {
  if (how === spentHow) return spentRefresh(ground, pick)
  const procedure = procedures.find((each) => each.path === path)
  if (procedure === undefined) throw new Error(`there is no ${path}`)
  const request = requestOf(procedure)
  const real = realToken(ground)
  const shown =
    how === callHow
      ? { 'x-frontrow-region-call': forgedCall(ground, request, pick) }
      : how === againHow
        ? { 'x-frontrow-region-call': goodCall(ground, request) }
        : how === placeHow
          ? picked(misplaced(real), pick)
          : { authorization: `Bearer ${forgers[how]?.(real, pick)}` }
  return { ...request, headers: { ...request.headers, ...shown } }
}

function requestOf({ path, type }: Procedure): Request & { readonly body?: Buffer } {
  if (type === 'query') return { method: 'GET', path: `/trpc/${path}?input=%7B%7D` }
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', path: `/trpc/${path}`, headers, body: Buffer.from('{}') }
}

function realToken(ground: Ground): Real {
  const token = ground.headersOf('organiser')['authorization']?.slice('Bearer '.length) ?? ''
  const [header, claims] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims)
  if (header === undefined || claims === undefined) throw new Error('no token')
  return { token, header, claims, key: ground.accessKey, nowSeconds: Math.floor(Date.now() / 1000) }
}

/** Its device has ended before the walk, so that nothing is left to be changed. */
function spentRefresh({ spentRefreshToken }: Ground, pick: number): Request {
  const body = Buffer.from(
    JSON.stringify({ refreshToken: spentRefreshToken, key: `replayed-${pick}` }),
  )
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', path: '/trpc/accounts.refresh', headers, body }
}

function callOf({ regionKey }: Ground, request: Request) {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: otherRegion,
    aud: region,
    iat: now,
    exp: now + 20,
    jti: randomUUID(),
    htm: request.method,
    htu: request.path,
    bh: bodyHash(request.body?.toString() ?? ''),
  }
  const header = { alg: 'EdDSA', kid: regionKey.kid, typ: regionCallType }
  return { now, header, claims }
}

function goodCall(ground: Ground, request: Request): string {
  return signedBy(ground.regionKey, callOf(ground, request))
}

/** Signed by a region that may call, but not for this call. */
function forgedCall(ground: Ground, request: Request, pick: number): string {
  const { regionKey } = ground
  const { now, header, claims: good } = callOf(ground, request)
  const wrong: readonly Claims[] = [
    { htm: 'PUT' },
    { htm: request.method.toLowerCase() },
    { htu: '/trpc/other' },
    { htu: `${request.path}&x=1` },
    { htu: request.path.split('?')[0] + '#' },
    { bh: bodyHash('{"other":1}') },
    { bh: createHash('sha256').update('').digest('hex') },
    { aud: otherRegion },
    { aud: 'nowhere' },
    { iss: region },
    { iss: 'nowhere' },
    { iss: '__proto__' },
    { iat: now - 3_600, exp: now - 3_580 },
    { exp: now + 86_400 },
    { iat: now + 3_600, exp: now + 3_620 },
    { jti: 'short' },
    { jti: undefined },
    { extra: 1 },
    { caller: 'demo:root' },
  ]
  const whole: readonly string[] = [
    '',
    'x',
    'a.b.c',
    'x'.repeat(8_000),
    signedBy(strangersKey, { header, claims: good }),
    signedBy(ground.accessKey, { header, claims: good }),
    signedBy(regionKey, { header: { ...header, typ: 'at+jwt' }, claims: good }),
    signedBy(regionKey, { header: { ...header, kid: 'own' }, claims: good }),
    `${encode({ ...header, alg: 'none' })}.${encode(good)}.`,
  ]
  const at = pick % (wrong.length + whole.length)
  const claim = wrong[at]
  if (claim === undefined) return whole[at - wrong.length] ?? ''
  return signedBy(regionKey, { header, claims: { ...good, ...claim } })
}
