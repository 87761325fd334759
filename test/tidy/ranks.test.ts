import { describe, expect, it } from 'vitest'
import { checkRanks, partOf } from './ranks.ts'
import { parseSource } from './source.ts'

const faults = (path: string, text: string) =>
  checkRanks([parseSource(path, text)]).map(({ message }) => message)
const imports = (path: string, specifier: string) =>
  faults(path, `import { a } from '${specifier}'`)

describe('ranks of the server', () => {
  it('let imports go down', () => {
    expect(imports('server/application/place-hold.ts', '../stores/events.ts')).toEqual([])
    expect(imports('server/transport/routers/holds.ts', '../../platform/ids.ts')).toEqual([])
    expect(imports('server/main.ts', './transport/http-server.ts')).toEqual([])
    expect(imports('server/start-server.ts', '../migrations/migrate.ts')).toEqual([])
  })

  it('refuse imports that go up', () => {
    expect(imports('server/domain/hold.ts', '../stores/events.ts')[0]).toContain('may not look up')
    expect(imports('server/platform/ids.ts', '../config.ts')[0]).toContain('may not look up')
    expect(
      faults('server/stores/x.ts', "import type { A } from '../application/x.ts'"),
    ).toHaveLength(1)
  })

  it('refuse imports between two folders of one rank, types too', () => {
    expect(imports('server/gateways/stripe.ts', '../stores/events.ts')[0]).toContain('one rank')
    expect(imports('server/workers/finish-orders.ts', '../transport/shapes.ts')[0]).toContain(
      'one rank',
    )
  })

  it('refuse a folder that has no rank', () => {
    expect(imports('server/lib/x.ts', '../platform/ids.ts')[0]).toContain('has no rank')
  })
})

describe('the parts around the server', () => {
  it('give the client two types', () => {
    const router = '../server/transport/routers/index.ts'
    expect(faults('client/index.ts', `import type { AppRouter } from '${router}'`)).toEqual([])
    expect(faults('client/index.ts', `import { AppRouter } from '${router}'`)).toHaveLength(1)
    expect(faults('client/index.ts', `import type { Meta } from '${router}'`)).toHaveLength(1)
    expect(
      faults('client/api.ts', "import type { RefusalCode } from '../server/domain/refusal.ts'"),
    ).toEqual([])
    expect(
      faults('client/api.ts', "import { refusals } from '../server/domain/refusal.ts'"),
    ).toHaveLength(1)
    expect(imports('client/index.ts', '../server/platform/ids.ts')).toHaveLength(1)
  })

  it('keep simulator and server apart', () => {
    expect(imports('stripe-simulator/api.ts', '../server/platform/ids.ts')).toHaveLength(1)
    expect(imports('mail-sink/sink.ts', '../server/platform/ids.ts')).toHaveLength(1)
    expect(imports('server/main.ts', '../stripe-simulator/simulator.ts')).toHaveLength(1)
  })

  it('keep migrations free of everything, and from all but the main rank', () => {
    expect(imports('migrations/run.ts', '../server/config.ts')).toHaveLength(1)
    expect(imports('server/stores/database.ts', '../../migrations/migrate.ts')).toHaveLength(1)
  })

  it('let the launcher and the bench use the client and the platform, not the insides', () => {
    expect(imports('bench/onsale/main.ts', '../../client/index.ts')).toEqual([])
    expect(imports('regions/local/start.ts', '../../server/platform/ids.ts')).toEqual([])
    expect(imports('regions/local/start.ts', '../../server/stores/events.ts')).toHaveLength(1)
    expect(imports('bench/onsale/main.ts', '../../server/domain/hold.ts')).toHaveLength(1)
  })

  it('let a bench of one part import that part', () => {
    expect(imports('bench/holds.ts', '../server/domain/hold.ts')).toEqual([])
    expect(imports('bench/holds.ts', '../chaos/auditor.ts')).toHaveLength(1)
  })

  it("let the bench's tests hold its data against the server's rules, not the simulator's", () => {
    expect(imports('bench/onsale/x.test.ts', '../../server/domain/hold.ts')).toEqual([])
    expect(imports('stripe-simulator/x.test.ts', '../server/domain/hold.ts')).toHaveLength(1)
  })

  it('let nothing import chaos or test, but tests their support', () => {
    expect(imports('server/main.ts', '../test/support/database.ts')).toHaveLength(1)
    expect(imports('bench/onsale/main.ts', '../../chaos/auditor.ts')).toHaveLength(1)
    expect(imports('server/stores/x.test.ts', '../../test/support/database.ts')).toEqual([])
    expect(imports('stripe-simulator/api.ts', './test-support.ts')).toEqual([])
    expect(imports('server/main.ts', '../stripe-simulator/test-support.ts')).toHaveLength(1)
  })

  it('let the auditor know nothing but the evidence', () => {
    const of = (specifier: string) => imports('chaos/auditor/audit.ts', specifier)
    expect(of('../evidence/evidence.ts')).toEqual([])
    expect(of('../history/entry.ts')).toEqual([])
    expect(of('./facts/facts.ts')).toEqual([])
    expect(of('node:fs/promises')).toEqual([])
    const others = [
      '../../server/platform/ids.ts',
      '../../client/index.ts',
      '../../bench/onsale/seeded-chance.ts',
      '../../regions/local/wait-until.ts',
      '../../test/support/eventually.ts',
      '../evidence/dump-rows.ts',
      '../ground/ground.ts',
      'zod',
      'pg',
      'vitest',
    ]
    for (const other of others) expect(of(other)[0]).toContain('shares no code')
    expect(imports('chaos/auditor/x.test.ts', '../../server/platform/ids.ts')).toHaveLength(1)
    expect(imports('chaos/auditor/x.test.ts', 'vitest')).toEqual([])
    expect(imports('chaos/evidence/evidence.ts', '../../server/platform/ids.ts')).toHaveLength(1)
    expect(imports('chaos/report/report.ts', '../auditor/verdict.ts')).toEqual([])
  })

  it('let tests in test/ import all', () => {
    expect(imports('test/sale/x.test.ts', '../../server/stores/events.ts')).toEqual([])
  })
})

describe('packages', () => {
  it('stay where they belong', () => {
    expect(imports('server/transport/http-server.ts', 'fastify')).toEqual([])
    expect(imports('server/application/place-hold.ts', 'fastify')[0]).toContain('server/transport')
    expect(imports('server/application/place-hold.ts', 'pg')).toHaveLength(1)
    expect(imports('server/domain/hold.ts', 'node:fs/promises')).toHaveLength(1)
    expect(imports('server/domain/hold.test.ts', 'node:fs/promises')).toEqual([])
  })
})

it('a part is a folder of server/ or a folder of the root', () => {
  expect(partOf('server/stores/sale/orders.ts')).toBe('server/stores')
  expect(partOf('server/main.ts')).toBe('server')
  expect(partOf('regions/local/start.ts')).toBe('regions')
  expect(partOf('vitest.config.ts')).toBe('')
})
