/**
 * Ways to spoil a good input. Each takes the tree and one place in it and writes something there
 * that nobody can mean; `pick` chooses among what a breaker knows, so that a case is plain data.
 */
import { idPatterns } from '../../server/platform/ids.ts'
import { become, type Node, placesIn, type Raw, raw, removeFrom } from './json-tree.ts'
import { oddWords } from './odd-words.ts'

export type Target = {
  readonly root: Node
  readonly place: Node
  readonly pick: number
  /** Ids by their type, to be put where they don't belong. */
  readonly ids: Readonly<Record<string, readonly string[]>>
}

export type Breaker = (target: Target) => void

const one = <Item>(items: readonly Item[], pick: number): Item => {
  const item = items[pick % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const swap =
  (texts: readonly Raw[]): Breaker =>
  ({ place, pick }) =>
    become(place, raw(one(texts, pick)))

const otherTypes = [
  'null',
  'true',
  'false',
  '0',
  '"text"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"length":1}',
  '{"valueOf":1,"toString":2}',
  '{"then":{}}',
  '{"toJSON":"x"}',
]

const numbers = [
  '-1',
  '-0',
  '0',
  '0.1',
  '1.5',
  '-2147483649',
  '2147483648',
  '4294967296',
  '9007199254740992',
  '9007199254740993',
  '9223372036854775808',
  '1e21',
  '1e308',
  '1e309',
  '-1e309',
  '1e-400',
  '1E3',
  '"1e3"',
  '"5"',
  '" 5 "',
  '"0x10"',
  '"Infinity"',
  '"NaN"',
  `1${'0'.repeat(400)}`,
  `0.${'3'.repeat(400)}`,
]

/** Texts that no JSON parser may take. */
const noNumbers = ['NaN', 'Infinity', '-Infinity', '01', '0x10', '1_000', '+1', '.5', '1.', '1e']

const moneys = [
  '12.5',
  '0.1',
  '"12.50"',
  '"EUR 12"',
  '{"amount":1.5,"currency":"EUR"}',
  '{"amount":5,"currency":"EUR","currency":"USD"}',
  '[5,"EUR"]',
  '-5000',
  '99999999999999999',
]
const currencies = ['"eur"', '"EURO"', '"€"', '"XXX"', '"E\\u0000R"', '["EUR","USD"]', '"ΕUR"']

const bytes = (...values: number[]) =>
  Buffer.concat([Buffer.from('"x'), Buffer.from(values), Buffer.from('"')])

/** As escapes, and as bytes that are no UTF-8: a surrogate, an overlong slash, a cut sequence. */
const texts: readonly Raw[] = [
  ...oddWords.map((word) => JSON.stringify(word)),
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  bytes(0xed, 0xa0, 0x80),
  bytes(0xed, 0xb0, 0x80),
  bytes(0xc0, 0xaf),
  bytes(0xff, 0xfe),
  bytes(0xf4, 0x90, 0x80, 0x80),
  bytes(0xe2, 0x82),
  bytes(0x00),
  bytes(0x0a),
  bytes(0x7f),
  '"\\x41"',
  '"\\u12"',
  '"open',
]

const extraFields: readonly [Raw, Raw][] = [
  ['"price"', '1'],
  ['"total"', '0'],
  ['"status"', '"paid"'],
  ['"state"', '"published"'],
  ['"userId"', '"usr_use1_01j8zzzzzzzzzzzzzzzzzzzzzz"'],
  ['"buyer"', '"demo:bob"'],
  ['"role"', '"owner"'],
  ['"admin"', 'true'],
  ['"platformAdmin"', 'true'],
  ['"verified"', 'true'],
  ['"region"', '"eu-west1"'],
  ['"epoch"', '99'],
  ['"__proto__"', '{"admin":true,"role":"owner"}'],
  ['"constructor"', '{"prototype":{"admin":true}}'],
  ['"prototype"', '{"admin":true}'],
  ['"__defineGetter__"', '1'],
  ['"hasOwnProperty"', '1'],
  ['"toString"', 'null'],
  ['""', '1'],
  ['"\\u0000"', '1'],
  ['"\\ud800"', '1'],
  ['"$where"', '"1"'],
  ['"<img src=x>"', '1'],
  [`"${'k'.repeat(5_000)}"`, '1'],
]

const lengths = [0, 1, 7, 41, 101, 201, 255, 256, 257, 501, 10_001, 16_385]
const manyBytes = [100_000, 260_000, 300_000]

const longText = (length: number) => Buffer.concat([quote, Buffer.alloc(length, 'z'), quote])
const quote = Buffer.from('"')

const list = (length: number, item: string) => `[${Array(length).fill(item).join(',')}]`

const nested = (depth: number, [open, close]: readonly [string, string]) =>
  open.repeat(depth) + (open.endsWith(':') ? '0' : '') + close.repeat(depth)

const brackets = ['[', ']'] as const
const braces = ['{"a":', '}'] as const

/** Common: short texts, answered in a moment. */
export const cheapBreakers: Readonly<Record<string, Breaker>> = {
  'another type': swap(otherTypes),
  'a number': swap(numbers),
  'no number': swap(noNumbers),
  money: swap(moneys),
  currency: swap(currencies),
  'odd text': swap(texts),
  'a length': ({ place, pick }) => become(place, raw(longText(one(lengths, pick)))),
  missing: ({ root, place }) => {
    if (!removeFrom(root, place)) become(root, raw(''))
  },
  'wrapped in a list': ({ place }) => become(place, { kind: 'array', items: [{ ...place }] }),
  'wrapped in an object': ({ place }) =>
    become(place, { kind: 'object', members: [{ key: '"value"', value: { ...place } }] }),
  'an extra field': ({ root, place, pick }) => {
    const [key, value] = one(extraFields, pick)
    objectAt(root, place).members.push({ key, value: raw(value) })
  },
  'a doubled key': ({ root, place, pick }) => {
    const { members } = objectAt(root, place)
    const key = members[pick % Math.max(1, members.length)]?.key ?? '"key"'
    const member = { key, value: raw(one(otherTypes, pick)) }
    if (pick % 2 === 0) members.push(member)
    else members.unshift(member)
  },
  'a renamed key': ({ root, place, pick }) => {
    const { members } = objectAt(root, place)
    const member = members[pick % Math.max(1, members.length)]
    if (member === undefined) return
    const key = member.key.toString()
    member.key = one(
      [key.toUpperCase(), key.replace('"', '" '), key.replace('"', '"\\u200b')],
      pick,
    )
  },
  'another id': ({ place, pick, ids }) => {
    const all = Object.values(ids).flat()
    become(place, raw(JSON.stringify(one(all, pick))))
  },
  'a look-alike': ({ place, pick }) => {
    const text = place.kind === 'raw' && place.was === 'string' ? place.text.toString() : '"a"'
    become(place, raw(one(lookAlikes, pick)(text)))
  },
  'some depth': swap([nested(40, brackets), nested(40, braces), nested(150, brackets)]),
}

const lookAlikes: readonly ((quoted: string) => string)[] = [
  (quoted) => quoted.toUpperCase(),
  (quoted) => quoted.replace(/"$/, ' "'),
  (quoted) => quoted.replace(/"$/, '\\n"'),
  (quoted) => quoted.replace(/"$/, '\\u0000"'),
  (quoted) => quoted.replace(/^"/, '"\\ufeff'),
  (quoted) => quoted.replace('o', 'о').replace('e', 'е').replace('a', 'а'),
  (quoted) => quoted.replace(/0/g, 'O').replace(/1/g, 'l'),
  (quoted) => quoted.replace('_', '＿'),
  (quoted) => quoted.replace(/.(?="$)/, '{'),
  (quoted) => quoted.slice(0, -2).concat('"'),
  (quoted) => quoted.replace('"', '"%00'),
]

/** Rare: hundreds of kilobytes. */
export const dearBreakers: Readonly<Record<string, Breaker>> = {
  'a long text': ({ place, pick }) => become(place, raw(longText(one(manyBytes, pick)))),
  'a long list': ({ place, pick }) =>
    become(place, raw(list(100_000, one(['0', '1', '[', '{'], pick % 2)))),
  'a list of texts': swap([list(50_000, '"a"'), list(20_000, 'null'), list(60_000, '{}')]),
  'great depth': swap([nested(10_000, brackets), nested(10_000, braces), '['.repeat(100_000)]),
  'many fields': ({ root, place }) => {
    const { members } = objectAt(root, place)
    for (let index = 0; index < 10_000; index += 1) {
      members.push({ key: `"f${index}"`, value: raw('1') })
    }
  },
  'a long key': ({ root, place }) =>
    void objectAt(root, place).members.push({ key: longText(200_000), value: raw('1') }),
}

/** Very rare: megabytes. */
export const dearestBreakers: Readonly<Record<string, Breaker>> = {
  'ten megabytes': ({ place }) => become(place, raw(longText(10_000_000))),
  'a million items': ({ place }) => become(place, raw(list(1_000_000, '0'))),
  'thirty megabytes': ({ place }) => become(place, raw(longText(30_000_000))),
}

/** What spoils the whole text of a body. */
export const textBreakers: Readonly<Record<string, (whole: Buffer) => Buffer>> = {
  'half of it': (whole) => whole.subarray(0, whole.length / 2),
  'without its end': (whole) => whole.subarray(0, -1),
  'with a tail': (whole) => Buffer.concat([whole, Buffer.from('}')]),
  twice: (whole) => Buffer.concat([whole, whole]),
  'single quotes': (whole) => Buffer.from(whole.toString('latin1').replaceAll('"', "'"), 'latin1'),
  'a comment': (whole) => Buffer.concat([Buffer.from('/**/'), whole]),
  'a trailing comma': (whole) => Buffer.concat([whole.subarray(0, -1), Buffer.from(',}')]),
  'a byte order mark': (whole) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), whole]),
  'two bytes a letter': (whole) => Buffer.from(whole.toString('utf8'), 'utf16le'),
  'NUL at the end': (whole) => Buffer.concat([whole, Buffer.from([0])]),
  nothing: () => Buffer.alloc(0),
  space: () => Buffer.from('   '),
  undefined: () => Buffer.from('undefined'),
  'a form': () => Buffer.from('event=1&key=2'),
  xml: () => Buffer.from('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
  'JSON in JSON': (whole) => Buffer.from(JSON.stringify(whole.toString('utf8'))),
  'a batch': (whole) => Buffer.concat([Buffer.from('{"0":'), whole, Buffer.from('}')]),
  'raw bytes': () => Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
}

type ObjectNode = Extract<Node, { kind: 'object' }>

/** The place itself, else the first object in the tree; a tree without one becomes one. */
function objectAt(root: Node, place: Node): ObjectNode {
  if (place.kind === 'object') return place
  const first = placesIn(root).find((node): node is ObjectNode => node.kind === 'object')
  if (first !== undefined) return first
  become(root, { kind: 'object', members: [] })
  return root as ObjectNode
}

/** Well-formed, and of nothing. */
export const idsOfNothing: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(idPatterns).map(([type, pattern]) => {
    const suffix = '01j8zzzzzzzzzzzzzzzzzzzzzz'
    const all = ['use1_', 'euw1_', 'zzz9_', 'a0_', ''].flatMap((region) => [
      `${type}_${region}${suffix}`,
      `${type}_${region}${suffix}_0`,
      `${type}_${region}${suffix}_999999`,
    ])
    return [type, all.filter((id) => pattern.test(id))]
  }),
)
