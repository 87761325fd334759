/** Calls of procedures: a good input by somebody, spoiled in a few places, or sent in a wrong way. */
import fc from 'fast-check'
import type { AccessRule } from '../../server/domain/access.ts'
import { limits } from '../../server/platform/limits.ts'
import { seenHeader } from '../../server/transport/session-headers.ts'
import { type Procedure, procedures } from '../access/procedures.ts'
import {
  type Breaker,
  cheapBreakers,
  dearBreakers,
  dearestBreakers,
  textBreakers,
} from './breakers.ts'
import { type CallerName, callerNames, type Ground } from './ground.ts'
import { bytesOf, type Json, parsed, placesIn, treeOf } from './json-tree.ts'
import type { Request } from './send.ts'
import { validInput } from './valid-input.ts'

type Break = { readonly how: string; readonly place: number; readonly pick: number }

const ways = ['as it should be', 'other method', 'batch', 'twice in a batch'] as const
type Way = (typeof ways)[number]

/** Plain data, so that a failing one can be shrunk and printed. */
export type CallCase = {
  readonly kind: 'call'
  readonly path: string
  readonly caller: CallerName
  readonly input: Json
  readonly breaks: readonly Break[]
  /** What happens to the whole text, if anything. */
  readonly text: string | null
  readonly way: Way
  readonly contentType: string
  /** What it says that it has seen; it makes no difference. */
  readonly seen: string | null
}

const breakers: Readonly<Record<string, Breaker>> = {
  ...cheapBreakers,
  ...dearBreakers,
  ...dearestBreakers,
}

const usualType = 'application/json'
const contentTypes = [
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/json;charset=nonsense',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/problem+json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/octet-stream',
  '*/*',
  'x',
  '',
]

/** Tokens of what was seen: none of ours, too long, too many, of nobody's orders. */
const seenTokens = fc.oneof(
  fc.constantFrom('', ',', ',,,,,,', '====', 'null', "' or 1=1 --", 'A'.repeat(6_000), '%00%ff'),
  fc.string({ minLength: 1, maxLength: 1_500 }).map((text) => encoded(text)),
  fc
    .array(fc.tuple(fc.stringMatching(/^[0-7][0-9a-z]{25}$/), fc.nat()), { maxLength: 20 })
    .map((orders) => encoded(orders.map(([id, n]) => `use1_${id}.${n}.${n}`).join(' '))),
)

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}

const breakOf = (among: Readonly<Record<string, unknown>>) =>
  fc.record({
    how: fc.constantFrom(...Object.keys(among)),
    place: fc.nat(40),
    pick: fc.nat(10_000),
  })

const breaks = fc.oneof(
  { weight: 480, arbitrary: fc.array(breakOf(cheapBreakers), { minLength: 1, maxLength: 3 }) },
  { weight: 270, arbitrary: fc.constant([]) },
  { weight: 14, arbitrary: fc.tuple(breakOf(dearBreakers)) },
  { weight: 1, arbitrary: fc.tuple(breakOf(dearestBreakers)) },
)

export function callCases({ known }: Pick<Ground, 'known'>): fc.Arbitrary<CallCase> {
  const inputs = new Map(procedures.map(({ path, input }) => [path, validInput(input, known)]))
  return fc.constantFrom(...procedures).chain(({ path }) =>
    fc.record({
      kind: fc.constant('call' as const),
      path: fc.constant(path),
      caller: fc.constantFrom(...callerNames),
      input: inputs.get(path) ?? fc.constant(null),
      breaks,
      text: seldom(fc.constantFrom(...Object.keys(textBreakers)), null),
      way: seldom(fc.constantFrom(...ways), 'as it should be' as const),
      contentType: seldom(fc.constantFrom(...contentTypes), usualType),
      seen: seldom(seenTokens, null),
    }),
  )
}

/** Sixteen times as often what is usual. */
function seldom<Odd, Usual>(odd: fc.Arbitrary<Odd>, usual: Usual): fc.Arbitrary<Odd | Usual> {
  return fc.oneof(
    { weight: 16, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: odd as fc.Arbitrary<Odd | Usual> },
  )
}

/** A case as it goes over the wire, and what its answer must be. */
export type PreparedCall = {
  readonly request: Request
  /** By the schema itself: the fields that are wrong, or null when it takes the input. */
  readonly wrongFields: readonly string[] | null
  /** False when the rule lets the caller through and the schema takes the input. */
  readonly mustFail: boolean
  /** It may be a good wish after all, by somebody who may have it. */
  readonly mayChange: boolean
  readonly calls: number
  readonly mayHangUp: boolean
}

