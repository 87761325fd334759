/** Bounds of the calls to one region, against servers that keep silent or talk without an end. */

import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, importJWK } from 'jose'
import { afterEach, expect, it } from 'vitest'
import { Link } from '../../regions/local/links/link.ts'
import type { CallToSend } from '../../server/gateways/region-calls/call-to-send.ts'
import { regionCallSigner } from '../../server/gateways/region-calls/region-call-signer.ts'
import { RegionLinks } from '../../server/gateways/region-calls/region-links.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { Closers } from '../support/closers.ts'
import { eu, us } from './open-regions.ts'

let closers = new Closers()
afterEach(async () => {
  await closers.close()
  closers = new Closers()
})

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.defer(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function linksTo(...addresses: string[]): Promise<RegionLinks> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const key = { kid: 'test', key: (await importJWK(jwk, 'EdDSA')) as CryptoKey }
  const ports = { clock: systemClock, random: systemRandom }
  const links = new RegionLinks({
    addresses: new Map([[us, addresses]]),
    signer: regionCallSigner({ ...ports, key, region: eu }),
    clock: systemClock,
    metrics: { outbound: () => undefined },
  })
  closers.defer(async () => links.close())
  return links
}

const call: CallToSend = {
  target: us,
  method: 'POST',
  url: '/trpc/holds.place',
  body: '{}',
  headers: {},
  withinMs: 10_000,
  for: { caller: null, address: '192.0.2.7', reason: null, leftMs: 10_000 },
}

it('takes so many calls for one region and no more, and each gives its place back', async () => {
  const links = await linksTo(await listen(() => undefined))
  const many = Array.from({ length: limits.forwardsPerRegionMax }, () =>
    links.send({ ...call, withinMs: 3_000 }),
  )
  const startedMs = performance.now()
  expect(await links.send(call)).toEqual({ kind: 'unsent' })
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  const kinds = new Set((await Promise.all(many)).map(({ kind }) => kind))
  expect([...kinds]).toEqual(['unanswered'])
  expect((await links.send({ ...call, withinMs: 300 })).kind).toBe('unanswered')
})

it('an answer without an end is none', async () => {
  const part = 'x'.repeat(1024 * 1024)
  const url = await listen((_, response) => {
    response.writeHead(200)
    for (let count = 0; count < 6; count += 1) response.write(part)
    response.end()
  })
  const links = await linksTo(url)
  expect(await links.send(call)).toEqual({ kind: 'unanswered' })
})

it('a handshake that is never answered is over soon, and nothing was sent', async () => {
  const { port } = new URL(await listen(() => undefined))
  const target = { host: '127.0.0.1', port: Number(port) }
  const link = await Link.open({ from: eu, to: us, port: 0, target, roundTripMs: 0 })
  closers.use(link)
  link.setFault({ kind: 'black-hole' })
  const links = await linksTo(`https://127.0.0.1:${link.port}`)
  const startedMs = performance.now()
  expect(await links.send(call)).toEqual({ kind: 'unsent' })
  const tookMs = performance.now() - startedMs
  expect(tookMs).toBeGreaterThan(limits.forwardConnectMs * 0.9)
  expect(tookMs).toBeLessThan(limits.forwardConnectMs * 3)
})
