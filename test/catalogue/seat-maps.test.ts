import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVenue } from '../../server/application/create-venue.ts'
import { getVenueSeatMap } from '../../server/application/get-seat-map.ts'
import { importSeatMap } from '../../server/application/import-seat-map.ts'
import { listSeatMaps } from '../../server/application/list-venues.ts'
import { importSeatMap as readSeatMap } from '../../server/domain/seat-map-import.ts'
import type { VenueId } from '../../server/platform/ids.ts'
import {
  bytesOf,
  type Catalogue,
  expectRefused,
  newKey,
  newOrganisation,
  newStage,
  openCatalogue,
  type Stage,
  seatMapCsv,
  venueFields,
} from './open-catalogue.ts'

let catalogue: Catalogue
let stage: Stage
beforeAll(async () => {
  catalogue = await openCatalogue()
  stage = await newStage(catalogue)
})
afterAll(() => catalogue[Symbol.asyncDispose]())

const importCsv = (text: string | Uint8Array, name = 'Hall', at: Stage = stage) =>
  importSeatMap(catalogue, {
    organisation: at.organisation,
    venue: at.venue.id,
    format: 'csv',
    bytes: typeof text === 'string' ? bytesOf(text) : text,
    name,
  })

/** Fifty sections of 2,000 seats: the largest map there may be. */
function largestMap(): string {
  const lines = ['section,row,seat,x,y,gap_after,capacity']
  for (let section = 0; section < 50; section += 1) {
    for (let row = 0; row < 40; row += 1) {
      for (let seat = 0; seat < 50; seat += 1) {
        lines.push(`Section ${section},${row + 1},${seat + 1},${section * 60 + seat},${row},,`)
      }
    }
  }
  return `${lines.join('\n')}\n`
}