export function prepareCall(wish: CallCase, ground: Ground): PreparedCall {
  const procedure = procedureAt(wish.path)
  const bytes = inputBytes(wish, ground)
  const calls = wish.way === 'twice in a batch' ? 2 : 1
  const request = requestFor(wish, procedure, bytes)
  const mayHangUp = bytes.length * calls > limits.bodyBytesMax
  if (mayHangUp && wish.path !== 'admin.seatMaps.import') {
    return { request, calls, mayHangUp, wrongFields: null, mustFail: true, mayChange: false }
  }
  const read = parsed(bytes)
  const checked = read === undefined ? undefined : procedure.input.safeParse(read.json)
  const allowed = mayCall(procedure.rule, { caller: wish.caller, input: read?.json, ground })
  // In a batch, what is no JSON may still be some: "a comment" before it, or `}` in the middle.
  const readable = calls > 1 || wish.way === 'batch' ? bodyIsRead(bytes, calls) : true
  // Even a look, by one who runs the platform.
  const leavesATrace = procedure.rule.kind === 'role' && wish.caller === 'admin with a reason'
  const meant = readable && checked?.success === true && wish.way !== 'other method'
  return {
    request,
    calls,
    mayHangUp,
    wrongFields:
      checked?.success === false && isRead(wish, bytes)
        ? checked.error.issues.map(({ path }) => path.map(String).join('.'))
        : null,
    // What is given back twice is given back: an owner's call may do nothing, and say so.
    mustFail: !(meant && (allowed || procedure.rule.kind === 'owner')),
    mayChange: (procedure.type === 'mutation' || leavesATrace) && meant && allowed,
  }
}

/** Sent in the usual way, and not more than what is looked at field by field. */
function isRead({ contentType, way, text }: CallCase, bytes: Buffer): boolean {
  const count = (pattern: RegExp) => bytes.toString('latin1').match(pattern)?.length ?? 0
  const mayBeTooMuch =
    count(/[[{]/g) >= limits.jsonDepthMax || count(/,/g) >= limits.jsonValuesMax / 2
  return text === null && contentType === usualType && way !== 'other method' && !mayBeTooMuch
}

function procedureAt(path: string): Procedure {
  const procedure = procedures.find((each) => each.path === path)
  if (procedure === undefined) throw new Error(`there is no ${path}`)
  return procedure
}

function inputBytes({ input, breaks: broken, text }: CallCase, ground: Ground): Buffer {
  const root = treeOf(input)
  for (const { how, place, pick } of broken) {
    const places = placesIn(root)
    const at = places[place % places.length] ?? root
    breakers[how]?.({ root, place: at, pick, ids: ground.known.ids })
  }
  const bytes = bytesOf(root)
  return text === null ? bytes : (textBreakers[text]?.(bytes) ?? bytes)
}

type Asking = {
  readonly caller: CallerName
  readonly input: unknown
  readonly ground: Ground
}

/** By the declared rule. Whoever owns nothing but an account is refused what an owner may do. */
function mayCall(rule: AccessRule, { caller, input, ground }: Asking): boolean {
  if (rule.kind === 'public') return true
  if (caller === 'nobody') return false
  if (caller === 'machine') {
    return rule.kind === 'role' && rule.scope === 'catalogue:read' && isOwn({ input, ground })
  }
  switch (rule.kind) {
    case 'signed-in':
      return true
    case 'owner':
      return rule.of === 'account'
    case 'role':
      if (caller === 'admin with a reason') return true
      return caller === 'organiser' && isOwn({ input, ground })
    case 'platform-admin':
      return caller.startsWith('admin')
    default:
      return false
  }
}

function isOwn({ input, ground }: Pick<Asking, 'input' | 'ground'>): boolean {
  const named = (input as { organisation?: unknown } | null | undefined)?.organisation
  return named === ground.ownOrganisation
}

function requestFor(wish: CallCase, { path, type }: Procedure, bytes: Buffer): Request {
  const byQuery = (type === 'query') !== (wish.way === 'other method')
  const batch = wish.way === 'batch' || wish.way === 'twice in a batch'
  const paths = wish.way === 'twice in a batch' ? `${path},${path}` : path
  const body = batch ? batchBody(bytes, wish.way === 'batch' ? 1 : 2) : bytes
  const seen: Record<string, string> = wish.seen === null ? {} : { [seenHeader]: wish.seen }
  if (!byQuery) {
    return {
      method: 'POST',
      path: `/trpc/${paths}${batch ? '?batch=1' : ''}`,
      headers: { 'content-type': wish.contentType, ...seen },
      body,
    }
  }
  const query = `${batch ? 'batch=1&' : ''}input=${percentEncoded(body)}`
  return { method: 'GET', path: `/trpc/${paths}?${query}`, headers: seen }
}

function batchBody(bytes: Buffer, calls: number): Buffer {
  const members = Array.from({ length: calls }, (_, index) => [
    Buffer.from(`${index === 0 ? '{' : ','}"${index}":`),
    bytes,
  ])
  return Buffer.concat([...members.flat(), Buffer.from('}')])
}

function bodyIsRead(bytes: Buffer, calls: number): boolean {
  return parsed(batchBody(bytes, calls)) !== undefined
}

const headBytesMax = 64 * 1024

/** Byte for byte, so that what is no UTF-8 arrives as it is. */
function percentEncoded(bytes: Buffer): string {
  // Far beyond what a head may have; how far makes no difference.
  if (bytes.length > headBytesMax) return '0'.repeat(headBytesMax)
  return bytes.toString('latin1').replaceAll(/[^A-Za-z0-9._~-]/g, (letter) => {
    const code = letter.charCodeAt(0).toString(16).toUpperCase()
    return `%${code.padStart(2, '0')}`
  })
}
