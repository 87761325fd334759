/**
 * The start and the end of a node's process, with a program in the place of cockroach that only
 * listens and writes its arguments down. What a node does is for a real one to show
 * (docs/cockroachdb.md).
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { directWay, nodeArguments } from '../../regions/local/cockroach-arguments.ts'
import { addRegions } from '../../regions/local/cockroach-database.ts'
import { startCockroachNode } from '../../regions/local/cockroach-node.ts'
import { openDataFolder } from '../../regions/local/data-folder.ts'
import { findFreePort, PortTakenError } from '../../regions/local/free-port.ts'
import { startLocal } from '../../regions/local/start-local.ts'
import { eventually } from '../support/eventually.ts'
import { skipUnless } from '../support/skip.ts'

async function ground() {
  const path = mkdtempSync(join(tmpdir(), 'frontrow-node-'))
  const program = join(path, 'cockroach')
  const script = `#!${process.execPath}
const { appendFileSync } = require('node:fs')
const say = (line) => appendFileSync(${JSON.stringify(join(path, 'said'))}, line + '\\n')
const address = process.argv.find((one) => one.startsWith('--listen-addr='))
const [host, port] = address.slice('--listen-addr='.length).split(':')
const server = require('node:net').createServer()
server.on('error', () => {
  process.stderr.write('ERROR: listen tcp: bind: address already in use\\n')
  process.exit(1)
})
server.listen(Number(port), host, () => say(JSON.stringify(process.argv.slice(2))))
process.on('SIGTERM', () => { say('SIGTERM'); process.exit(0) })
`
  writeFileSync(program, script, { mode: 0o755 })
  const folder = join(path, 'data', 'cockroach', 'us-east1')
  mkdirSync(folder, { recursive: true })
  const node = { region: 'us-east1', port: await findFreePort(), httpPort: 1 }
  const plan = { node, nodes: [node], way: directWay }
  const lines: string[] = []
  const start = () => startCockroachNode({ program, folder, plan, log: (line) => lines.push(line) })
  const said = () => readFileSync(join(path, 'said'), 'utf8').trim().split('\n')
  return {
    path,
    folder,
    node,
    plan,
    start,
    said,
    lines,
    [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true }),
  }
}

describe('a node of a local CockroachDB', () => {
  it('is started with its arguments, and asked to end before it is made to', async () => {
    await using one = await ground()
    const node = await one.start()
    const args = nodeArguments({ ...one.plan, storeFolder: join(one.folder, 'store') })
    expect(one.said()).toEqual([JSON.stringify(args)])
    await node.stop()
    expect(one.said()[1]).toBe('SIGTERM')
    expect(existsSync(join(one.folder, 'cockroach.log'))).toBe(true)
  })

  it('may be started again on the same folder and port', async () => {
    await using one = await ground()
    for (let round = 0; round < 2; round += 1) await (await one.start()).stop()
    const again = await one.start()
    await again.kill()
    await (await one.start()).stop()
    expect(one.said().filter((line) => line !== 'SIGTERM')).toHaveLength(4)
  })

  it('says in one sentence that another program has its port', async () => {
    await using one = await ground()
    const other = createServer()
    await new Promise<void>((resolve) => {
      other.listen(one.node.port, '127.0.0.1', resolve)
    })
    try {
      await expect(one.start()).rejects.toThrow(PortTakenError)
    } finally {
      other.close()
    }
  })

  it('is stopped by --fresh when an earlier start left it running', async () => {
    await using one = await ground()
    const folder = join(one.path, 'data')
    ;(
      await openDataFolder(join(one.path, 'other'), { fresh: false, log: () => undefined })
    ).release()
    const marker = 'frontrow-data-folder'
    writeFileSync(join(folder, marker), readFileSync(join(one.path, 'other', marker)))
    const node = await one.start()
    // As if its launcher had been killed: the claim names a process that is gone.
    const claim = join(one.folder, 'running.json')
    const text = readFileSync(claim, 'utf8')
    const parsed = JSON.parse(text) as { owner?: { pid: number } }
    expect(parsed.owner?.pid, text).toBe(process.pid)
    writeFileSync(claim, JSON.stringify({ ...parsed, owner: { pid: 2 ** 22, startedAt: 'never' } }))
    const lines: string[] = []
    const data = await openDataFolder(folder, { fresh: true, log: (line) => lines.push(line) })
    data.release()
    await eventually(async () => one.said().includes('SIGTERM'), {
      what: 'the node was asked to end',
      timeoutMs: 10_000,
    })
    await node.exited
    expect(existsSync(join(folder, 'cockroach'))).toBe(false)
    expect(lines.join()).toContain(`process ${node.pid}`)
  })
})

describe('npm start with --database cockroach', () => {
  const cockroach = { regions: ['us-east1'] }
  it('is one sentence where there is no CockroachDB, and leaves nothing running', async () => {
    await using one = await ground()
    const environment = { COCKROACH_BINARY: join(one.path, 'none') }
    const start = startLocal({ dataFolder: join(one.path, 'local'), environment, cockroach })
    await expect(start).rejects.toThrow(/^COCKROACH_BINARY names .* no CockroachDB that runs here/)
  })

  it('refuses to start one beside DATABASE_URL', async () => {
    await using one = await ground()
    const environment = { DATABASE_URL: 'postgresql://127.0.0.1:1/none' }
    const start = startLocal({ dataFolder: join(one.path, 'local'), environment, cockroach })
    await expect(start).rejects.toThrow('DATABASE_URL is set')
  })
})

describe('asking for regions', () => {
  it('is answered in words by a database that has none', async (context) => {
    const { databaseUrl, engine } = inject('services')
    skipUnless(context, engine === 'postgresql' ? null : 'only PostgreSQL surely has no regions')
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    try {
      expect(await addRegions(client, ['us-east1', 'europe-west1'])).toBe(
        'this CockroachDB knows no regions',
      )
    } finally {
      await client.end()
    }
  })
})
