/**
 * `npm start` as a person meets it: a program of its own, spoken to by signals and plain HTTP. The
 * first group is one story over one data folder, in order: every start costs seconds.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { findFreePort } from '../regions/local/free-port.ts'
import { identityOf, isRunning, type ProcessIdentity } from '../regions/local/process-identity.ts'
import { startLocal } from '../regions/local/start-local.ts'
import { createTestDatabase } from './support/database.ts'
import { eventually } from './support/eventually.ts'

const startTimeoutMs = 60_000
const program = 'regions/local/start.ts'

type Launched = {
  readonly child: ChildProcess
  readonly port: number
  readonly output: () => string
  readonly exitCode: Promise<number | null>
}

const launchedOnes: Launched[] = []
/** Whoever of them is left at the end is what a failed test was about. */
const seen: ProcessIdentity[] = []

function launch(args: readonly string[], extra: Record<string, string> = {}): Launched {
  return follow(args, {
    command: [process.execPath, '--import', 'tsx', program, ...args],
    env: extra,
  })
}

/** As npm does it: through a shell, and with npm's mark in the environment. */
function launchThroughShell(args: readonly string[]): Launched {
  const line = [process.execPath, '--import', 'tsx', program, ...args].join(' ')
  // A shell with more to do stays between us and the program.
  const command = ['/bin/sh', '-c', `${line}; exit $?`]
  return follow(args, { command, env: { npm_lifecycle_event: 'start' } })
}

type Start = { readonly command: readonly string[]; readonly env: Record<string, string> }

function follow(args: readonly string[], { command, env }: Start): Launched {
  // What the environment of the test run says about databases must not reach a launched system.
  const {
    DATABASE_URL: _,
    REDIS_URL: __,
    STRIPE_SECRET_KEY: ___,
    SMTP_URL: ____,
    ...inherited
  } = process.env
  const [file = '', ...rest] = command
  const child = spawn(file, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, NO_COLOR: '1', ...env },
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const port = Number(args[args.indexOf('--port') + 1])
  const exitCode = once(child, 'close').then(() => child.exitCode)
  const launched = { child, port, output: () => output, exitCode }
  launchedOnes.push(launched)
  return launched
}

async function ready(launched: Launched): Promise<Launched> {
  const { child, output } = launched
  const settled = () => output().includes('Ctrl-C stops') || child.exitCode !== null
  await eventually(settled, { what: 'the system is ready', timeoutMs: startTimeoutMs })
  expect(output()).toContain('Ctrl-C stops')
  return launched
}

/** The processes below one, and the services that led their own groups since. */
function family(root: number): ProcessIdentity[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number))
  const found = [root]
  for (const parent of found) {
    for (const [pid = 0, ppid] of pairs) if (ppid === parent) found.push(pid)
  }
  const processes = found.flatMap((pid) => identityOf(pid) ?? [])
  seen.push(...processes)
  return processes
}

async function allGone(processes: readonly ProcessIdentity[]): Promise<void> {
  const gone = () => !processes.some(isRunning)
  await eventually(gone, { what: 'no process is left', timeoutMs: 30_000 })
}

type Question = { readonly port: number; readonly path: string; readonly body: unknown }

async function post({ port, path, body }: Question, token: string | null): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  return await response.json()
}

async function tokenOfAnn(port: number): Promise<string> {
  const question = { port, path: '/development/token', body: { name: 'ann' } }
  return ((await post(question, null)) as { token: string }).token
}

/** A procedure called by ann. */
async function mutate<Data>(port: number, path: string, body: unknown): Promise<Data> {
  const answer = await post({ port, path: `/trpc/${path}`, body }, await tokenOfAnn(port))
  return (answer as { result: { data: Data } }).result.data
}

async function query<Data>(port: number, path: string, input: unknown): Promise<Data> {
  const question = encodeURIComponent(JSON.stringify(input))
  const response = await fetch(`http://127.0.0.1:${port}/trpc/${path}?input=${question}`, {
    headers: { authorization: `Bearer ${await tokenOfAnn(port)}` },
  })
  return ((await response.json()) as { result: { data: Data } }).result.data
}

/** What the sink that the banner names has taken. */
async function mailsOf({ output }: Launched): Promise<unknown> {
  const url = /shown at (http:\/\/127\.0\.0\.1:\d+)/.exec(output())?.[1]
  return await (await fetch(`${url}/api/mails`)).json()
}

type Order = { readonly id: string; readonly state: string }

async function eventsOf(port: number): Promise<readonly { id: string; name: string }[]> {
  return (await query<{ items: { id: string; name: string }[] }>(port, 'events.list', {})).items
}

