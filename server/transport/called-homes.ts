/**
 * Which procedures a request calls that only an authority may do, and about events of which home
 * region: read from the raw request, as tRPC will read it. It trusts nothing of it: a wrong home
 * leads to a server that refuses. What cannot be read is left to the procedures, which refuse it.
 */
import type { WireCall } from '../gateways/region-calls/exchange.ts'
import type { RegionTable } from '../platform/regions.ts'
import { appRouter } from './routers/index.ts'
import type { Meta } from './trpc.ts'

export type CalledHomes = {
  readonly isBatch: boolean
  readonly isMutation: boolean
  readonly calls: readonly CalledProcedure[]
}

export type CalledProcedure = {
  readonly path: string
  readonly input: unknown
  /** The home region of the event; null: done wherever it arrives. */
  readonly home: string | null
}

type Kind = { readonly type: string; readonly isAtAuthority: boolean }
type Declared = { readonly _def: { readonly type: string; readonly meta: Meta } }

const kinds: ReadonlyMap<string, Kind> = new Map(
  // At run time the router is flat, though its type is not.
  Object.entries(appRouter._def.procedures as unknown as Record<string, Declared>).map(
    ([path, { _def }]) => [path, { type: _def.type, isAtAuthority: _def.meta.at === 'authority' }],
  ),
)

const methods: Readonly<Record<string, string>> = { GET: 'query', POST: 'mutation' }

/** @returns null where nothing in the request is about one region's sales */
export function calledHomes(wire: WireCall, regions: RegionTable): CalledHomes | null {
  const { pathname, searchParams } = new URL(wire.url, 'http://frontrow.internal')
  const isBatch = searchParams.get('batch') === '1'
  const paths = pathsOf(pathname, isBatch)
  const known = paths.map((path) => kinds.get(path))
  if (!known.some((kind) => kind?.isAtAuthority)) return null
  // tRPC refuses a batch of both types as a whole, and each call by the wrong method.
  const type = methods[wire.method]
  if (known.some((kind) => kind !== undefined && kind.type !== type)) return null
  const inputs = json(type === 'query' ? (searchParams.get('input') ?? '') : wire.body)
  const calls = paths.map((path, at) => {
    const input = isBatch ? fieldOf(inputs, String(at)) : inputs
    const home = known[at]?.isAtAuthority ? homeIn(input, regions) : null
    return { path, input, home }
  })
  if (calls.every(({ home }) => home === null)) return null
  return { isBatch, isMutation: type === 'mutation', calls }
}

/** As tRPC's adapter cuts and decodes them. */
function pathsOf(pathname: string, isBatch: boolean): string[] {
  const [, path = ''] = /^\/trpc\/?(.*?)\/?$/.exec(pathname) ?? []
  try {
    const decoded = decodeURIComponent(path)
    return isBatch ? decoded.split(',') : [decoded]
  } catch {
    return []
  }
}

function json(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const idFields = [
  ['event', 'evt'],
  ['order', 'ord'],
  ['hold', 'ord'],
  ['ticket', 'tkt'],
] as const

function homeIn(input: unknown, regions: RegionTable): string | null {
  for (const [field, type] of idFields) {
    const home = homeOf(type, fieldOf(input, field), regions)
    if (home !== null) return home
  }
  return homeOf('evt', eventOf(fieldOf(input, 'holdToken')), regions)
}

function homeOf(type: 'evt' | 'ord' | 'tkt', id: unknown, regions: RegionTable): string | null {
  return typeof id === 'string' ? regions.homeOf(type, id) : null
}

/** What a hold token says, whether it is one or not: the authority checks it. */
function eventOf(token: unknown): unknown {
  if (typeof token !== 'string') return undefined
  const payload = token.split('.', 2)[1] ?? ''
  return fieldOf(json(Buffer.from(payload, 'base64url').toString()), 'event')
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}
