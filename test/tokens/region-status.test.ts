/** A server asked by the server of another region, over HTTP. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { regionCallSignerOf } from '../../server/token-parts.ts'
import { openSaleSystem, region, type SaleSystem, tokenFor } from '../support/sale-system.ts'

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem()
})
afterAll(() => system[Symbol.asyncDispose]())

const path = '/trpc/internal.status?input=%7B%7D'

async function headersFrom(caller: string, changes: { target?: string; url?: string } = {}) {
  const signer = await regionCallSignerOf({ ...system.config, REGION: caller })
  const call = { target: region, method: 'GET', url: path, body: '', ...changes }
  return (await signer?.headersFor(call)) ?? {}
}

const ask = (headers: Record<string, string>, url = path) => fetch(system.url + url, { headers })

describe('a server of another region', () => {
  it('is told the region, the version, the hold book and whether the server drains', async () => {
    const answer = await ask(await headersFrom('europe-west1'))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      result: {
        data: {
          region,
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          holdBook: 'sql',
          draining: false,
        },
      },
    })
  })

  it('asks once with one signature, at this address, of this region', async () => {
    const headers = await headersFrom('europe-west1')
    expect((await ask(headers)).status).toBe(200)
    expect((await ask(headers)).status).toBe(401)
    const other = await headersFrom('europe-west1', { target: 'europe-west1' })
    expect((await ask(other)).status).toBe(401)
    const elsewhere = await headersFrom('europe-west1', { url: `${path}&batch=1` })
    expect((await ask(elsewhere)).status).toBe(401)
  })

  it('is nobody when it shows a token of somebody beside its signature', async () => {
    const authorization = `Bearer ${await tokenFor(system.url, { name: 'ann' })}`
    const headers = { ...(await headersFrom('europe-west1')), authorization }
    expect((await ask(headers)).status).toBe(401)
  })

  it('owns nothing and buys nothing', async () => {
    const url = '/trpc/orders.list?input=%7B%7D'
    const headers = await headersFrom('europe-west1', { url })
    expect((await ask(headers, url)).status).toBe(403)
  })
})

describe('a fan', () => {
  it('is not told, and neither is nobody', async () => {
    const authorization = `Bearer ${await tokenFor(system.url, { name: 'ann' })}`
    expect((await ask({ authorization })).status).toBe(403)
    expect((await ask({})).status).toBe(401)
  })

  it('with two Authorization headers is nobody, whichever is the good one', async () => {
    const good = `Bearer ${await tokenFor(system.url, { name: 'ann' })}`
    expect(await statusWith([good])).toBe(200)
    expect(await statusWith([good, 'Bearer x'])).toBe(401)
    expect(await statusWith(['Bearer x', good])).toBe(401)
    expect(await statusWith([good, good])).toBe(401)
  })

  it('with a token in the address is nobody', async () => {
    const token = await tokenFor(system.url, { name: 'ann' })
    const url = `${system.url}/trpc/orders.list?input=%7B%7D`
    for (const name of ['access_token', 'token', 'authorization']) {
      expect((await fetch(`${url}&${name}=${token}`)).status).toBe(401)
    }
  })
})

/** Past fetch, which would join the two. */
function statusWith(authorization: string[]): Promise<number | undefined> {
  const url = new URL(`${system.url}/trpc/orders.list?input=%7B%7D`)
  const raw = authorization.flatMap((value) => ['Authorization', value])
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: ['Host', url.host, ...raw], agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    call.on('error', reject).end()
  })
}
