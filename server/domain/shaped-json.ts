/**
 * Reads a JSON text of a known shape and tells line, column and path of everything that does not
 * fit. It streams: an object is handed over when it closes and is then forgotten, so that memory
 * does not grow with the file. Knows nothing of seat maps.
 */
import { printParseErrorCode, visit } from 'jsonc-parser'
import { present } from '../platform/assert.ts'
import {
  addFault,
  addFinalFault,
  type FaultList,
  isOverfull,
  type Position,
  quoted,
  type SeatMapFaultCode,
} from './seat-map-fault.ts'
import { jsonMaxDepth } from './seat-map-limits.ts'

export type Shape = {
  readonly name: string
  readonly fields: Readonly<Record<string, FieldRule>>
}

type FieldRule = {
  readonly type: 'string' | 'number' | 'boolean' | 'array'
  readonly optional?: true
  /** What an array's items are. */
  readonly items?: Shape
}

export type ReadField = Position & {
  /** Absent for an array, whose items were handed over before. */
  readonly value?: string | number | boolean
  /** Of an array: how many items stood in it, good or bad. */
  readonly items: number
}

export type ReadObject = Position & {
  readonly shape: Shape
  readonly path: string
  /** The names of the fields that were there, of whatever type. */
  readonly seen: readonly string[]
  /** The fields that were there and of the right type. */
  readonly fields: ReadonlyMap<string, ReadField>
}

export type ShapeListener = {
  /** An object begins. @returns false to end the reading. */
  readonly onBegin: (shape: Shape, place: Position & { readonly path: string }) => boolean
  readonly onEnd: (object: ReadObject) => boolean
}

/** Faults go to `faults`; the text was read to its end if no fault says otherwise. */
export function readShapedJson(
  text: string,
  root: Shape,
  context: { readonly faults: FaultList; readonly listener: ShapeListener },
): void {
  const reader = new ShapedJsonReader(root, context.faults, context.listener)
  try {
    visit(text, reader.visitor(), { disallowComments: true, allowTrailingComma: false })
  } catch (error) {
    if (!(error instanceof ReadingEnded)) throw error
  }
}

/** The parser has no other way to be stopped from within than an exception. */
class ReadingEnded extends Error {}

type Frame =
  | { readonly kind: 'skipped' }
  | {
      readonly kind: 'array'
      readonly shape: Shape
      readonly at: Position
      readonly path: string
      items: number
    }
  | {
      readonly kind: 'object'
      readonly shape: Shape
      readonly at: Position
      readonly path: string
      readonly seen: string[]
      readonly fields: Map<string, ReadField>
      key: string
      rule: FieldRule | undefined
    }

type Given = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** What the shape wants at the place that the parser has reached; undefined: whatever, it is skipped. */
type Wanted = { readonly type: Given; readonly shape?: Shape } | undefined

class ShapedJsonReader {
  readonly #root: Shape
  readonly #faults: FaultList
  readonly #listener: ShapeListener
  readonly #frames: Frame[] = []

  constructor(root: Shape, faults: FaultList, listener: ShapeListener) {
    this.#root = root
    this.#faults = faults
    this.#listener = listener
  }

  visitor(): Parameters<typeof visit>[1] {
    return {
      onObjectBegin: (...token) => this.#begin('object', positionOf(token)),
      onArrayBegin: (...token) => this.#begin('array', positionOf(token)),
      onObjectEnd: () => this.#end(),
      onArrayEnd: () => this.#end(),
      onObjectProperty: (name, ...token) => this.#property(name, positionOf(token)),
      onLiteralValue: (value, ...token) => this.#literal(value, positionOf(token)),
      onError: (error, ...token) => this.#endAtSyntaxFault(error, positionOf(token)),
    }
  }

  #endAtSyntaxFault(error: number, at: Position): never {
    const why = syntaxFaults[printParseErrorCode(error)] ?? 'something else is expected'
    const message = `This is not JSON: ${why} here.`
    addFinalFault(this.#faults, { ...at, code: 'not-json', message })
    throw new ReadingEnded()
  }

