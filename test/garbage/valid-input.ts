/**
 * Inputs that a zod schema takes, drawn from the schema itself; what only looks right is fine too,
 * because each case is judged by the schema again before it is sent. A kind of schema that is
 * unknown here is an error, so that no field of a new procedure is silently left out.
 */
import fc from 'fast-check'
import type { z } from 'zod'
import { idPatterns } from '../../server/platform/ids.ts'
import type { Json } from './json-tree.ts'
import { oddWords } from './odd-words.ts'

/** What generated inputs may speak of. */
export type Known = {
  /** Ids by their type: of nothing, and of real things that belong to somebody. */
  readonly ids: Readonly<Record<string, readonly string[]>>
  /** What a field of this name means in good faith, so that calls get far before they are refused. */
  readonly words: Readonly<Record<string, readonly Json[]>>
}

type Def = {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly items?: readonly z.ZodType[]
  readonly options?: readonly z.ZodType[]
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly keyType?: z.ZodType
  readonly valueType?: z.ZodType
  readonly entries?: Readonly<Record<string, string | number>>
  readonly values?: readonly Json[]
  readonly left?: z.ZodType
  readonly getter?: () => z.ZodType
}
type Check = {
  readonly check?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly length?: number
  readonly value?: number
  readonly format?: string
  readonly pattern?: RegExp
}
type Bounds = {
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly format: string | undefined
  readonly pattern: RegExp | undefined
}

type Drawn = fc.Arbitrary<Json>

export function validInput(schema: z.ZodType, known: Known): Drawn {
  return draw({ schema, known, field: '' })
}

/** A schema with a format is its own check; what was added to it stands in `checks`. */
function boundsOf(schema: z.ZodType): Bounds {
  const def = schema._zod.def as unknown as Check & {
    readonly checks?: readonly z.core.$ZodCheck[]
  }
  const checks = [def, ...(def.checks ?? []).map(({ _zod }) => _zod.def as unknown as Check)]
  const found = (pick: (check: Check) => number | undefined) =>
    checks.map(pick).find((value) => value !== undefined)
  const limit = (name: string) => found(({ check, value }) => (check === name ? value : undefined))
  return {
    minimum: found(({ minimum, length }) => minimum ?? length) ?? limit('greater_than'),
    maximum: found(({ maximum, length }) => maximum ?? length) ?? limit('less_than'),
    format: checks
      .map(({ format }) => format)
      .find((name) => name !== undefined && name !== 'regex'),
    pattern: checks.map(({ pattern }) => pattern).find((pattern) => pattern !== undefined),
  }
}

type Asked = { readonly schema: z.ZodType; readonly known: Known; readonly field: string }

function draw(asked: Asked): Drawn {
  const def = asked.schema._zod.def as unknown as Def
  const inner = (schema: z.ZodType | undefined) => {
    if (schema === undefined) throw new Error(`a ${def.type} without its inner schema`)
    return draw({ ...asked, schema })
  }
  switch (def.type) {
    case 'object':
      return drawObject(asked, def)
    case 'array':
      return drawList(asked, inner(def.element))
    case 'tuple':
      return fc.tuple(...(def.items ?? []).map(inner)) as Drawn
    case 'record':
      return fc.dictionary(inner(def.keyType) as fc.Arbitrary<string>, inner(def.valueType), {
        maxKeys: 4,
        noNullPrototype: true,
      })
    case 'union':
      return fc.oneof(...(def.options ?? []).map(inner))
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries ?? {}))
    case 'literal':
      return fc.constantFrom(...(def.values ?? []))
    case 'nullable':
      return fc.oneof({ weight: 4, arbitrary: inner(def.innerType) }, fc.constant(null))
    case 'pipe':
      return inner(def.in)
    case 'lazy':
      return inner(def.getter?.())
    case 'intersection':
      return inner(def.left)
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'catch':
    case 'readonly':
      return inner(def.innerType)
    default:
      return drawScalar(asked, def.type)
  }
}

function drawScalar(asked: Asked, type: string): Drawn {
  switch (type) {
    case 'string':
      return drawText(asked)
    case 'number':
    case 'int':
      return drawNumber(asked)
    case 'boolean':
      return fc.boolean()
    case 'null':
    case 'undefined':
    case 'void':
      return fc.constant(null)
    case 'any':
    case 'unknown':
      return fc.jsonValue({ maxDepth: 2 }) as Drawn
    default:
      throw new Error(`the walk cannot draw a ${type} (field ${asked.field}): teach it here`)
  }
}

