/** The topology's file: what it means, and one sentence with the place for each fault. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { limits } from './limits.ts'
import { readTopology, TopologyError } from './topology.ts'

const folder = new URL('../../regions/topologies/', import.meta.url)
const local = readFileSync(new URL('local.yaml', folder), 'utf8')

type Part = Record<string, unknown>
const region = (name: string, code: string, changes: Part = {}): Part => ({
  name,
  code,
  public: `https://${code}.tickets.example`,
  internal: [`https://${code}.internal.example:4000`],
  at: { latitude: 1, longitude: 2 },
  ...changes,
})
const two = (first: Part = {}, second: Part = {}, rest: Part = {}) => ({
  regions: [region('us-east1', 'use1', first), region('europe-west1', 'euw1', second)],
  ...rest,
})

const read = (document: unknown) =>
  readTopology(typeof document === 'string' ? document : JSON.stringify(document), 'file')

function faultsOf(document: unknown): readonly string[] {
  try {
    read(document)
  } catch (cause) {
    if (cause instanceof TopologyError) return cause.faults
    throw cause
  }
  return []
}
/** Without the file and its line. */
const bare = (document: unknown) =>
  faultsOf(document).map((text) => text.replace(/^file line \d+: /, ''))

describe('a topology', () => {
  it.each(readdirSync(folder))('is what %s is', (name) => {
    const { regions, lease } = readTopology(readFileSync(new URL(name, folder), 'utf8'), name)
    expect(regions.map(({ name: one, code }) => [one, code])).toEqual([
      ['us-east1', 'use1'],
      ['europe-west1', 'euw1'],
      ['asia-southeast1', 'ase1'],
    ])
    for (const one of regions) expect(one.standIns).toHaveLength(2)
    expect(lease).toEqual({ lengthMs: 3000, heartbeatMs: 1000 })
  })

  it('says round trips in both directions, 70 to 220 ms apart on one machine', () => {
    const { roundTripsMs } = readTopology(local, 'local.yaml')
    expect(roundTripsMs).toEqual({
      'us-east1': { 'europe-west1': 90, 'asia-southeast1': 220 },
      'europe-west1': { 'us-east1': 90, 'asia-southeast1': 160 },
      'asia-southeast1': { 'us-east1': 220, 'europe-west1': 160 },
    })
  })

  it('is read from JSON as from YAML, with defaults and addresses without their last slash', () => {
    const text = JSON.stringify(two({ public: 'https://US.example/' }), null, '\t')
    const { regions, lease, roundTripsMs } = read(text)
    expect(regions[0]).toEqual({
      name: 'us-east1',
      code: 'use1',
      publicUrl: 'https://us.example',
      internalUrls: ['https://use1.internal.example:4000'],
      latitude: 1,
      longitude: 2,
      standIns: [],
    })
    expect(lease).toEqual({
      lengthMs: limits.leaseMsDefault,
      heartbeatMs: limits.heartbeatMsDefault,
    })
    expect(roundTripsMs).toEqual({})
  })

  it('says the line of each fault, and all of them', () => {
    const text = local
      .replace('standIns: [us-east1, asia-southeast1]', 'standIns: [us-east1, mars-north1]')
      .replace('code: ase1', 'code: use1')
    expect(faultsOf(text)).toEqual([
      'file line 24: regions[2].code is "use1", the code of regions[0]: each has its own',
      'file line 21: regions[1].standIns[1] names "mars-north1", which is no region of this file',
    ])
  })

  it.each<[string, string, RegExp]>([
    ['an empty file', ' \n', /^file is empty$/],
    ['comments alone', '# nothing\n', /^file: the file must have the field regions$/],
    ['a text', '"x"', /^file line 1: the file must have the field regions$/],
    ['a list', '[]', /the file must have the field regions$/],
    ['half a file', '{"regions": [', /^file line \d is neither YAML nor JSON: /],
    ['one field twice', 'lease: {}\nlease: {}', /^file line 2 is neither YAML nor JSON: .*unique/],
    ['two documents', 'a: 1\n---\nb: 2', /^file line 2 is neither YAML nor JSON: /],
    ['a tag of somebody', 'regions: !include x', /neither YAML nor JSON: Unresolved tag/],
    [
      'a bracket too much, which it does not repeat',
      'a: 1\n]me:tell-nobody@x',
      /^file line 2 is neither YAML nor JSON: Unexpected flow-seq-end token in YAML stream$/,
    ],
    ['an alias of nothing', 'regions: *x', /^file has an alias without an anchor/],
    [
      'a bomb of aliases',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${[1, 2, 3, 4, 5, 6, 7]
        .map(
          (n) =>
            `a${n}: &a${n} [${Array(9)
              .fill(`*a${n - 1}`)
              .join(',')}]`,
        )
        .join('\n')}`,
      /^file has an alias without an anchor, or far too many of them$/,
    ],
    ['too large a file', `#${'x'.repeat(limits.topologyBytesMax)}`, /^file has more than 256 KiB$/],
  ])('refuses %s', (_, text, message) => {
    const [fault, ...others] = faultsOf(text)
    expect(fault).toMatch(message)
    expect(others).toEqual([])
  })

  const many = Array.from({ length: 17 }, (_, at) => region(`r${at}`, `c${at}`))
  const first = 'regions[0]'
  it.each<[string, unknown, string]>([
    ['no region', { regions: [] }, 'regions must name one region or more'],
    ['no regions', { lease: {} }, 'regions is missing'],
    ['too many', { regions: many }, 'regions must name at most 16 regions'],
    ['an unknown field', two({}, {}, { leese: 1 }), 'leese is no field of a topology'],
    ['an unknown field of a region', two({ kode: 'x' }), `${first}.kode is no field of a topology`],
    ['no code', two({ code: undefined }), `${first}.code is missing`],
    ['no place', two({ at: undefined }), `${first}.at is missing`],
    ['a place that is none', two({ at: 'here' }), `${first}.at must have latitude and longitude`],
    [
      'a foreign name',
      two({ name: 'US East' }),
      `${first}.name must be a name as CockroachDB has it: a to z, 0 to 9 and -, like us-east1`,
    ],
    [
      'a foreign code',
      two({ code: 'us-east1' }),
      `${first}.code must be 2 to 8 of a to z and 0 to 9, a letter first, like use1`,
    ],
    [
      'one name twice',
      two({}, { name: 'us-east1' }),
      'regions[1].name is "us-east1", the name of regions[0]: each has its own',
    ],
    [
      'two servers for one region',
      two({}, { internal: ['https://a.example', 'https://USE1.internal.example:4000/'] }),
      'regions[1].internal[1] leads to regions[0] already: two regions cannot share an address',
    ],
    [
      'one public address for two',
      two({ public: 'https://tickets.example' }, { public: 'https://tickets.example:443' }),
      'regions[1].public leads to regions[0] already: two regions cannot share an address',
    ],
    [
      "another's public address inside",
      two({}, { internal: ['https://use1.tickets.example'] }),
      'regions[1].internal[0] leads to regions[0] already: two regions cannot share an address',
    ],
    [
      'an address twice',
      two({ internal: ['https://a.example', 'https://a.example/'] }),
      `${first}.internal[1] is an address that this list has already`,
    ],
    [
      'one Redis for two',
      two({ redis: 'redis://r.example:6379' }, { redis: 'redis://r.example:6379/0' }),
      'regions[1].redis is the Redis of regions[0] already: each region has its own',
    ],
    ['no inside', two({ internal: [] }), `${first}.internal must name one address or more`],
    [
      'an inside that is no list',
      two({ internal: 'https://a.example' }),
      `${first}.internal must be a list of addresses`,
    ],
    [
      'no address',
      two({ public: 'tickets' }),
      `${first}.public must be an address, with its scheme`,
    ],
    [
      'another scheme',
      two({ public: 'ftp://tickets.example' }),
      `${first}.public must begin with https: or http:`,
    ],
    [
      'a path',
      two({ internal: ['https://a.example/trpc'] }),
      `${first}.internal[0] must be scheme, host and port, and no more`,
    ],
    [
      'another database',
      two({ database: 'mysql://d.example/x' }),
      `${first}.database must begin with postgresql: or postgres:`,
    ],
    [
      'a database without a name',
      two({ database: 'postgresql://d.example:26257' }),
      `${first}.database must name host and database, like postgresql://10.1.0.5:26257/frontrow`,
    ],
    [
      'another Redis',
      two({ redis: 'http://r.example' }),
      `${first}.redis must begin with rediss: or redis:`,
    ],
    [
      'another search',
      two({ typesense: 'redis://r.example' }),
      `${first}.typesense must begin with https: or http:`,
    ],
    [
      'a place north of the pole',
      two({ at: { latitude: 91, longitude: 0 } }),
      `${first}.at.latitude must be degrees, from -90 to 90`,
    ],
    [
      'a place beyond the date line',
      two({ at: { latitude: 0, longitude: '181' } }),
      `${first}.at.longitude must be degrees, from -180 to 180`,
    ],
    [
      'itself as a stand-in',
      two({ standIns: ['us-east1'] }),
      `${first}.standIns[0] is the region itself: others stand in for it`,
    ],
    [
      'a stand-in twice',
      two({ standIns: ['europe-west1', 'europe-west1'] }),
      `${first}.standIns[1] names "europe-west1" again`,
    ],
    [
      'a lease that one late heartbeat ends',
      two({}, {}, { lease: { lengthMs: 2499 } }),
      'lease.lengthMs must be at least 2.5 heartbeats, here 2500 ms: a lease that one late heartbeat ends changes hands without need',
    ],
    [
      'a lease too short',
      two({}, {}, { lease: { lengthMs: 499, heartbeatMs: 100 } }),
      'lease.lengthMs must be whole milliseconds, from 500 to 60000',
    ],
    [
      'half a millisecond',
      two({}, {}, { lease: { heartbeatMs: 100.5 } }),
      'lease.heartbeatMs must be whole milliseconds, from 100 to 60000',
    ],
    [
      'round trips from nowhere',
      two({}, {}, { roundTripsMs: { 'mars-north1': {}, 'us-east1': { 'europe-west1': 1 } } }),
      'roundTripsMs.mars-north1 is no region of this file',
    ],
    [
      'round trips to nowhere',
      two({}, {}, { roundTripsMs: { 'us-east1': { 'mars-north1': 1 } } }),
      'roundTripsMs.us-east1.mars-north1 is no region of this file',
    ],
    [
      'a way to oneself',
      two({}, {}, { roundTripsMs: { 'us-east1': { 'us-east1': 1 } } }),
      'roundTripsMs.us-east1.us-east1 is the way of a region to itself, which is nothing',
    ],
    [
      'a negative one',
      two({}, {}, { roundTripsMs: { 'us-east1': { 'europe-west1': -1 } } }),
      'roundTripsMs.us-east1.europe-west1 must be milliseconds, from 0 to 2000',
    ],
    [
      'one that is too long',
      two({}, {}, { roundTripsMs: { 'us-east1': { 'europe-west1': 2001 } } }),
      'roundTripsMs.us-east1.europe-west1 must be milliseconds, from 0 to 2000',
    ],
    [
      'a pair that is forgotten',
      two({}, {}, { roundTripsMs: { 'us-east1': {} } }),
      'roundTripsMs lacks the one between us-east1 and europe-west1',
    ],
  ])('refuses %s in one sentence', (_, document, fault) => {
    expect(bare(document)).toEqual([fault])
  })

  it('refuses two lengths of one way', () => {
    const roundTripsMs = {
      'us-east1': { 'europe-west1': 90 },
      'europe-west1': { 'us-east1': 91 },
    }
    expect(bare(two({}, {}, { roundTripsMs }))).toEqual([
      'roundTripsMs.us-east1.europe-west1 contradicts roundTripsMs.europe-west1.us-east1: a round trip has one length',
      'roundTripsMs.europe-west1.us-east1 contradicts roundTripsMs.us-east1.europe-west1: a round trip has one length',
    ])
    const agreed = { ...roundTripsMs, 'europe-west1': { 'us-east1': 90 } }
    expect(bare(two({}, {}, { roundTripsMs: agreed }))).toEqual([])
  })

  it.each([
    ['public', 'https://me:tell-nobody@a.example'],
    ['database', 'postgresql://me:tell-nobody@d.example:26257/frontrow'],
    ['database', 'postgresql://d.example:26257/frontrow?user=me&password=tell-nobody'],
    ['redis', 'rediss://:tell-nobody@r.example'],
    ['typesense', 'https://tell-nobody@s.example'],
  ])('refuses credentials in %s and does not repeat them', (field, address) => {
    const [fault, ...others] = bare(two({ [field]: address }))
    expect(fault).toBe(
      `regions[0].${field} has credentials, which come from the environment alone: take them out, and change them`,
    )
    expect(others).toEqual([])
  })
})
