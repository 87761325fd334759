/**
 * `npm run regions` as a process, as people and scripts run it: against a server that speaks the
 * API's wire form, and against a PostgreSQL where it expects a CockroachDB.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { refusal, result, scriptedServer, type WireServer } from '../client/wire-server.ts'
import { createEmptyDatabase } from '../support/empty-database.ts'
import { onServer } from '../support/on-server.ts'
import { skipUnless } from '../support/skip.ts'

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))

type Ended = { readonly code: number; readonly out: string; readonly err: string }

async function regions(
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'regions/command/main.ts', ...args], {
    cwd: projectFolder,
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ])
  return { code, out, err }
}

const token = { FRONTROW_TOKEN: 'token-of-an-admin' }
const reason = ['--reason', 'Strom fällt Sonntag aus']
const status = {
  asOf: '2026-11-28T10:00:00.000Z',
  regions: [
    {
      name: 'us-east1',
      drained: false,
      answers: true,
      homes: [{ home: 'us-east1', epoch: 2, leaseLeftMs: 2_000 }],
      followers: [],
    },
  ],
}
const moved = [{ home: 'us-east1', from: 'us-east1', to: 'europe-west1', epoch: 3, pausedMs: 212 }]

/** A topology whose regions are reached at these addresses. */
function topologyFor(addresses: readonly string[]): string {
  const names = ['us-east1', 'europe-west1']
  const all = addresses.map((address, at) => ({
    name: names[at],
    code: `r${at}`,
    public: address,
    internal: [address],
    at: { latitude: 0, longitude: 0 },
  }))
  return JSON.stringify({ regions: all })
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontrow-regions-'))
})
afterAll(() => rm(folder, { recursive: true }))
async function topologyFile(content: string): Promise<string> {
  const file = join(folder, `${content.length}.yaml`)
  await writeFile(file, content)
  return file
}
async function silentAddress(): Promise<string> {
  const gone = await scriptedServer()
  const { url } = gone
  await gone[Symbol.asyncDispose]()
  return url
}

describe('regions status', () => {
  it('asks the first server of the topology that answers, and shows a table', async () => {
    await using server = await scriptedServer(result(status))
    const TOPOLOGY = await topologyFile(topologyFor([await silentAddress(), server.url]))
    const { code, out, err } = await regions(['status'], { ...token, TOPOLOGY })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^region .*\nus-east1 +answers +us-east1 \(epoch 2, 2\.0 s left\) +nobody\n/,
    )
    expect(server.seen[0]?.authorization).toBe('Bearer token-of-an-admin')
    expect(server.calls).toEqual([{ path: 'admin.regions.status', input: {} }])
  })

  it('prints one JSON document for programs, without colours even where they are forced', async () => {
    await using server = await scriptedServer(result(status))
    const { out } = await regions(['status', '--json', '--url', server.url], token)
    expect(JSON.parse(out)).toEqual(status)
    const forced = await regions(['status', '--url', server.url], { ...token, FORCE_COLOR: '1' })
    expect(forced.out).not.toContain(String.fromCharCode(27))
  })

  it('says what the server refused, and ends with 1', async () => {
    await using server = await scriptedServer(refusal('NOT_ALLOWED', { status: 403 }))
    const { code, out, err } = await regions(['status', '--url', server.url], token)
    expect([code, out, err]).toEqual([1, '', 'refused: NOT_ALLOWED (NOT_ALLOWED)\n'])
  })
})

describe('regions drain and restore', () => {
  it('send the wish with the reason, and say what moved', async () => {
    await using server = await scriptedServer(result({ moved }))
    const args = ['drain', 'us-east1', '--to', 'europe-west1', '--url', server.url, ...reason]
    const { code, out } = await regions(args, token)
    expect([code, out]).toEqual([
      0,
      'us-east1: sold from europe-west1 since epoch 3, was us-east1; sales paused 212 ms\n',
    ])
    const again = await regions(
      ['restore', 'us-east1', '--json', '--url', server.url, ...reason],
      token,
    )
    expect(JSON.parse(again.out)).toEqual({ moved })
    expect(inputsOf(server)).toEqual([
      { region: 'us-east1', to: 'europe-west1' },
      { region: 'us-east1' },
    ])
    for (const { actingReason } of server.seen) expect(actingReason).toBe('Strom fällt Sonntag aus')
  })

  it('say so when nobody knows whether it was done', async () => {
    await using server = await scriptedServer({ kind: 'reset' })
    const args = ['drain', 'us-east1', '--url', server.url, ...reason]
    const { code, err } = await regions(args, token)
    expect(code).toBe(1)
    expect(err).toMatch(/admin\.regions\.drain may have been done or not/)
  })

  it('say when there was nothing to move', async () => {
    await using server = await scriptedServer(result({ moved: [] }))
    const { code, out } = await regions(['restore', 'a', '--url', server.url, ...reason], token)
    expect([code, out]).toEqual([0, 'a has what is its own: nothing to give back.\n'])
  })
})