/** @returns the id of an order that ann has paid. */
async function buyTwoSeats(port: number): Promise<string> {
  const event = (await eventsOf(port)).find(({ name }) => name.startsWith('Blue Hour'))?.id
  const seats = { kind: 'best', count: 2 }
  const wish = { event, key: 'first-hold', seats }
  const { token: holdToken } = await mutate<{ token: string }>(port, 'holds.place', wish)
  const { order } = await mutate<{ order: Order }>(port, 'checkout.start', { holdToken })
  const payment = { order: order.id, key: 'first-payment', paymentMethod: 'pm_card_visa' }
  const paid = await mutate<{ order: Order }>(port, 'checkout.confirm', payment)
  expect(paid.order.state).toBe('paid')
  return order.id
}

async function orderState(port: number, order: string): Promise<string> {
  return (await query<Order>(port, 'orders.get', { order })).state
}

/** SIGKILL to every process at once; those that a signal can no longer reach are gone. */
function killAll(processes: readonly ProcessIdentity[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone with its parent.
    }
  }
}

function folderFor(name: string): string {
  return join(inject('services').folder, name)
}

afterAll(async () => {
  for (const { child, exitCode } of launchedOnes) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await exitCode
  }
  killAll(seen.filter(isRunning))
})

describe('npm start, told in order', () => {
  let port = 0
  let data = ''
  let order = ''
  let running: Launched
  const start = async (...more: readonly string[]) =>
    ready(launch(['--data', data, '--port', String(port), ...more]))

  beforeAll(async () => {
    port = await findFreePort()
    data = folderFor('start-story')
  })

  it('sells on the first start and says how', { timeout: startTimeoutMs }, async () => {
    running = await start('--watch')
    expect(running.output()).toContain(`http://127.0.0.1:${port}/trpc`)
    expect(running.output()).toContain('{"name":"root","admin":true}')
    expect(running.output()).toContain('npm run onsale -- --url')
    expect(await mailsOf(running)).toEqual({ mails: [] })
    order = await buyTwoSeats(port)
    expect(await eventsOf(port)).toHaveLength(3)
    await eventually(() => / (?!0 )[\d.]+ places held\/s, /.test(running.output()), {
      what: 'the board shows the hold',
      timeoutMs: startTimeoutMs,
    })
  })

  it('keeps its keys for its owner and out of sight', () => {
    const keys = join(data, 'keys')
    expect(statSync(keys).mode & 0o777).toBe(0o700)
    const files = readdirSync(keys)
    expect(files.length).toBeGreaterThan(4)
    const secrets = files.map((file) => {
      expect(statSync(join(keys, file)).mode & 0o777).toBe(0o600)
      const text = readFileSync(join(keys, file), 'utf8')
      return /"d":"([^"]+)"/.exec(text)?.[1] ?? text.trim()
    })
    const log = readFileSync(join(data, 'server', 'server.log'), 'utf8')
    const seen = `${log}${running.output()}`
    for (const secret of secrets) expect(seen).not.toContain(secret)
  })

  it('names the process that has the data folder', { timeout: startTimeoutMs }, async () => {
    const other = launch(['--data', data, '--port', String(await findFreePort())])
    expect(await other.exitCode).toBe(1)
    expect(other.output()).toContain(`is in use by process ${running.child.pid}:`)
    expect(other.output().trim().split('\n')).toHaveLength(1)
  })

  it('refuses a taken port before anything starts', { timeout: startTimeoutMs }, async () => {
    const elsewhere = folderFor('start-elsewhere')
    const other = launch(['--data', elsewhere, '--port', String(port)])
    expect(await other.exitCode).toBe(1)
    expect(other.output()).toContain(`127.0.0.1:${port}: another program uses this port`)
    expect(existsSync(join(elsewhere, 'postgres'))).toBe(false)
  })

  it('runs beside a copy with parts of others', { timeout: startTimeoutMs }, async () => {
    await using database = await createTestDatabase()
    await using other = await startLocal({
      dataFolder: folderFor('start-beside'),
      environment: {
        DATABASE_URL: database.url,
        STRIPE_SECRET_KEY: 'sk_test_12345678',
        STRIPE_WEBHOOK_SECRET: 'whsec_12345678',
        STRIPE_API_URL: 'http://127.0.0.1:9',
        SMTP_URL: 'smtp://127.0.0.1:9',
        MAIL_FROM: 'Frontrow <tickets@example.org>',
      },
    })
    const { redis: _, server, ...ours } = other.pids
    expect(ours).toEqual({ postgres: null, stripeSimulator: null, mailSink: null })
    expect(other.mailUrl).toBeNull()
    expect(server).toBeGreaterThan(0)
    expect(readdirSync(other.facts.dataFolder)).not.toContain('postgres')
    expect(readdirSync(other.facts.dataFolder)).not.toContain('stripe')
    expect(readdirSync(other.facts.dataFolder)).not.toContain('mail')
    expect(await eventsOf(Number(new URL(other.url).port))).toEqual([])
    expect(await orderState(port, order)).toBe('paid')
  })

  it('starts again what was killed', { timeout: startTimeoutMs }, async () => {
    const server = serviceOf(data, 'server')
    process.kill(server, 'SIGKILL')
    const said = () => running.output().includes('The server runs again')
    await eventually(said, { what: 'the server runs again', timeoutMs: 30_000 })
    expect(running.output()).toContain('The server ended by itself')
    process.kill(serviceOf(data, 'mail'), 'SIGKILL')
    const shown = () => running.output().includes('The mail sink runs again')
    await eventually(shown, { what: 'the mail sink runs again', timeoutMs: 30_000 })
    expect(await mailsOf(running)).toEqual({ mails: [] })
    expect(await orderState(port, order)).toBe('paid')
  })

  it('leaves no process after a Ctrl-C', { timeout: startTimeoutMs }, async () => {
    const processes = family(running.child.pid ?? 0)
    expect(processes.length).toBeGreaterThan(4)
    running.child.kill('SIGINT')
    expect(await running.exitCode).toBe(0)
    await allGone(processes)
    // Stopped in order, not by the watches that follow a killed launcher.
    const claims = ['.', 'server', 'mail', 'postgres'].map((part) =>
      join(data, part, 'running.json'),
    )
    expect(claims.filter((claim) => existsSync(claim))).toEqual([])
  })

  it('goes on with the orders, and after a killed launcher', { timeout: 90_000 }, async () => {
    running = await start()
    expect(await orderState(port, order)).toBe('paid')
    expect(await eventsOf(port)).toHaveLength(3)
    const processes = family(running.child.pid ?? 0)
    running.child.kill('SIGKILL')
    await running.exitCode
    // At once: what the watches have not yet stopped, the start does.
    running = await start()
    await allGone(processes)
    expect(await orderState(port, order)).toBe('paid')
  })

  it('goes on with the orders after a kill of everything', { timeout: 90_000 }, async () => {
    const processes = family(running.child.pid ?? 0)
    killAll(processes)
    await running.exitCode
    running = await ready(launchThroughShell(['--data', data, '--port', String(port)]))
    await allGone(processes)
    expect(await orderState(port, order)).toBe('paid')
  })

  it('stops when npm is killed', { timeout: startTimeoutMs }, async () => {
    const processes = family(running.child.pid ?? 0)
    running.child.kill('SIGKILL')
    await allGone(processes)
  })

  it('begins anew when asked to', { timeout: startTimeoutMs }, async () => {
    await using system = await startLocal({ dataFolder: data, fresh: true })
    const otherPort = Number(new URL(system.url).port)
    expect(await eventsOf(otherPort)).toEqual([])
  })
})

