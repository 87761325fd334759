/**
 * The rules for links of the Compose target on two real networks of this machine's kernel, as those
 * of two containers are: what becomes of a connection that stands. Needs root and iptables; what tc
 * holds back also needs a kernel with netem, and is only read here.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type ComposeLink,
  composeLinks,
  linesToClear,
  linesToLook,
  linesToSet,
  met,
} from '../../chaos/faults/compose/link-rules.ts'
import type { LinkFault } from '../../regions/local/links/link-plan.ts'
import { eventually } from '../support/eventually.ts'
import { describeUnless } from '../support/skip.ts'

const caller = `drill-a-${process.pid}`
const called = `drill-b-${process.pid}`
const at = { caller: ['10.231.7.1'], called: ['10.231.7.2'] }
const [link] = composeLinks as readonly [ComposeLink, ...ComposeLink[]]
const whyNot = missing()

/** Answers each line with the same line. */
const echo = `require('net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(${link.port}, () => console.log('listening'))`
/** Says what is written to it, and tells what comes back and how it ends. */
const talk = `const socket = require('net').connect(${link.port}, '${at.called[0]}')
socket.setNoDelay(true)
socket.on('connect', () => console.log('connected'))
socket.on('data', (text) => console.log('heard ' + text))
socket.on('error', (error) => console.log(error.code))
process.stdin.on('data', (text) => socket.write(String(text).trim()))`

describeUnless(whyNot, 'links between two networks', () => {
  const started: ChildProcess[] = []
  beforeAll(async () => {
    for (const network of [caller, called]) ip('netns', 'add', network)
    ip(
      'link',
      'add',
      'eth0',
      'netns',
      caller,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      called,
    )
    for (const [network, [address]] of [
      [caller, at.caller],
      [called, at.called],
    ] as const) {
      ip('-n', network, 'address', 'add', `${address}/24`, 'dev', 'eth0')
      for (const device of ['lo', 'eth0']) ip('-n', network, 'link', 'set', device, 'up')
    }
    const { said } = programIn(called, echo)
    await hears({ said }, 'listening')
  })
  afterEach(() => clear())
  afterAll(() => {
    for (const one of started) one.kill('SIGKILL')
    for (const network of [caller, called]) ip('netns', 'del', network)
  })

  function programIn(network: string, script: string) {
    const child = spawn('ip', ['netns', 'exec', network, process.execPath, '--eval', script])
    started.push(child)
    const said: string[] = []
    const lines: Interface = createInterface({ input: child.stdout })
    lines.on('line', (line) => said.push(line))
    return { said, say: (word: string) => child.stdin.write(`${word}\n`) }
  }

  async function connected() {
    const one = programIn(caller, talk)
    await hears(one, 'connected')
    one.say('before')
    await hears(one, 'heard before')
    return one
  }

  const set = (fault: LinkFault) => {
    const lines = linesToSet(link, fault, at)
    run(caller, lines.caller)
    run(called, lines.called)
  }
  const clear = () => {
    for (const network of [caller, called]) run(network, linesToClear(link))
  }
  const look = () => met(link, run(caller, linesToLook))
  const isMet = () => eventually(() => look().packets > 0, { what: 'packets that were met' })

  it('lets nothing pass a black hole, and all of it when that is healed', async () => {
    const one = await connected()
    set({ kind: 'black-hole' })
    one.say('meanwhile')
    await isMet()
    expect(one.said).toEqual(['connected', 'heard before'])
    expect(look().isSet).toBe(true)
    clear()
    expect(look()).toEqual({ isSet: false, packets: 0 })
    await hears(one, 'heard meanwhile')
  })

  it('resets what stands at its next word, and what is new at once', async () => {
    const one = await connected()
    set({ kind: 'cut' })
    one.say('meanwhile')
    await hears(one, 'ECONNRESET')
    const fresh = programIn(caller, talk)
    await hears(fresh, 'ECONNREFUSED')
    expect(look().packets).toBeGreaterThan(0)
    clear()
    await connected()
  })

  it('loses one way alone', async () => {
    const one = await connected()
    set({ kind: 'one-way', lost: 'back' })
    one.say('meanwhile')
    await isMet()
    expect(one.said).toEqual(['connected', 'heard before'])
    expect(linesToSet(link, { kind: 'one-way', lost: 'there' }, at).caller).toEqual([
      expect.stringContaining('OUTPUT'),
    ])
    clear()
    await hears(one, 'heard meanwhile')
  })

  it('answers with a reset when the far side has forgotten', async () => {
    const one = await connected()
    set({ kind: 'half-open' })
    one.say('meanwhile')
    await isMet()
    expect(one.said).toEqual(['connected', 'heard before'])
    clear()
    await hears(one, 'ECONNRESET')
    expect(one.said).not.toContain('heard meanwhile')
  })

  it('leaves other links alone', async () => {
    const one = await connected()
    const other = composeLinks[1] ?? link
    run(caller, linesToSet(other, { kind: 'black-hole' }, { ...at, called: ['10.231.7.9'] }).caller)
    one.say('still')
    await hears(one, 'heard still')
    clear()
    expect(met(other, run(caller, linesToLook)).isSet).toBe(true)
    run(caller, linesToClear(other))
    expect(met(other, run(caller, linesToLook)).isSet).toBe(false)
  })
})

describe('queues of tc', () => {
  it('are read by their band, with the packets that they held', () => {
    const seen = `qdisc prio 1: root refcnt 2 bands 16 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 Sent 5120 bytes 44 pkt (dropped 0, overlimits 0 requeues 0)
 backlog 0b 0p requeues 0
qdisc netem 1${link.band}: parent 1:${link.band} limit 100000 delay 400ms
 Sent 1210 bytes 11 pkt (dropped 0, overlimits 0 requeues 0)
 backlog 0b 0p requeues 0
`
    expect(met(link, seen)).toEqual({ isSet: true, packets: 11 })
    const other = composeLinks[1] ?? link
    expect(met(other, seen)).toEqual({ isSet: false, packets: 0 })
  })
})

type Heard = { readonly said: readonly string[] }

async function hears({ said }: Heard, word: string): Promise<void> {
  await eventually(() => said.includes(word), { what: word })
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}

function run(network: string, lines: readonly string[]): string {
  const args = ['netns', 'exec', network, 'sh', '-e', '-c', lines.join('\n')]
  return execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' })
}

function missing(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make networks'
  for (const program of ['ip', 'iptables', 'tc', 'ss']) {
    if (spawnSync(program, ['--help']).error !== undefined) return `there is no ${program} here`
  }
  const probe = spawnSync('unshare', ['--net', 'iptables', '-w', '5', '-S'])
  return probe.status === 0 ? null : 'this kernel has no iptables'
}
