/**
 * What is no proper HTTP, or HTTP that two readers might read differently, byte for byte on a
 * socket. Each carries a write that its caller could do: were it ever taken for one, a row would
 * change.
 */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Ground } from './ground.ts'
import type { Exchange } from './send.ts'

export type WireCase = { readonly kind: 'wire'; readonly how: string; readonly pick: number }

type Part = Buffer | string
export type PreparedWire = Exchange & {
  /** Requests that may be answered; what was smuggled in must not be. */
  readonly answersMax: number
}
type Line = readonly [name: string, value: string]
type Bench = {
  readonly write: {
    readonly path: string
    readonly body: string
    readonly headers: readonly Line[]
  }
}
type Builder = (bench: Bench, pick: number) => Exchange & { readonly answersMax?: number }

const host: Line = ['host', 'frontrow.test']
const closing: Line = ['connection', 'close']
const json: Line = ['content-type', 'application/json']

function one<Item>(items: readonly Item[], pick: number): Item {
  const item = items[pick % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

function bytesOf(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

function head(requestLine: string, lines: readonly Line[]): string {
  return `${requestLine}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

const waiting = (...parts: Part[]): Exchange => ({ bytes: bytesOf(parts), afterwards: 'wait' })
const ended = (...parts: Part[]): Exchange => ({ bytes: bytesOf(parts), afterwards: 'end' })
const hungUp = (...parts: Part[]): Exchange => ({ bytes: bytesOf(parts), afterwards: 'hang up' })

/** The write with these lines instead of an honest length. */
function writeWith({ write }: Bench, lines: readonly Line[], body: Part): readonly Part[] {
  const all = [host, closing, json, ...write.headers, ...lines]
  return [head(`POST ${write.path} HTTP/1.1`, all), body]
}

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
}

/** The whole write as it would follow on one connection. */
function wholeWrite({ write }: Bench): string {
  const length: Line = ['content-length', String(Buffer.byteLength(write.body))]
  const lines = [host, json, closing, ...write.headers, length]
  return head(`POST ${write.path} HTTP/1.1`, lines) + write.body
}

const harmless = (target: string, lines: readonly Line[] = []) =>
  head(`GET ${target} HTTP/1.1`, [host, closing, ...lines])

const oddLengths = [
  '+5',
  '-1',
  '5, 6',
  '5,5',
  '0x5',
  '1e3',
  '5 6',
  'five',
  '99999999999999999999',
  '',
]
const oddEncodings = [
  'xchunked',
  'chunked, identity',
  'chunked, chunked',
  'chunked x',
  'gzip',
  '\x0bchunked',
  '"chunked"',
  'identity',
]
const oddChunks = [
  'zz\r\n{}\r\n0\r\n\r\n',
  '-1\r\n{}\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\n{}',
  '2\n{}\n0\n\n',
  '2\r\n{}0\r\n\r\n',
  '2;\x00=1\r\n{}\r\n0\r\n\r\n',
  '0x2\r\n{}\r\n0\r\n\r\n',
  ' 2\r\n{}\r\n0\r\n\r\n',
  '\r\n\r\n',
]
const requestLines = [
  'FOO /livez HTTP/1.1',
  'get /livez HTTP/1.1',
  'GET /livez HTTP/1.2',
  'GET /livez HTTP/2.0',
  'GET /livez HTTP/1.1x',
  'GET /livez http/1.1',
  'GET /livez',
  'GET  /livez HTTP/1.1',
  'GET\t/livez\tHTTP/1.1',
  ' GET /livez HTTP/1.1',
  'GET /li vez HTTP/1.1',
  'GET livez HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'TRACE /livez HTTP/1.1',
  'CONNECT frontrow.test:443 HTTP/1.1',
  'PROPFIND / HTTP/1.1',
  'PURGE /livez HTTP/1.1',
  'DELETE /trpc/events.list HTTP/1.1',
  'PUT /trpc/events.list HTTP/1.1',
  'PATCH /trpc/holds.place HTTP/1.1',
  'HEAD /trpc/events.list HTTP/1.1',
  'OPTIONS /trpc/holds.place HTTP/1.1',
  'M-SEARCH * HTTP/1.1',
  'PRI * HTTP/2.0',
]
const targets = [
  '/%2e%2e/%2e%2e/etc/passwd',
  '/trpc/../livez',
  '/trpc/%2e%2e/livez',
  '/trpc/%2e%2e%2fadmin',
  '/.well-known/../../package.json',
  '/.well-known/%00',
  '/%00',
  '/trpc/%00',
  '/trpc/events.list%00',
  '/trpc/events.list%zz',
  '/%',
  '/%ff%fe',
  '/\\..\\windows',
  '//livez',
  '//[',
  '///trpc/events.list',
  '/livez?%',
  '/livez#x',
  '/trpc',
  '/trpc/',
  '/trpc/,',
  '/trpc/,,,,',
  '/trpc/%2c%2c',
  '/trpc/events.list,?batch=1',
  '/trpc/a,b,c?batch=1&input={}',
  '/trpc/events..list',
  '/trpc/.events.list',
  '/trpc/__proto__',
  '/trpc/constructor.prototype',
  '/trpc/then',
  '/trpc/toString.call',
  '/trpc/hasOwnProperty',
  '/trpc/admin',
  '/trpc/_def.procedures',
  '/trpc/events.list?input=%ED%A0%80',
  '/trpc/events.list?input={"limit":1}&input={"limit":2}',
  '/trpc/events.list?input',
  '/trpc/events.list?input=%',
  '/trpc/events.list?batch=1',
  '/trpc/events.list?batch=1&input=[]',
  '/trpc/events.list?batch=1&input=null',
  '/trpc/events.list?batch=1&input={"1":{}}',
  '/trpc/events.list?batch=1&input={"__proto__":{}}',
  '/trpc/events.list?batch=2&input={}',
  '/trpc/events.list?batch[]=1',
  'http://evil.example/livez',
  'http://evil.example/trpc/events.list',
  'http://[/trpc/events.list',
  'ftp://x/livez',
  'evil.example:80',
  '*',
  '/development/token/../../livez',
  '/webhooks/stripe/',
  '/WEBHOOKS/STRIPE',
  '/livez/',
  '/metrics',
  '/admin',
  '/.env',
  '/.git/config',
]
const headerLines = [
  'x-a\0: b',
  'x-a: b\0c',
  'x-a : b',
  ' x-a: b',
  'x-a',
  ': b',
  'x-a: b\r\n folded',
  'x-a: b\rx-b: c',
  'x-\xff: b',
  'x-a: \xff\xfe',
  'x-a(b): c',
  `x-a: ${'b'.repeat(20_000)}`,
  `cookie: ${'a=b; '.repeat(5_000)}`,
  `${'x'.repeat(17_000)}: b`,
  'host: other.test',
  'authorization: Bearer a\r\nauthorization: Bearer b',
  'x-frontrow-region-call: a\r\nx-frontrow-region-call: b',
  'x-acting-reason: %',
  'x-acting-reason: %00%00%00%00%00%00%00%00%00%00',
  'x-request-id: <script>',
  'traceparent: 00-00000000000000000000000000000000-0000000000000000-ff',
  `traceparent: ${'0'.repeat(5_000)}`,
  'tracestate: \x01',
  `baggage: ${'k=v,'.repeat(2_000)}`,
  'x-forwarded-for: 999.999.999.999, __proto__, \\0',
  'forwarded: for="[::1'.concat(']"'),
  'if-none-match: *',
  'range: bytes=0-0,-1',
  'accept-encoding: gzip;q=nonsense',
  'origin: null',
  'origin: https://evil.example',
  'expect: 100-continue',
  'expect: the unexpected',
  'upgrade: websocket',
  'upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__',
  'content-encoding: gzip',
  'te: trailers, deflate',
]
const noHttp: readonly Buffer[] = [
  Buffer.from('16030100a5010000a10303', 'hex'),
  Buffer.from('PING\r\n'),
  Buffer.from('*1\r\n$4\r\nPING\r\n'),
  Buffer.from('0000000804d2162f', 'hex'),
  Buffer.from('SSH-2.0-OpenSSH_9.0\r\n'),
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('\r\n'.repeat(1_000)),
  Buffer.alloc(70_000, 'A'),
  Buffer.alloc(1_000),
  Buffer.from('{"event":1}'),
  Buffer.from([0xff, 0xfe, 0x47, 0x00]),
]

const builders: Readonly<Record<string, Builder>> = {
  'two ways to end a body': (bench, pick) => {
    const { body } = bench.write
    const length: Line = ['content-length', String(one([0, 5, body.length], pick))]
    const encoding: Line = ['transfer-encoding', one(['chunked', 'Chunked', 'identity'], pick >> 2)]
    const lines = pick % 2 === 0 ? [length, encoding] : [encoding, length]
    return waiting(...writeWith(bench, lines, one([body, chunked(body)], pick >> 4)))
  },
  'two lengths': (bench, pick) => {
    const { length } = bench.write.body
    const other = one([0, 1, length - 1, length + 1, 2 * length], pick)
    const lines: Line[] = [
      ['content-length', String(length)],
      ['content-length', String(other)],
    ]
    return waiting(...writeWith(bench, pick % 2 ? lines : lines.reverse(), bench.write.body))
  },
  'an odd length': (bench, pick) =>
    ended(...writeWith(bench, [['content-length', one(oddLengths, pick)]], bench.write.body)),
  'an odd encoding': (bench, pick) => {
    const encoding: Line = ['transfer-encoding', one(oddEncodings, pick)]
    return ended(...writeWith(bench, [encoding], chunked(bench.write.body)))
  },
  'odd chunks': (bench, pick) =>
    ended(...writeWith(bench, [['transfer-encoding', 'chunked']], one(oddChunks, pick))),
  'a space before the colon': (bench) => {
    const encoding: Line = ['transfer-encoding ', 'chunked']
    return ended(...writeWith(bench, [encoding], chunked(bench.write.body)))
  },
  'a write behind a body': (bench, pick) => {
    const inner = wholeWrite(bench)
    const length: Line = ['content-length', String(Buffer.byteLength(inner))]
    const outer = one(['GET /livez', 'POST /trpc/events.list', 'POST /nowhere'], pick)
    return waiting(head(`${outer} HTTP/1.1`, [host, closing, json, length]), inner)
  },
  'a write behind no body': (bench, pick) => {
    const line = one<Line>(
      [
        ['content-length', '0, 0'],
        ['content-length', ' 00'],
        ['transfer-encoding', 'identity'],
        ['content-length', '0\r\ncontent-length: 7'],
      ],
      pick,
    )
    return ended(head('POST /nowhere HTTP/1.1', [host, closing, json, line]), wholeWrite(bench))
  },
  'half a body': (bench, pick) => {
    const { body } = bench.write
    const length: Line = ['content-length', String(body.length + one([1, 2, 1_000], pick))]
    const parts = writeWith(bench, [length], body)
    return pick % 2 === 0 ? ended(...parts) : hungUp(...parts)
  },
  'half a head': (bench, pick) => {
    const whole = Buffer.from(wholeWrite(bench))
    const part = whole.subarray(0, pick % (whole.length - bench.write.body.length - 1))
    return pick % 2 === 0 ? ended(part) : hungUp(part)
  },
  'a body in the clothes of gzip': (bench, pick) => {
    const zipped = gzipSync(bench.write.body)
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const body = one([zipped, bomb], pick)
    const lines: Line[] = [
      ['content-encoding', one(['gzip', 'deflate', 'br', 'gzip, gzip'], pick)],
      ['content-length', String(body.length)],
    ]
    return waiting(...writeWith(bench, lines, body))
  },
  'a write by GET': ({ write }, pick) => {
    const lines: Line[] = [
      ['x-http-method-override', 'POST'],
      ['content-length', String(write.body.length)],
    ]
    const query = pick % 2 === 0 ? `?input=${encodeURIComponent(write.body)}` : ''
    const asked = [host, closing, json, ...write.headers, ...lines]
    return waiting(head(`GET ${write.path}${query} HTTP/1.1`, asked), write.body)
  },
  'a write by an odd method': ({ write }, pick) => {
    const method = one(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'QUERY', 'POST2'], pick)
    const length: Line = ['content-length', String(write.body.length)]
    const asked = [host, closing, json, ...write.headers, length]
    return waiting(head(`${method} ${write.path} HTTP/1.1`, asked), write.body)
  },
  'a write with folded or bare line ends': (bench, pick) => {
    const whole = wholeWrite(bench)
    const end = whole.indexOf('\r\n\r\n')
    const ends = one(['\n', '\r', '\r\r\n', '\n\r'], pick)
    return ended(whole.slice(0, end).replaceAll('\r\n', ends), ends + ends, bench.write.body)
  },
  'a write with a broken head': (bench, pick) => {
    const whole = wholeWrite(bench)
    const line = one(brokenHeaderLines, pick)
    return ended(Buffer.from(whole.replace('\r\n', `\r\n${line}\r\n`), 'latin1'))
  },
  'a request line': (_, pick) =>
    ended(`${one(requestLines, pick)}\r\nhost: frontrow.test\r\nconnection: close\r\n\r\n`),
  'a target': (_, pick) => waiting(harmless(one(targets, pick))),
  'a head': (_, pick) =>
    ended(
      Buffer.from(
        `GET /trpc/events.list HTTP/1.1\r\nconnection: close\r\nhost: a\r\n${one(headerLines, pick)}\r\n\r\n`,
        'latin1',
      ),
    ),
  'no host': (_, pick) => waiting(`GET /livez HTTP/1.${pick % 2}\r\nconnection: close\r\n\r\n`),
  'thousands of lines': (_, pick) => {
    const lines = Array.from({ length: one([150, 900, 2_500], pick) }, (__, at) => `x${at}: 1`)
    return waiting(
      `GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${lines.join('\r\n')}\r\n\r\n`,
    )
  },
  'an old version': (bench, pick) => {
    const { body } = bench.write
    const encoding: Line = ['transfer-encoding', 'chunked']
    const parts = head(`POST /trpc/events.list HTTP/1.0`, [host, json, encoding])
    return pick % 2 === 0 ? ended(parts, chunked(body)) : ended('GET /livez HTTP/1.0\r\n\r\n')
  },
  'many at once': () => ({
    ...waiting(
      harmless('/livez').replace('connection: close\r\n', '').repeat(50),
      harmless('/livez'),
    ),
    answersMax: 10,
  }),
  'a long target': (_, pick) =>
    waiting(harmless(`/trpc/events.list?input=${'%20'.repeat(one([1_000, 5_000, 21_000], pick))}`)),
  'a long path': (_, pick) =>
    waiting(harmless(`/trpc/${'a'.repeat(one([101, 4_000, 10_000, 15_500], pick))}`)),
  'a thousand calls': (_, pick) => {
    const path = Array(1_000)
      .fill('events.list')
      .join(one([',', '%2c', '%2C'], pick))
    return waiting(harmless(`/trpc/${path}?batch=1&input={}`))
  },
  'a thousand writes': (bench) => {
    const path = Array(1_000).fill('admin.venues.create').join(',')
    const body = `{${Array.from({ length: 300 }, (_, at) => `"${at}":${bench.write.body}`).join(',')}}`
    const lines: Line[] = [['content-length', String(body.length)]]
    const asked = [host, closing, json, ...bench.write.headers, ...lines]
    return waiting(head(`POST /trpc/${path}?batch=1 HTTP/1.1`, asked), body)
  },
  'something else': (_, pick) => ended(one(noHttp, pick)),
  nothing: (_, pick) => (pick % 2 === 0 ? ended('') : hungUp('')),
}

/** None of these may be read past. */
const brokenHeaderLines = [
  'x-a\0: b',
  'x-a: b\0c',
  'x-a : b',
  'x-a',
  ': b',
  'x-a(b): c',
  'x-a: b\rx-b: c',
]

export const wireCases: fc.Arbitrary<WireCase> = fc.record({
  kind: fc.constant('wire' as const),
  how: fc.constantFrom(...Object.keys(builders)),
  pick: fc.nat(10_000),
})

export function prepareWire({ how, pick }: WireCase, ground: Ground): PreparedWire {
  const build = builders[how]
  if (build === undefined) throw new Error(`there is no ${how}`)
  const write = {
    path: '/trpc/admin.venues.create',
    body: JSON.stringify(ground.goodVenue),
    headers: Object.entries(ground.headersOf('organiser')),
  }
  return { answersMax: 1, ...build({ write }, pick) }
}