describe('npm start', () => {
  it('stops within seconds while it starts', { timeout: startTimeoutMs }, async () => {
    const data = folderFor('start-cut')
    const launched = launch(['--data', data, '--port', String(await findFreePort())])
    const making = () => launched.output().includes('making a PostgreSQL cluster')
    await eventually(making, { what: 'the start is under way' })
    const processes = family(launched.child.pid ?? 0)
    launched.child.kill('SIGHUP')
    expect(await launched.exitCode).toBe(0)
    await allGone(processes)
    expect(existsSync(join(data, 'running.json'))).toBe(false)
  })

  it('leaves a folder alone that is not its own', { timeout: startTimeoutMs }, async () => {
    const data = folderFor('start-foreign')
    mkdirSync(data)
    writeFileSync(join(data, 'thesis.txt'), 'years of work')
    const launched = launch(['--data', data, '--fresh', '--port', String(await findFreePort())])
    expect(await launched.exitCode).toBe(1)
    expect(launched.output()).toContain("holds something else than Frontrow's data")
    expect(readdirSync(data)).toEqual(['thesis.txt'])
  })

  it('says what is wrong with its options', { timeout: startTimeoutMs }, async () => {
    const launched = launch(['--prot', '4000'])
    expect(await launched.exitCode).toBe(2)
    expect(launched.output()).toContain("Unknown option '--prot'")
    expect(launched.output()).toContain('Usage: npm start')
  })

  it("wants the webhook's secret with Stripe's key", { timeout: startTimeoutMs }, async () => {
    const data = folderFor('start-stripe')
    const launched = launch(['--data', data], { STRIPE_SECRET_KEY: 'sk_test_12345678' })
    expect(await launched.exitCode).toBe(1)
    expect(launched.output()).toContain('STRIPE_WEBHOOK_SECRET must be too')
    expect(existsSync(data)).toBe(false)
  })
})

function serviceOf(data: string, part: string): number {
  const claim = JSON.parse(readFileSync(join(data, part, 'running.json'), 'utf8')) as {
    service: ProcessIdentity
  }
  return claim.service.pid
}