  #begin(given: 'object' | 'array', at: Position): void {
    if (this.#frames.length >= jsonMaxDepth) {
      const message = `This is nested deeper than ${jsonMaxDepth} levels.`
      addFinalFault(this.#faults, { ...at, path: this.#path(), code: 'not-json', message })
      throw new ReadingEnded()
    }
    const wanted = this.#arrive()
    const shape = wanted?.shape
    if (!this.#fits(wanted, given, at) || shape === undefined) {
      this.#frames.push({ kind: 'skipped' })
      return
    }
    if (given === 'array') {
      this.#frames.push({ kind: 'array', shape, at, path: this.#path(), items: 0 })
      return
    }
    const path = this.#path()
    const fields = new Map<string, ReadField>()
    this.#frames.push({
      kind: 'object',
      shape,
      at,
      path,
      seen: [],
      fields,
      key: '',
      rule: undefined,
    })
    if (!this.#listener.onBegin(shape, { line: at.line, column: at.column, path }))
      throw new ReadingEnded()
  }

  #end(): void {
    const frame = present(this.#frames.pop(), 'the frame of what ends')
    if (frame.kind === 'array') this.#keep({ ...frame.at, items: frame.items })
    if (frame.kind !== 'object') return
    const { shape, at, path, seen, fields } = frame
    for (const [name, rule] of Object.entries(shape.fields)) {
      if (rule.optional || seen.includes(name)) continue
      const message = `This ${shape.name} has no field ${quoted(name)}. Add it.`
      this.#add({ ...at, path, code: 'missing-field', message })
    }
    if (!this.#listener.onEnd({ line: at.line, column: at.column, shape, path, seen, fields }))
      throw new ReadingEnded()
  }

  #property(name: string, at: Position): void {
    const frame = this.#frames.at(-1)
    if (frame?.kind !== 'object') return
    frame.key = name
    const { shape } = frame
    const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
    frame.rule = frame.seen.includes(name) ? undefined : known
    if (known === undefined) {
      const names = Object.keys(shape.fields).join(', ')
      this.#fault(
        'unknown-field',
        at,
        `A ${shape.name} has no field ${quoted(name)}, only ${names}.`,
      )
    } else if (frame.rule === undefined) {
      this.#fault('duplicate-field', at, `This ${shape.name} has ${quoted(name)} twice. Leave one.`)
    }
    if (known !== undefined) frame.seen.push(name)
  }

  #literal(value: unknown, at: Position): void {
    const given = value === null ? 'null' : (typeof value as Given)
    if (!this.#fits(this.#arrive(), given, at)) return
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      this.#keep({ line: at.line, column: at.column, value, items: 0 })
    }
  }

  /** A value begins: counts it when it is an item, and says what is wanted here. */
  #arrive(): Wanted {
    const frame = this.#frames.at(-1)
    if (frame === undefined) return { type: 'object', shape: this.#root }
    if (frame.kind === 'skipped') return undefined
    if (frame.kind === 'array') {
      frame.items += 1
      return { type: 'object', shape: frame.shape }
    }
    if (frame.rule === undefined) return undefined
    const { type, items } = frame.rule
    return items === undefined ? { type } : { type, shape: items }
  }

  #fits(wanted: Wanted, given: Given, at: Position): boolean {
    if (wanted === undefined) return false
    if (wanted.type === given) return true
    this.#fault('wrong-type', at, `Here must be ${inWords[wanted.type]}, not ${inWords[given]}.`)
    return false
  }

  #keep(field: ReadField): void {
    const frame = this.#frames.at(-1)
    if (frame?.kind === 'object') frame.fields.set(frame.key, field)
  }

  /** Of the value that the parser has reached. */
  #path(): string {
    const frame = this.#frames.at(-1)
    if (frame?.kind === 'array') return `${frame.path}[${frame.items - 1}]`
    if (frame?.kind === 'object')
      return frame.path === '' ? frame.key : `${frame.path}.${frame.key}`
    return ''
  }

  #fault(code: SeatMapFaultCode, at: Position, message: string): void {
    this.#add({ ...at, path: this.#path(), code, message })
  }

  #add(fault: Parameters<typeof addFault>[1]): void {
    addFault(this.#faults, fault)
    if (isOverfull(this.#faults)) throw new ReadingEnded()
  }
}

/** The parser tells offset, length, line and column of a token, the latter two from 0. */
type Token = readonly [number, number, number, number, ...unknown[]]

function positionOf([, , line, character]: Token): Position {
  return { line: line + 1, column: character + 1 }
}

const inWords: Record<Given, string> = {
  object: 'an object {…}',
  array: 'a list […]',
  string: 'a text in quotes',
  number: 'a number without quotes',
  boolean: 'true or false',
  null: 'null',
}

/** By the parser's own names for them. */
const syntaxFaults: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a word that JSON does not know stands',
  InvalidNumberFormat: 'a number is malformed',
  PropertyNameExpected: 'a field name in double quotes is expected (is there a comma too many?)',
  ValueExpected: 'a value is expected (is there a comma too many?)',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'the value has ended and nothing more may stand',
  InvalidCommentToken: 'JSON has no comments, but one begins',
  UnexpectedEndOfComment: 'JSON has no comments, but one begins',
  UnexpectedEndOfString: 'a text in quotes is not closed',
  UnexpectedEndOfNumber: 'a number is cut short',
  InvalidUnicode: 'an escape \\u without four hexadecimal digits stands',
  InvalidEscapeCharacter: 'an escape that JSON does not know stands',
  InvalidCharacter: 'an unescaped control character stands',
}
