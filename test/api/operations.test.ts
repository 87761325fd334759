/** What operators and doors use: health, metrics, request ids, published keys, forged webhooks. */

import { randomUUID } from 'node:crypto'
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'
import { readQr } from './read-qr.ts'

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem()
})
afterAll(() => system[Symbol.asyncDispose]())

describe('an operator', () => {
  it('sees a server that lives and is ready, and which hold book it has', async () => {
    expect((await fetch(`${system.url}/livez`)).status).toBe(200)
    const ready = await fetch(`${system.url}/readyz`)
    expect(ready.headers.get('cache-control')).toBe('no-store')
    expect(await ready.json()).toMatchObject({ status: 'ready', holdBook: 'sql', missing: [] })
  })

  it('finds sales, refusals by code and attempts at statements among the metrics', async () => {
    const fan = await system.fan('mia')
    const event = await system.newEvent({ price: 0 })
    const seats = { kind: 'units' as const, units: [0] }
    const held = await fan.holds.place.mutate({ event, key: randomUUID(), seats })
    await fan.checkout.start.mutate({ holdToken: held.token })
    await fan.holds.place.mutate({ event, key: randomUUID(), seats }).catch(() => undefined)
    const text = await (await fetch(system.metricsUrl)).text()
    expect(text).toMatch(/frontrow_tickets_sold_total(\{.*\})? [1-9]/)
    expect(text).toMatch(/rpc_server_call_duration_seconds_count\{.*outcome="SEATS_TAKEN".*\} 1/)
    expect(text).toMatch(/frontrow_db_attempts_total\{.*name="sale.start-orders".*outcome="ok".*\}/)
    expect(text).not.toContain('ord_')
  })

  it('follows a request by its id, the caller’s if it is harmless', async () => {
    const answer = await fetch(`${system.url}/livez`, { headers: { 'x-request-id': 'abc-12345' } })
    expect(answer.headers.get('x-request-id')).toBe('abc-12345')
    const other = await fetch(`${system.url}/livez`, { headers: { 'x-request-id': '<script>' } })
    expect(other.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('takes no webhook that nobody signed', async () => {
    const body = JSON.stringify({ id: 'evt_1', object: 'event', data: { object: {} } })
    const headers = { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=00' }
    const forged = await fetch(`${system.url}/webhooks/stripe`, { method: 'POST', body, headers })
    expect(forged.status).toBe(400)
    const { 'stripe-signature': _, ...unsigned } = headers
    const none = await fetch(`${system.url}/webhooks/stripe`, {
      method: 'POST',
      body,
      headers: unsigned,
    })
    expect(none.status).toBe(400)
  })
})

async function ticketKeys(): Promise<JSONWebKeySet> {
  const answer = await fetch(`${system.url}/.well-known/ticket-keys.json`)
  return (await answer.json()) as JSONWebKeySet
}

describe('a door', () => {
  it('checks a ticket offline with the published key, and reads it from its QR', async () => {
    const fan = await system.fan('noa')
    const event = await system.newEvent({ price: 0 })
    const held = await fan.holds.place.mutate({
      event,
      key: randomUUID(),
      seats: { kind: 'standing', count: 1 },
    })
    const { order } = await fan.checkout.start.mutate({ holdToken: held.token })
    const ticket = order.tickets[0] ?? ''
    const { code, image } = await fan.tickets.code.query({ ticket, image: 'png' })
    const keys = await ticketKeys()
    const verified = await compactVerify(code, createLocalJWKSet(keys), { algorithms: ['EdDSA'] })
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual({
      t: ticket,
      e: event,
      u: held.lines[0]?.unit,
      x: 0,
    })
    expect(readQr(Buffer.from(image?.data ?? '', 'base64'))).toBe(code)
    const svg = await fan.tickets.code.query({ ticket, image: 'svg' })
    expect(svg.image?.data).toMatch(/^<svg/)
  })

  it('refuses a code with another seat under the old signature', async () => {
    const fan = await system.fan('ole')
    const event = await system.newEvent({ price: 0 })
    const held = await fan.holds.place.mutate({
      event,
      key: randomUUID(),
      seats: { kind: 'units', units: [7] },
    })
    const { order } = await fan.checkout.start.mutate({ holdToken: held.token })
    const { code } = await fan.tickets.code.query({ ticket: order.tickets[0] ?? '' })
    const [head = '', payload = '', signature = ''] = code.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { u: number }
    const other = Buffer.from(JSON.stringify({ ...claims, u: 8 })).toString('base64url')
    const keys = await ticketKeys()
    const forged = compactVerify([head, other, signature].join('.'), createLocalJWKSet(keys))
    await expect(forged).rejects.toThrow()
  })
})
