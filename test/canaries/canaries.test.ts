/**
 * What is secret or personal is put in at every entrance, and looked for wherever it could come
 * out: logs, traces, metrics, refusals, answers to others, Redis, and every column but its own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settled } from '../garbage/ground.ts'
import { eventually } from '../support/eventually.ts'
import { control } from '../support/sale-system.ts'
import { type Cage, openCage } from './cage.ts'
import { around, type Canary, formsOf, foundIn } from './canary.ts'
import { live } from './life.ts'
import { putInWrongFields, putInWrongPlaces } from './misplaced.ts'
import { columnsOf, keysOf, type Place } from './search.ts'

let cage: Cage
let canaries: readonly Canary[]
beforeAll(async () => {
  cage = await openCage()
  canaries = await live(cage)
  const tokens = [
    null,
    await cage.tokenOf('stranger'),
    await cage.tokenOf('owen'),
    await cage.tokenOf('root'),
  ]
  await putInWrongFields(cage, canaries, tokens)
  await putInWrongPlaces(cage, canaries)
  await settled(cage.system)
  await eventually(() => cage.collector.spans.length > 100, {
    what: 'the collector was told of many calls',
    timeoutMs: 30_000,
  })
})
afterAll(() => cage?.[Symbol.asyncDispose]())

/** Each canary that is in a place where it does not belong, and what stands around it. */
function strays(places: readonly Place[]): string[] {
  return places.flatMap(({ name, text }) =>
    foundIn(text, canaries).flatMap((what) => {
      const found = canaries.filter((canary) => canary.what === what)
      const astray = found.filter((canary) => !(name in (canary.belongs ?? {})))
      return astray
        .filter((canary) => foundIn(text, [canary]).length > 0)
        .map((canary) => `${what} in ${name}: …${around(text, canary)}…`)
    }),
  )
}

describe('a canary', () => {
  it('is a text that nothing holds by chance', () => {
    for (const { what, value } of canaries)
      expect({ what, long: value.length >= 9 }).toEqual({ what, long: true })
  })

  it('is found in whatever form it comes', () => {
    const canary = { what: 'it', value: 'canary ü/+ sings' }
    const bytes = Buffer.from(`before ${canary.value} after`)
    for (const form of [
      ...formsOf(canary.value),
      bytes.toString('base64'),
      bytes.toString('hex'),
    ]) {
      expect(foundIn(`${form.toUpperCase()} `.toLowerCase(), [canary])).toEqual(['it'])
    }
    expect(foundIn('canary', [canary])).toEqual([])
  })
})

describe('no canary is', () => {
  it('in the log', () => {
    const text = cage.system.lives.server.output()
    // Only the end of it is kept.
    expect(text).toContain('{"listening"')
    expect(strays([{ name: 'the log', text }])).toEqual([])
  })

  it('in a trace', () => {
    expect(strays([{ name: 'the traces', text: cage.collector.raw() }])).toEqual([])
  })

  it('in the metrics', async () => {
    const text = await (await fetch(cage.system.lives.server.metricsUrl)).text()
    expect(text).toContain('http_server_request_duration')
    expect(strays([{ name: 'the metrics', text }])).toEqual([])
  })

  it('in a refusal, or in an answer to somebody else', () => {
    expect(cage.heard.length).toBeGreaterThan(500)
    expect(strays([{ name: 'the answers', text: cage.heard.join('\n') }])).toEqual([])
  })

  it('in Redis', async () => {
    const { redis } = cage.system
    expect(strays(redis === null ? [] : await keysOf(redis.url))).toEqual([])
  })

  it('in any column but its own', async () => {
    const places = await columnsOf(cage.system.sql)
    expect(strays(places)).toEqual([])
    const kept = canaries.flatMap((canary) => Object.keys(canary.belongs ?? {}))
    const searched = places.map(({ name }) => name)
    expect(kept.filter((column) => !searched.includes(column))).toEqual([])
  })

  it("in what the payment provider is told, but for the provider's own", async () => {
    const text = JSON.stringify(await control(cage.system.simulator, 'ledger'))
    const own = new Set(["the intent's secret"])
    expect(
      strays([{ name: 'the ledger', text }]).filter(
        (each) => !own.has(each.split(' in ')[0] ?? ''),
      ),
    ).toEqual([])
  })
})