function drawObject({ known, schema }: Asked, { shape = {} }: Def): Drawn {
  const fields = Object.entries(shape).map(
    ([field, part]) => [field, draw({ schema: part, known, field })] as const,
  )
  const requiredKeys = Object.entries(shape)
    .filter(([, part]) => part._zod.optin !== 'optional')
    .map(([field]) => field)
  if (fields.length === 0) return fc.constant({})
  void schema
  return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true })
}

function drawList({ schema }: Asked, element: Drawn): Drawn {
  const { minimum = 0, maximum = 1_000 } = boundsOf(schema)
  return fc.array(element, { minLength: minimum, maxLength: Math.min(maximum, minimum + 4) })
}

function drawNumber({ schema, known, field }: Asked): Drawn {
  const { minimum, maximum, format } = boundsOf(schema)
  const [min, max] = [minimum ?? Number.MIN_SAFE_INTEGER, maximum ?? Number.MAX_SAFE_INTEGER]
  const edges = [min, max, 0, 1, -1, 2 ** 31, 2 ** 31 - 1, -(2 ** 31) - 1, 2 ** 53 - 1, -0]
  const whole = format?.includes('int') === true
  const within = [...new Set(edges)].filter((edge) => edge >= min && edge <= max)
  const small = fc.integer({ min: Math.max(min, -2), max: Math.max(min, Math.min(max, 99)) })
  return fc.oneof(
    ...wordsFor(known, field),
    small,
    fc.constantFrom(...within),
    whole ? small : fc.double({ min, max, noNaN: true }),
  )
}

const day = '2027-05-01'
const byFormat: Readonly<Record<string, readonly string[]>> = {
  datetime: [`${day}T18:00:00Z`, '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999+14:00'],
  date: [day],
  time: ['18:00:00'],
  email: ['nobody@example.test', 'a+b@example.test'],
  url: ['https://example.test/', 'javascript:alert(1)', 'http://169.254.169.254/'],
  uuid: ['00000000-0000-4000-8000-000000000000'],
  base64: ['', 'AA==', Buffer.from('section,row\n').toString('base64')],
  base64url: ['', 'AA'],
  jwt: ['eyJhbGciOiJub25lIn0.e30.'],
  ipv4: ['127.0.0.1'],
  ipv6: ['::1'],
}

function drawText({ schema, known, field }: Asked): Drawn {
  const { minimum = 0, maximum = 10_000, format, pattern } = boundsOf(schema)
  const idType = Object.entries(idPatterns).find(([, each]) => each.source === pattern?.source)?.[0]
  if (idType !== undefined) return fc.constantFrom(...(known.ids[idType] ?? []))
  const samples = byFormat[format ?? '']
  const words = wordsFor(known, field)
  if (samples !== undefined) return fc.oneof(...words, fc.constantFrom(...samples))
  const matching = pattern === undefined ? null : matchingText(pattern, { minimum, maximum })
  if (matching !== null) return fc.oneof(...words, matching)
  const fitting = oddWords.map((word) => word.padEnd(minimum, 'x').slice(0, maximum))
  return fc.oneof(
    ...words,
    fc.constantFrom(...fitting),
    fc.string({ minLength: minimum, maxLength: Math.min(maximum, minimum + 20), unit: 'binary' }),
    fc.string({ minLength: minimum, maxLength: Math.min(maximum, minimum + 40), unit: 'grapheme' }),
    fc.constant('x'.repeat(Math.min(maximum, 10_000))),
  )
}

/** Null for free text, "anything but": the odd words break that, or they don't. */
function matchingText(
  pattern: RegExp,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): Drawn | null {
  // A pattern of single characters matches its own repetition; others say their length themselves.
  const fitted = (text: string) =>
    text === '' ? text : text.padEnd(minimum, text).slice(0, maximum)
  try {
    if (pattern.source.startsWith('^[^')) return null
    return fc.stringMatching(pattern, { size: 'small' }).map(fitted)
  } catch {
    return null
  }
}

/** Three times as often as anything else: what gets far finds more. */
function wordsFor({ words }: Known, field: string): { weight: number; arbitrary: Drawn }[] {
  const known = words[field]
  return known === undefined || known.length === 0
    ? []
    : [{ weight: 9, arbitrary: fc.constantFrom(...known) }]
}
