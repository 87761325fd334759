/** What browsers are told: who may call, what not to keep, and nothing to frame or to run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'

const shop = 'https://shop.example.org'
let open: SaleSystem
let closed: SaleSystem
beforeAll(async () => {
  open = await openSaleSystem({
    settings: {
      CORS_ORIGINS: `${shop}, http://localhost:5173`,
      PUBLIC_URL: 'https://tickets.example.org',
    },
  })
  closed = await openSaleSystem()
})
afterAll(async () => {
  await open[Symbol.asyncDispose]()
  await closed[Symbol.asyncDispose]()
})

const preflight = (system: SaleSystem, origin: string) =>
  fetch(`${system.url}/trpc/holds.place`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers':
        'authorization,content-type,x-frontrow-seen,x-frontrow-deadline-ms',
    },
  })

describe('pages of other origins', () => {
  it('may call when the settings name them, without credentials', async () => {
    const answer = await preflight(open, shop)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe(shop)
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect(answer.headers.get('access-control-max-age')).toBe('7200')
    const allowed = answer.headers.get('access-control-allow-headers')
    expect(allowed).toContain('x-frontrow-seen')
    expect(allowed).toContain('x-frontrow-deadline-ms')
    const called = await fetch(`${open.url}/trpc/events.list?input={}`, {
      headers: { origin: shop },
    })
    expect(called.headers.get('access-control-allow-origin')).toBe(shop)
    expect(called.headers.get('access-control-expose-headers')).toContain('ratelimit')
    expect(called.headers.get('vary')).toMatch(/origin/i)
  })

  it('may read what the client needs of an answer, and measure how far away we are', async () => {
    const answer = await fetch(`${open.url}/livez`, { headers: { origin: shop } })
    expect(answer.headers.get('access-control-allow-origin')).toBe(shop)
    const exposed = answer.headers.get('access-control-expose-headers')?.split(/,\s*/)
    const needed = ['x-request-id', 'retry-after', 'x-frontrow-seen', 'x-frontrow-older']
    expect(exposed).toEqual(expect.arrayContaining(needed))
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it.each([`${shop}.evil.example`, 'http://shop.example.org', 'null', 'https://evil.example'])(
    'may not call from %s',
    async (origin) => {
      const answer = await preflight(open, origin)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  it('may not call at all unless the settings say so', async () => {
    const answer = await preflight(closed, shop)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('every answer', () => {
  const paths = ['/livez', '/trpc/events.list?input={}', '/nowhere', '/.well-known/jwks.json']

  it.each(paths)('of %s cannot be framed, guessed at or run', async (path) => {
    const { headers } = await fetch(`${open.url}${path}`)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('server')).toBeNull()
  })

  it('is kept by nobody, unless it is public keys', async () => {
    const kept = async (path: string) =>
      (await fetch(`${open.url}${path}`)).headers.get('cache-control')
    expect(await kept('/trpc/events.list?input={}')).toBe('no-store')
    expect(await kept('/nowhere')).toBe('no-store')
    expect(await kept('/.well-known/jwks.json')).toBe('public, max-age=300')
  })

  it('says https only where fans come by https', async () => {
    const said = async (system: SaleSystem) =>
      (await fetch(`${system.url}/livez`)).headers.get('strict-transport-security')
    expect(await said(open)).toMatch(/^max-age=31536000/)
    expect(await said(closed)).toBeNull()
  })
})
