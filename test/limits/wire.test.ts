/** Every bound of HTTP, from a raw socket: what is too much is refused plainly, and in time. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../server/platform/limits.ts'
import { openSaleSystem, type SaleSystem, tokenFor } from '../support/sale-system.ts'
import { answerIn, exchange, head } from './raw-socket.ts'

let system: SaleSystem
let bearer: string
beforeAll(async () => {
  system = await openSaleSystem()
  bearer = `Authorization: Bearer ${await tokenFor(system.url, { name: 'ann' })}`
})
afterAll(() => system[Symbol.asyncDispose]())

const closing = 'Connection: close'
const json = 'Content-Type: application/json'
const place = 'POST /trpc/holds.place HTTP/1.1'

async function ask(bytes: string | Buffer) {
  const said = await exchange(system.url, bytes)
  expect(said.text).not.toMatch(/node:|node_modules|\.ts:|at async/)
  return answerIn(said)
}

const get = (target: string, lines: readonly string[] = []) =>
  ask(head(`GET ${target} HTTP/1.1`, [closing, ...lines]))
const post = (body: string, lines: readonly string[] = [json]) => {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return ask(head(place, [closing, bearer, length, ...lines]) + body)
}

describe('a batch', () => {
  const calls = (count: number, comma: string) =>
    `/trpc/${Array.from({ length: count }, () => 'events.list').join(comma)}?batch=1&input={}`

  it.each([',', '%2c', '%2C'])('has a bound, its calls parted by %s', async (comma) => {
    const fits = await get(calls(limits.batchCallsMax, comma))
    expect(fits.body).not.toContain('fit into one batch')
    const tooMany = await get(calls(limits.batchCallsMax + 1, comma))
    expect(tooMany).toMatchObject({ status: 400, code: 'BAD_INPUT' })
    expect(tooMany.body).toContain('fit into one batch')
  })
})

describe('a body', () => {
  const tooLarge = `"${'x'.repeat(limits.bodyBytesMax)}"`

  it('may have so many bytes', async () => {
    expect(await post(tooLarge)).toMatchObject({ status: 413, code: 'TOO_LARGE' })
    const fits = await post(`"${'x'.repeat(limits.bodyBytesMax - 2)}"`)
    expect(fits).toMatchObject({ status: 400, code: 'BAD_INPUT' })
  })

  it('is refused by what it says of its length, before it comes', async () => {
    const lines = [closing, bearer, json, 'Content-Length: 9999999999']
    expect(await ask(head(place, lines))).toMatchObject({ status: 413, code: 'TOO_LARGE' })
  })

  it('may not grow without end in chunks', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const bytes = head(place, [closing, bearer, json, 'Transfer-Encoding: chunked'])
    const answer = await ask(bytes + chunk.repeat(limits.bodyBytesMax / 0x4000 + 1))
    expect(answer).toMatchObject({ status: 413, code: 'TOO_LARGE' })
  })

  it('that is compressed is not taken', async () => {
    const bomb = gzipSync(JSON.stringify({ key: 'x'.repeat(1_000_000) }))
    const lines = [
      closing,
      bearer,
      json,
      'Content-Encoding: gzip',
      `Content-Length: ${bomb.length}`,
    ]
    const answer = await ask(Buffer.concat([Buffer.from(head(place, lines)), bomb]))
    expect(answer).toMatchObject({ status: 415, code: 'BAD_INPUT' })
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json;charset="latin1"',
    'application/json; a=b; charset=UTF-7',
  ])('of %s is not taken', async (type) => {
    const answer = await post('{}', [`Content-Type: ${type}`])
    expect(answer).toMatchObject({ status: 415, code: 'BAD_INPUT' })
  })

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/JSON;charset="UTF-8"',
  ])('of %s is taken', async (type) => {
    expect(await post('{}', [`Content-Type: ${type}`])).toMatchObject({ status: 400 })
    expect((await post('{}', [`Content-Type: ${type}`])).body).toContain('"issues":[')
  })

  it('has a depth and a number of values', async () => {
    const deep = '['.repeat(limits.jsonDepthMax + 1) + ']'.repeat(limits.jsonDepthMax + 1)
    for (const body of [deep, `[${'0,'.repeat(limits.jsonValuesMax)}0]`]) {
      const answer = await post(body)
      expect(answer).toMatchObject({ status: 400, code: 'BAD_INPUT' })
      expect(answer.body).toMatch(/JSON may/)
    }
    const input = encodeURIComponent(deep)
    expect((await get(`/trpc/events.list?input=${input}`)).body).toMatch(/JSON may/)
  })
})

describe('what a request says of itself', () => {
  it('has so many header bytes', async () => {
    const answer = await get('/livez', [`X-Long: ${'x'.repeat(limits.headerBytesMax)}`])
    expect(answer).toMatchObject({ status: 431, code: 'BAD_INPUT' })
  })

  it('has so many header lines', async () => {
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `X-${at}: 1`)
    expect((await get('/livez', lines(limits.headersMax - 2))).status).toBe(200)
    expect(await get('/livez', lines(limits.headersMax - 1))).toMatchObject({
      status: 431,
      code: 'BAD_INPUT',
    })
  })

  it('has an address of so many characters', async () => {
    const target = (length: number) => `/livez?${'x'.repeat(length - '/livez?'.length)}`
    expect((await get(target(limits.urlCharactersMax))).status).toBe(200)
    expect(await get(target(limits.urlCharactersMax + 1))).toMatchObject({
      status: 414,
      code: 'BAD_INPUT',
    })
  })

  it('changes nothing by GET', async () => {
    const answer = await get('/trpc/holds.place?input={}', [bearer])
    expect(answer.status).toBe(405)
  })
})

describe('what two readers might read differently', () => {
  const body = '{}'
  const chunked = '2\r\n{}\r\n0\r\n\r\n'
  const forms: Readonly<Record<string, string>> = {
    'both a length and chunks':
      head(place, [json, 'Content-Length: 2', 'Transfer-Encoding: chunked']) + chunked,
    'both, the other way around':
      head(place, [json, 'Transfer-Encoding: chunked', 'Content-Length: 2']) + chunked,
    'two lengths': head(place, [json, 'Content-Length: 2', 'Content-Length: 3']) + body,
    'two lengths that agree': head(place, [json, 'Content-Length: 2', 'Content-Length: 2']) + body,
    'a folded header': head(place, [json, 'X-A: b\r\n c', 'Content-Length: 2']) + body,
    'a space before the colon': head(place, [json, 'Content-Length : 2']) + body,
    'a bare line feed': `${place}\nHost: frontrow.test\nContent-Length: 2\n\n${body}`,
    'chunks by another name': head(place, [json, 'Transfer-Encoding: xchunked']) + chunked,
    'chunks twice': head(place, [json, 'Transfer-Encoding: chunked, chunked']) + chunked,
    'two hosts': head('GET /livez HTTP/1.1', ['Host: other.test', closing]),
    'no host': 'GET /livez HTTP/1.1\r\n\r\n',
    'no HTTP': 'HELO frontrow.test\r\n\r\n',
  }

  it.each(Object.keys(forms))('is refused: %s', async (form) => {
    const smuggled = form === 'two hosts' ? '' : head('GET /livez HTTP/1.1', [closing])
    const said = await exchange(system.url, (forms[form] ?? '') + smuggled)
    expect(said.text).not.toContain('alive')
    const answer = answerIn(said)
    expect(answer.status).toBe(400)
    expect(answer.headers['connection']).toBe('close')
    if (form !== 'no host') expect(answer.code).toBe('BAD_INPUT')
  })
})
