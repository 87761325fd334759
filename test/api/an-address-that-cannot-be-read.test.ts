/** An address that cannot be decoded is one where nothing is, and not read aloud. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem()
})
afterAll(() => system[Symbol.asyncDispose]())

it.each(['/trpc/events.list%zz', '/%', '/%ff%fe', '/trpc/%zz?x=%zz'])('%s', async (path) => {
  const answer = await fetch(`${system.url}${path}`)
  const text = await answer.text()
  const { error } = JSON.parse(text) as { error: { data: { refusal: { code: string } } } }
  expect({ status: answer.status, code: error.data.refusal.code }).toEqual({
    status: 404,
    code: 'NOT_FOUND',
  })
  expect(text).not.toMatch(/FST_|%zz|%ff/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
})