describe('regions apply', () => {
  it('says in one sentence that PostgreSQL has no regions', async (context) => {
    const { databaseUrl, engine } = inject('services')
    skipUnless(
      context,
      engine === 'postgresql' ? null : 'the database of this run is no PostgreSQL',
    )
    const TOPOLOGY = 'regions/topologies/local.yaml'
    const { code, out, err } = await regions(['apply'], { TOPOLOGY, DATABASE_URL: databaseUrl })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(
      /^This database is PostgreSQL [\d.]+.*, which has no regions: there is nothing to apply\.\n$/,
    )
  })

  it('says in one sentence that a CockroachDB knows no regions', async (context) => {
    const { databaseUrl, engine } = inject('services')
    skipUnless(
      context,
      engine === 'postgresql' ? null : 'the database of this run is no PostgreSQL',
    )
    // As such a build answers: its version, and a syntax error for what it does not know.
    await using database = await createEmptyDatabase(databaseUrl)
    await onServer(database.url, 'create schema core')
    await onServer(
      database.url,
      "create function core.version() returns text language sql as 'select ''CockroachDB OSS v20.2.0'''",
    )
    const url = new URL(database.url)
    url.searchParams.set('options', '-c search_path=core,pg_catalog')
    const settings = { TOPOLOGY: 'regions/topologies/local.yaml', DATABASE_URL: url.href }
    const { code, out, err } = await regions(['apply'], settings)
    expect([code, out]).toEqual([1, ''])
    expect(err).toBe(
      'This CockroachDB is a build without multi-region SQL: there is nothing to apply, and tables stay where they are.\n',
    )
  })

  it('says where nobody answers, and no password', async () => {
    const { host } = new URL(await silentAddress())
    const url = `postgresql://me:tell-nobody@${host}/frontrow`
    const args = ['apply', '--topology', 'regions/topologies/local.yaml', '--database', url]
    const { code, err } = await regions(args)
    expect([code, err]).toEqual([
      1,
      `No connection to the database at ${host}: nobody answers there.\n`,
    ])
  })

  it('says why a database turned it away', async () => {
    const url = new URL(inject('services').databaseUrl)
    url.pathname = '/nowhere'
    const settings = { TOPOLOGY: 'regions/topologies/local.yaml', DATABASE_URL: url.href }
    const { code, err } = await regions(['apply', '--dry-run'], settings)
    expect([code, err]).toEqual([
      1,
      `No connection to the database at ${url.host}: database "nowhere" does not exist.\n`,
    ])
  })
})

describe('the command', () => {
  const at = (url: string) => ['status', '--url', url]
  it.each<[string, () => Promise<Ended>, RegExp]>([
    ['without a token', () => regions(at('http://127.0.0.1:9')), /^FRONTROW_TOKEN must hold/],
    ['without a server', () => regions(['status'], token), /^status needs --url, or --topology\./],
    ['with no address', () => regions(at('here'), token), /^endpoints: "here" is no/],
    ['without a topology', () => regions(['apply']), /^apply needs --topology, or TOPOLOGY\./],
    ['for nothing', () => regions([]), /^Which command\?/],
  ])('called %s shows its usage and ends with 2', async (_, run, message) => {
    const { code, out, err } = await run()
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).toContain('Usage: npm run regions')
  })

  it('shows its usage as a result when asked', async () => {
    const { code, out, err } = await regions(['--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Usage: npm run regions/)
  })

  it('says each fault of the topology on a line', async () => {
    const TOPOLOGY = await topologyFile(topologyFor(['http://a.example', 'http://a.example']))
    const { code, err } = await regions(['apply'], { TOPOLOGY })
    expect(code).toBe(1)
    expect(err).toMatch(/ line 1: regions\[1\]\.public leads to regions\[0\] already/)
    expect(err.trimEnd().split('\n')).toHaveLength(2)
  })
})

function inputsOf(server: WireServer): unknown[] {
  return server.calls.map(({ input }) => input)
}
