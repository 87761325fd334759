/**
 * What 2,000 connections that dribble their headers do to honest callers: the 99th percentile of
 * `events.list` without and with them, in interleaved rounds against one server process. The
 * crowd is a process of its own; whoever of it is turned away comes back at once.
 *
 *   npm run bench:slow-loris
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import { startLocal } from '../regions/local/start-local.ts'
import { percentilesOf } from './onsale/percentiles.ts'

const connections = 2_000
const dribbleMs = 1_000
const rounds = 5
const callsARound = 2_000
const warmUpCalls = 3_000
const atOnce = 4
const targetRatio = 1.5

const crowdAt = process.argv[2]
if (crowdAt === undefined) await measure()
else keepDribbling(Number(crowdAt))

async function measure(): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'frontrow-bench-'))
  try {
    await using system = await startLocal({ dataFolder, demo: false })
    await callsOf(system.url, warmUpCalls)
    const quiet: number[] = []
    const crowded: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      quiet.push(...(await callsOf(system.url, callsARound)))
      const crowd = await startCrowd(new URL(system.url).port)
      crowded.push(...(await callsOf(system.url, callsARound)))
      crowd.kill('SIGKILL')
      await once(crowd, 'exit')
    }
    report(quiet, crowded)
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Milliseconds of each call. */
async function callsOf(url: string, count: number): Promise<number[]> {
  const limit = pLimit(atOnce)
  return await limit.map(Array.from({ length: count }), async () => {
    const startedMs = performance.now()
    const answer = await fetch(`${url}/trpc/events.list?input=%7B%7D`)
    await answer.text()
    if (!answer.ok) throw new Error(`An honest call got ${answer.status}`)
    return performance.now() - startedMs
  })
}

/** Resolves once all are connected. */
async function startCrowd(port: string): Promise<ChildProcess> {
  const self = fileURLToPath(import.meta.url)
  const stdio = ['pipe', 'pipe', 'inherit'] as const
  const crowd = spawn(process.execPath, ['--import', 'tsx', self, port], { stdio: [...stdio] })
  if (crowd.stdout === null) throw new Error('The crowd has no voice')
  await once(crowd.stdout, 'data')
  return crowd
}

function keepDribbling(port: number): void {
  // Ends with the process that started it.
  process.stdin.resume().on('end', () => process.exit(0))
  let connected = 0
  const join = () => {
    const socket = connect(port, '127.0.0.1')
    const dribbling = setInterval(() => socket.write('x-a: b\r\n'), dribbleMs)
    socket.on('connect', () => {
      socket.write('GET /trpc/events.list HTTP/1.1\r\nhost: a\r\n')
      connected += 1
      if (connected === connections) process.stdout.write('all are connected\n')
    })
    socket.on('error', () => undefined)
    socket.resume()
    socket.on('close', () => {
      clearInterval(dribbling)
      setTimeout(join, 100)
    })
  }
  for (let at = 0; at < connections; at += 1) join()
}

function report(quiet: readonly number[], crowded: readonly number[]): void {
  const [without, beside] = [percentilesOf(quiet), percentilesOf(crowded)]
  if (without === null || beside === null) throw new Error('Nothing was measured')
  const line = (name: string, { p50, p99, max }: typeof without) =>
    `${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(1)} ms\n`
  process.stdout.write(line('alone', without))
  process.stdout.write(line(`beside ${connections} slow connections`, beside))
  const ratio = beside.p99 / without.p99
  const verdict = ratio <= targetRatio ? 'within' : 'beyond'
  process.stdout.write(`ratio of p99: ${ratio.toFixed(2)}, ${verdict} ${targetRatio}\n`)
}
