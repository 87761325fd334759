/** A list that is filtered by what no column can hold has a wrong filter; it is no fault of ours. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem()
})
afterAll(() => system[Symbol.asyncDispose]())

it.each(['city', 'category'])('of events by %s names the field', async (field) => {
  for (const value of ['\0', 'Wi\0en', '\ud800']) {
    const input = encodeURIComponent(JSON.stringify({ [field]: value }))
    const answer = await fetch(`${system.url}/trpc/events.list?input=${input}`)
    const { error } = (await answer.json()) as { error: { data: { issues: { path: string }[] } } }
    expect({ status: answer.status, path: error.data.issues[0]?.path }).toEqual({
      status: 400,
      path: field,
    })
  }
})
