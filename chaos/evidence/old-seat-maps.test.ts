/**
 * A drill waited ten seconds for each event whose seat map a region knew of old only, one after the
 * other: two minutes at the end of a soak, in which nothing was owed to anybody.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { FrontrowError } from '../../client/index.ts'
import { askAvailability } from './ask-availability.ts'
import type { ShownAvailability } from './evidence.ts'

const since = Date.parse('2026-11-28T08:00:00Z')
const events = Array.from({ length: 30 }, (_, at) => ({ id: `evt_use1_${at}` }))
const within = 700

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Input = { readonly event: string; readonly section?: string }

type AsOf = (event: string, asked: number) => number | null

/**
 * A region whose maps are of the time that `asOf` says; `asked` counts questions by event.
 * @param order gets the events in the order in which they are asked for
 */
async function region(asOf: AsOf, order?: string[]): Promise<string> {
  const asked = new Map<string, number>()
  const answer = ({ event, section }: Input) => {
    const times = (asked.get(event) ?? 0) + 1
    asked.set(event, times)
    if (section === undefined) order?.push(event)
    const at = asOf(event, times)
    if (at === null) {
      const data = { httpStatus: 404, refusal: { code: 'NOT_FOUND', transient: false } }
      return { error: { message: 'There is no such event.', code: -32_004, data } }
    }
    const states = section === undefined ? null : '00'
    const sections = [{ name: 'Stalls', firstUnit: 0, units: 2, free: 2, states }]
    return { result: { data: { asOf: new Date(at).toISOString(), sections } } }
  }
  const server = createServer(({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'http://any')
    const input = JSON.parse(searchParams.get('input') ?? '{}') as Record<string, Input>
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Object.values(input).map(answer)))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function ask(urls: readonly string[], freshWithinMs = within) {
  const silent: [string, FrontrowError['code']][] = []
  const shown: ShownAvailability[] = []
  const pages = askAvailability({
    regions: urls.map((_, at) => `region-${at}`),
    endpointsAt: (name) => [urls[Number(name.split('-')[1])] ?? ''],
    events,
    since,
    freshWithinMs,
    onSilent: (name, { code }) => silent.push([name, code]),
  })
  for await (const page of pages) shown.push(...page)
  return { shown, silent }
}

it('old seat maps are asked for again together, and not one after the other', async () => {
  const order: string[] = []
  // Two questions a look: one for the sections, one for the places.
  const url = await region((_, asked) => (asked <= 4 ? 1 : since), order)
  const { shown } = await ask([url], 60_000)
  const all = events.map(({ id }) => id).toSorted()
  const rounds = [0, 1, 2].map((at) => order.slice(at * all.length, (at + 1) * all.length))
  expect(rounds.map((round) => round.toSorted())).toEqual([all, all, all])
  expect(order).toHaveLength(3 * all.length)
  expect(shown.every(({ asOf }) => asOf === since)).toBe(true)
})

it('seat maps that stay old are told as they are', async () => {
  const old = since - 800_000
  const { shown, silent } = await ask([await region(() => old), await region(() => old)])
  expect(silent).toEqual([])
  expect(shown.map(({ region: name, event, asOf }) => ({ name, event, asOf }))).toEqual(
    ['region-0', 'region-1'].flatMap((name) =>
      events.map(({ id }) => ({ name, event: id, asOf: old })),
    ),
  )
})

it('a seat map that becomes fresh meanwhile is told as it became', async () => {
  const url = await region((event, asked) => (event.endsWith('_7') && asked < 3 ? 1 : since))
  const { shown } = await ask([url], 60_000)
  expect(shown).toHaveLength(events.length)
  expect(shown.every(({ asOf }) => asOf === since)).toBe(true)
  expect(shown[7]?.sections).toEqual([{ firstUnit: 0, units: 2, free: 2, states: '00' }])
})

it('a region that refuses is told as silent, and the others are heard', async () => {
  const urls = [await region(() => null), await region(() => since)]
  const { shown, silent } = await ask(urls)
  expect(silent).toEqual([['region-0', 'NOT_FOUND']])
  expect(shown).toHaveLength(events.length)
})

it('a region that refuses one event for a while is asked again', async () => {
  const url = await region((event, asked) => (event.endsWith('_7') && asked < 3 ? null : since))
  const { shown, silent } = await ask([url], 60_000)
  expect(silent).toEqual([])
  expect(shown).toHaveLength(events.length)
})
