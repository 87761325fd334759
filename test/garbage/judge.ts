/**
 * What any answer must be, whatever was sent: a listed refusal or a fault that names its field,
 * short, without a word of how the server is made, and never a fault of the server's own.
 */
import { refusals } from '../../server/domain/refusal.ts'
import type { Answer } from './send.ts'

export type Expected = {
  /** The fields that are wrong by the schema; null: none, or the text was no JSON. */
  readonly wrongFields: readonly string[] | null
  readonly mustFail: boolean
  /** Too large, or no HTTP: an answer may be lost when the server stops reading. */
  readonly mayHangUp: boolean
  /** Calls in the request. */
  readonly calls: number
}

/** One refusal is a few sentences; twenty named fields are the longest of them. */
const refusalCharactersMax = 4_000
/** A list of faults of a whole file may be longer. */
const longRefusals: Readonly<Record<string, number>> = {
  SEAT_MAP_FAULTY: 40_000,
  BAD_INPUT: 12_000,
}

const leaks: readonly (readonly [string, RegExp])[] = [
  ['a stack', /\bat [^"]{0,200}:\d+:\d+|\.(ts|js|mjs|cjs):\d+/],
  ['a path of ours', /node_modules|\/(server|home|usr|var|tmp|work|etc\/ssl)\//],
  ['SQL', /\bselect\b.{1,400}\bfrom\b|\binsert into\b|\bupdate\b.{1,200}\bset\b|\breturning\b/i],
  [
    'the database',
    /violates|duplicate key|relation \\"|syntax error at|byte sequence|out of range for type/,
  ],
  [
    'an error of the language',
    /\b(Type|Syntax|Range|Reference|Zod|Aggregate)Error\b|Cannot read|is not a function|Unexpected (token|end|non-whitespace)|is not valid JSON/,
  ],
  [
    'a library',
    /\b(zod|kysely|postgres\w*|ioredis|fastify|trpc|undici|better-auth|nodemailer|jose)\b/i,
  ],
  ['an address', /ECONN\w+|ENOENT|EPIPE|127\.0\.0\.1:\d+/],
  ['what was sent', /(.)\1{63}/],
  ['a prototype', /\[object Object\]/],
]

/** For what is no call: anything but a server error, and nothing that tells how we are made. */
export function faultsOfAny(answer: Answer): string[] {
  if ('closed' in answer) return []
  const { status, text } = answer
  // What was done may repeat what was asked for.
  const told = status < 300 ? [] : leaks.filter(([, pattern]) => pattern.test(text))
  const faults = told.map(([what]) => `tells ${what}`)
  if (status >= 500 || status < 200) faults.push(`status ${status}`)
  // All was sent at once: the server has forgotten to read it, or what came before it.
  if (status === 408) faults.push('was waited for')
  if (answer.headers['server'] !== undefined) faults.push('names its server')
  if (answer.headers['x-powered-by'] !== undefined) faults.push('names its maker')
  return faults
}

/** For a refusal of a plain route, or before a call was reached. */
export function faultsOfRefusal(answer: Answer): string[] {
  if ('closed' in answer) return []
  const faults = faultsOfAny(answer)
  if (answer.status < 400 || isParserAnswer(answer)) return faults
  const body = bodyOf(answer)
  const results: unknown[] = Array.isArray(body) ? body : [body]
  const refused = results.filter((result) => results.length === 1 || hasError(result))
  return [...faults, ...refused.flatMap((result) => faultsOfError(result, null))]
}

export function faultsOfCalls(answer: Answer, expected: Expected): string[] {
  if ('closed' in answer) return expected.mayHangUp ? [] : [`hung up: ${answer.closed}`]
  const faults = faultsOfAny(answer)
  if (isParserAnswer(answer)) return faults
  const body = bodyOf(answer)
  if (body === undefined) return [...faults, 'no JSON']
  // Too long an address says nothing of what is in it.
  const wrongFields = [408, 414, 431].includes(answer.status) ? null : expected.wrongFields
  const each = { mustFail: expected.mustFail, wrongFields }
  // A fault of the whole request is one answer, also to a batch.
  const results: unknown[] = Array.isArray(body) ? body : [body]
  if (Array.isArray(body) && results.length !== expected.calls) faults.push('answers missing')
  return [...faults, ...results.flatMap((result) => faultsOfResult(result, each))]
}

/** What is no HTTP is answered before anything of ours is asked. */
function isParserAnswer(answer: Exclude<Answer, { closed: string }>): boolean {
  if (![400, 408, 413, 414, 417, 431].includes(answer.status)) return false
  const told = bodyOf(answer) as { statusCode?: unknown } | undefined
  return answer.text.length < 200 && (answer.text === '' || told?.statusCode === answer.status)
}

function bodyOf(answer: Exclude<Answer, { closed: string }>): unknown {
  try {
    return JSON.parse(answer.text) as unknown
  } catch {
    return undefined
  }
}

function faultsOfResult(
  result: unknown,
  { mustFail, wrongFields }: Pick<Expected, 'mustFail' | 'wrongFields'>,
): string[] {
  if (!hasError(result)) return mustFail ? ['was done'] : []
  return faultsOfError(result, wrongFields)
}

function hasError(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'error' in result
}

type Refused = {
  readonly error?: {
    readonly message?: unknown
    readonly data?: {
      readonly refusal?: {
        readonly code?: unknown
        readonly message?: unknown
        readonly transient?: unknown
      } | null
      readonly issues?: readonly { readonly path?: unknown; readonly message?: unknown }[] | null
    }
  }
}

function faultsOfError(result: unknown, wrongFields: readonly string[] | null): string[] {
  const { refusal, issues } = (result as Refused)?.error?.data ?? {}
  const { code, message, transient } = refusal ?? {}
  if (typeof code !== 'string' || !Object.hasOwn(refusals, code)) return ['no listed refusal']
  const faults: string[] = []
  const length = JSON.stringify(result).length
  if (length > (longRefusals[code] ?? refusalCharactersMax)) faults.push(`${length} characters`)
  if (typeof message !== 'string' || message.length < 5 || message.length > 300) {
    faults.push('no sentence')
  }
  if (typeof transient !== 'boolean') faults.push('does not say whether to try again')
  if (code === 'BAD_INPUT' && wrongFields !== null && issues !== null && issues !== undefined) {
    const named = issues.map(({ path }) => path)
    if (!named.some((path) => wrongFields.includes(String(path)))) {
      faults.push(`names ${named.join(' ')}, not ${wrongFields.slice(0, 5).join(' ')}`)
    }
  }
  if (code === 'BAD_INPUT' && wrongFields !== null && !issues) faults.push('names no field')
  return faults
}

/** The code of the first refusal in an answer. */
export function codeIn(answer: Answer): string | undefined {
  if ('closed' in answer) return undefined
  const body = bodyOf(answer)
  const first: unknown = Array.isArray(body) ? body[0] : body
  const code = (first as Refused | undefined)?.error?.data?.refusal?.code
  return typeof code === 'string' ? code : undefined
}
