import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { findFreePort } from '../../regions/local/free-port.ts'
import { toldOf } from '../history/told.ts'
import { rawApi } from './raw-calls.ts'

type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => void

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(handle: Handle): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => handle(request, response, body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const refusing = (code: string, transient: boolean): Handle =>
  function refuse(_, response) {
    const refusal = { code, transient }
    response.writeHead(503).end(JSON.stringify({ error: { data: { httpStatus: 503, refusal } } }))
  }

function open(endpoints: readonly string[]) {
  const older = new WeakSet<object>()
  return { older, api: rawApi({ endpoints, token: () => Promise.resolve('token-1'), older }) }
}
type Api = ReturnType<typeof open>['api']

const place = ({ holds }: Api) =>
  holds.place.mutate({ event: 'evt_1', key: 'key-0001', seats: { kind: 'best', count: 1 } })
const read = ({ orders }: Api) => orders.get.query({ order: 'ord_1' })
const told = (call: Promise<unknown>) => call.then(() => 'an answer', toldOf)

describe('calls without the client', () => {
  it('say what they want as the API documents it, and what they have seen', async () => {
    const heard: unknown[] = []
    const url = await serve(({ method, url: path, headers }, response, body) => {
      const { authorization, 'x-frontrow-seen': seen } = headers
      heard.push({ method, path, body, authorization, seen })
      response.setHeader('x-frontrow-seen', 'seen-1')
      response.setHeader('x-frontrow-older', method === 'GET' ? 'true' : 'false')
      response.end(JSON.stringify({ result: { data: { id: 'ord_1' } } }))
    })
    const { api, older } = open([url])
    expect(await place(api)).toEqual({ id: 'ord_1' })
    const input = { order: 'ord_1' }
    await api.orders.get.query(input)
    expect(heard).toEqual([
      {
        method: 'POST',
        path: '/trpc/holds.place',
        body: '{"event":"evt_1","key":"key-0001","seats":{"kind":"best","count":1}}',
        authorization: 'Bearer token-1',
        seen: undefined,
      },
      {
        method: 'GET',
        path: `/trpc/orders.get?input=${encodeURIComponent('{"order":"ord_1"}')}`,
        body: '',
        authorization: 'Bearer token-1',
        seen: 'seen-1',
      },
    ])
    expect(older.has(input)).toBe(true)
  })

  it('take a refusal as it is, and know when it says nothing of the write', async () => {
    const [gone, away] = [refusing('NOT_FOUND', false), refusing('UNAVAILABLE', true)]
    const sure = open([await serve(gone)]).api
    const unsure = open([await serve(away)]).api
    const final = { code: 'NOT_FOUND', transient: false, outcome: 'refused' }
    expect(await told(place(sure))).toEqual(final)
    const unavailable = { code: 'UNAVAILABLE', transient: true }
    expect(await told(place(unsure))).toEqual({ ...unavailable, outcome: 'unknown' })
    expect(await told(read(unsure))).toEqual({ ...unavailable, outcome: 'refused' })
  })

  it('do not know of a lost answer, know of a dead port, and go on to the next endpoint', async () => {
    let asked = 0
    const cut = await serve((_, response) => {
      asked += 1
      response.destroy()
    })
    const dead = `http://127.0.0.1:${await findFreePort()}`
    const { api } = open([cut, dead])
    const network = { code: 'NETWORK', transient: true }
    expect(await told(place(api))).toEqual({ ...network, outcome: 'unknown' })
    expect(await told(place(api))).toEqual({ ...network, outcome: 'refused' })
    expect(await told(read(api))).toEqual({ ...network, outcome: 'refused' })
    expect(asked).toBe(2)
  })

  it('do not know what a page of somebody else means', async () => {
    const proxy = await serve((_, response) => response.writeHead(502).end('<html>'))
    const { api } = open([proxy])
    expect(await told(place(api))).toMatchObject({ code: 'NETWORK', outcome: 'unknown' })
  })
})
