/** What the compiler promises to callers. The checks are made by tsc; running them is a formality. */
import { describe, expectTypeOf, it } from 'vitest'
import type { Client, FrontrowError, RefusalCode } from '../../client/index.ts'

type Place = Client['holds']['place']['mutate']
type PlaceInput = Parameters<Place>[0]

describe('the types of the client', () => {
  it('let the key of a mutation be left out, and nothing else', () => {
    expectTypeOf<PlaceInput['key']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<PlaceInput['event']>().toEqualTypeOf<string>()
    expectTypeOf<PlaceInput['seats']['kind']>().toEqualTypeOf<'units' | 'best' | 'standing'>()
    // @ts-expect-error an event is needed
    const lacking: PlaceInput = { seats: { kind: 'units', units: [1] } }
    expectTypeOf(lacking).toEqualTypeOf<PlaceInput>()
  })

  it('keep the key where it is what is asked for', () => {
    type ByKey = Parameters<Client['orders']['getByKey']['query']>[0]
    expectTypeOf<ByKey['key']>().toEqualTypeOf<string>()
  })

  it('are inferred from the router, answers included', () => {
    type Hold = Awaited<ReturnType<Place>>
    expectTypeOf<Hold['expiresInMs']>().toEqualTypeOf<number>()
    expectTypeOf<Client['admin']['venues']['create']>().toHaveProperty('mutate')
    expectTypeOf<Client['holds']['place']>().not.toHaveProperty('query')
  })

  it("name the server's refusals in errors", () => {
    type Own = 'NETWORK' | 'DEADLINE' | 'ABORTED' | 'INTERNAL'
    expectTypeOf<FrontrowError['code']>().toEqualTypeOf<RefusalCode | Own>()
  })
})
