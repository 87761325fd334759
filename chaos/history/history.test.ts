import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import type { Entry } from './entry.ts'
import { History } from './history.ts'
import { Recorder } from './recorder.ts'
import { RawCallError } from './told.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontrow-history-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const fan = { name: 'fan-12', actor: 'demo:ann', region: 'us-east1' }
const order = { order: 'ord_1' }
const paid = {
  order: 'ord_1',
  event: 'evt_1',
  state: 'paid',
  voidReason: null,
  units: [1],
  total: 100,
  currency: 'USD',
  version: 2,
  tickets: 1,
} as const

function open() {
  const path = join(folder, 'deep', 'history.jsonl')
  const history = new History(path)
  const entries = async () => {
    const text = await readFile(path, 'utf8')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Entry)
  }
  return { path, history, entries }
}

function refusal(code: string, outcome: 'refused' | 'unknown', transient = false) {
  return new RawCallError('orders.get', { code, transient, outcome })
}

const answering = { send: () => Promise.resolve(paid), read: () => paid }
const failing = (cause: unknown) => ({ send: () => Promise.reject(cause), read: () => paid })

describe('a recorder', () => {
  it('writes what was asked before it is sent, and how it ended', async () => {
    const { history, entries } = open()
    const recorder = new Recorder(history, fan)
    let askedFirst = 0
    const send = () => {
      askedFirst = history.length
      return Promise.resolve(paid)
    }
    expect(await recorder.record('order.get', order, { send, read: () => paid })).toBe(paid)
    const refused = failing(refusal('NOT_FOUND', 'refused'))
    await expect(recorder.record('order.get', order, refused)).rejects.toThrow('NOT_FOUND')
    history.end()
    expect(askedFirst).toBe(1)
    const common = { process: 'fan-12.0', actor: 'demo:ann', region: 'us-east1', op: 'order.get' }
    expect(await entries()).toMatchObject([
      { seq: 1, type: 'invoke', ...common, args: order },
      { seq: 2, type: 'ok', ...common, of: 1, result: paid },
      { seq: 3, type: 'invoke', ...common, args: order },
      { seq: 4, type: 'fail', ...common, of: 3, code: 'NOT_FOUND', transient: false },
    ])
  })

  it('ends a process with its first unknown, and goes on as the next', async () => {
    const { history, entries } = open()
    const recorder = new Recorder(history, fan)
    const lost = failing(refusal('NETWORK', 'unknown'))
    await expect(recorder.record('order.get', order, lost)).rejects.toThrow('NETWORK')
    recorder.moveTo('europe-west1')
    await recorder.record('order.get', order, answering)
    history.end()
    const told = (await entries()).map(
      ({ type, process, region }) => `${type} ${process} ${region}`,
    )
    expect(told).toEqual([
      'invoke fan-12.0 us-east1',
      'unknown fan-12.0 us-east1',
      'invoke fan-12.1 europe-west1',
      'ok fan-12.1 europe-west1',
    ])
  })

  it('says of an answer that it is older than what was seen', async () => {
    const { history, entries } = open()
    const recorder = new Recorder(history, fan)
    await recorder.record('order.get', order, { ...answering, isOlder: () => true })
    await recorder.record('order.get', order, { ...answering, isOlder: () => false })
    history.end()
    expect((await entries()).map((entry) => 'isOlder' in entry)).toEqual([
      false,
      true,
      false,
      false,
    ])
  })

  it('takes no defect for an outcome', async () => {
    const { history, entries } = open()
    const defect = new TypeError('the client is broken')
    const recorder = new Recorder(history, fan)
    await expect(recorder.record('order.get', order, failing(defect))).rejects.toBe(defect)
    history.end()
    expect((await entries()).map(({ type }) => type)).toEqual(['invoke'])
  })

  it('asks one thing at a time', async () => {
    using history = open().history
    const recorder = new Recorder(history, fan)
    const first = recorder.record('order.get', order, answering)
    await expect(recorder.record('order.get', order, answering)).rejects.toThrow('at once')
    await first
  })
})

describe('a history', () => {
  it('is written each second, and wholly at its end', async () => {
    const { history, entries } = open()
    const recorder = new Recorder(history, fan)
    await recorder.record('order.get', order, answering)
    expect(await entries()).toEqual([])
    await eventually(async () => (await entries()).length === 2, { what: 'a flush' })
    await recorder.record('order.get', order, answering)
    history.end()
    expect((await entries()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  it('keeps back no more than it may', async () => {
    const { history, entries } = open()
    const asked = { type: 'invoke', process: 'a.0', actor: 'a', region: 'r' } as const
    const key = 'k'.repeat(10_000)
    const args = { event: 'evt_1', key }
    for (let times = 0; times < 30; times += 1) {
      history.append({ ...asked, op: 'order.by-key', args })
    }
    expect((await entries()).length).toBeGreaterThan(20)
    history.end()
    expect(await entries()).toHaveLength(30)
  })

  it('tells who listens, until they do not', async () => {
    using history = open().history
    const heard: number[] = []
    const unsubscribe = history.onEntry(({ seq }) => heard.push(seq))
    const recorder = new Recorder(history, fan)
    await recorder.record('order.get', order, answering)
    unsubscribe()
    await recorder.record('order.get', order, answering)
    expect(heard).toEqual([1, 2])
  })

  it('takes nothing after its end, and no file of another run', async () => {
    const { path, history } = open()
    history.end()
    const recorder = new Recorder(history, fan)
    await expect(recorder.record('order.get', order, answering)).rejects.toThrow('after the end')
    expect(() => new History(path)).toThrow('EEXIST')
  })
})