describe('importing a seat map', () => {
  it('stores it as it was read, to the last seat', async () => {
    const text = seatMapCsv(17)
    const entry = await importCsv(text, 'Small hall')
    expect(entry).toMatchObject({ name: 'Small hall', version: 1, units: 21 })
    const read = readSeatMap(bytesOf(text), 'csv', { name: 'Small hall' })
    const stored = await getVenueSeatMap(catalogue.another(), {
      organisation: stage.organisation,
      venue: stage.venue.id,
      hash: entry.hash,
    })
    expect(read).toEqual({ ok: true, seatMap: stored.seatMap })
  })

  it('of the same content answers the same, also from the other format', async () => {
    const json = {
      name: 'Both',
      sections: [{ name: 'Floor', kind: 'standing', capacity: 9 }],
    }
    const first = await importSeatMap(catalogue, {
      organisation: stage.organisation,
      venue: stage.venue.id,
      format: 'json',
      bytes: bytesOf(JSON.stringify(json)),
    })
    const csv = 'section,row,seat,x,y,gap_after,capacity\nFloor,,,,,,9\n'
    expect(await importCsv(csv, 'Both')).toEqual(first)
  })

  it('of the same name and other content is the next version, also for many at once', async () => {
    const entries = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((standing) => importCsv(seatMapCsv(standing), 'Race')),
    )
    expect(new Set(entries.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4, 5, 6]))
    expect(new Set(entries.map(({ hash }) => hash)).size).toBe(6)
  })

  it('of one content by many at once makes one version', async () => {
    const entries = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => importCsv(seatMapCsv(99), 'One wish')),
    )
    for (const entry of entries) expect(entry).toEqual(entries[0])
    expect(entries[0]?.version).toBe(1)
  })

  it('lets two venues have the same map', async () => {
    const other = await newStage(catalogue)
    expect(other.map.hash).toBe(stage.map.hash)
    expect(other.map.venue).not.toBe(stage.map.venue)
  })

  it('takes 100,000 seats', async () => {
    const startedMs = performance.now()
    const entry = await importCsv(largestMap(), 'Stadium')
    expect(entry.units).toBe(100_000)
    const loadMs = performance.now()
    const stored = await getVenueSeatMap(catalogue.another(), {
      organisation: stage.organisation,
      venue: stage.venue.id,
      hash: entry.hash,
    })
    expect(stored.seatMap.sections).toHaveLength(50)
    const took = [loadMs - startedMs, performance.now() - loadMs].map(Math.round)
    console.log(`100,000 seats: imported in ${took[0]} ms, loaded in ${took[1]} ms`)
  })

  it.each([
    ['two seats of one name', seatMapCsv().replace('A,1,2,', 'A,1,1,'), 3],
    ['a row over another', seatMapCsv().replace('A,2,1,0,-1', 'A,2,1,0,0'), 4],
    ['one unit too many', seatMapCsv(100_000), 6],
    ['an unknown column', seatMapCsv().replace('gap_after', 'gap'), 1],
  ])('refuses %s, with the line', async (_, text, line) => {
    const details = await expectRefused(catalogue, 'SEAT_MAP_FAULTY', () => importCsv(text))
    const [fault] = details['faults'] as { line: number; column: number; message: string }[]
    expect(fault).toMatchObject({ line })
    expect(fault?.column).toBeGreaterThan(0)
    expect(fault?.message).not.toBe('')
  })

  it('refuses a wrong encoding, an empty file and a broken JSON file, with the line', async () => {
    const latin = Uint8Array.from([...bytesOf(seatMapCsv()), 0x42, 0xfc, 0x68])
    await expectRefused(catalogue, 'SEAT_MAP_FAULTY', () => importCsv(latin))
    await expectRefused(catalogue, 'SEAT_MAP_FAULTY', () => importCsv(''))
    const json = { ...stage, venue: stage.venue.id, format: 'json', bytes: bytesOf('{"name":') }
    const details = await expectRefused(catalogue, 'SEAT_MAP_FAULTY', () =>
      importSeatMap(catalogue, { ...json, format: 'json' }),
    )
    expect(details['faults']).toMatchObject([{ line: 1 }])
  })

  it('into a venue of another organisation finds no venue', async () => {
    const organisation = await newOrganisation(catalogue)
    const mine = await createVenue(catalogue, { ...venueFields, organisation, key: newKey() })
    const foreign = { ...stage, organisation }
    await expectRefused(catalogue, 'NOT_FOUND', () => importCsv(seatMapCsv(), 'Hall', foreign))
    const missing = { ...mine, id: 'ven_00000000000000000000000000' as VenueId }
    const nowhere = { ...stage, organisation, venue: missing }
    await expectRefused(catalogue, 'NOT_FOUND', () => importCsv(seatMapCsv(), 'Hall', nowhere))
    for (const venue of [stage.venue.id, mine.id]) {
      await expectRefused(catalogue, 'NOT_FOUND', () =>
        getVenueSeatMap(catalogue, { organisation, venue, hash: stage.map.hash }),
      )
    }
    await expectRefused(catalogue, 'NOT_FOUND', () =>
      listSeatMaps(catalogue, { organisation, venue: stage.venue.id, limit: 5 }),
    )
  })

  it('is seen in the list of the venue, page by page', async () => {
    const { organisation, venue } = await newStage(catalogue)
    const at = { ...stage, organisation, venue }
    for (const standing of [1, 2]) await importCsv(seatMapCsv(standing), 'Hall', at)
    const first = await listSeatMaps(catalogue, { organisation, venue: venue.id, limit: 2 })
    const cursor = first.nextCursor
    const second = await listSeatMaps(catalogue, {
      organisation,
      venue: venue.id,
      limit: 2,
      cursor,
    })
    const versions = [...first.items, ...second.items].map(({ version }) => version)
    expect(versions).toHaveLength(3)
    expect(new Set(versions)).toEqual(new Set([1, 2, 3]))
    expect(second.nextCursor).toBeNull()
  })
})
