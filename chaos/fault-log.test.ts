import { expect, it } from 'vitest'
import type { FaultRecord } from './evidence/evidence.ts'
import { FaultLog } from './fault-log.ts'
import type { Fault } from './faults/fault.ts'

function sample(where: string, { felt = 1, breaks = false } = {}) {
  const did: string[] = []
  const fault: Fault = {
    kind: 'link.cut',
    where,
    said: `${where} is cut`,
    inject: async () => void did.push('inject'),
    heal: async () => {
      did.push('heal')
      if (breaks) throw new Error('stuck')
    },
    isHealed: async () => did.at(-1) === 'heal',
    felt: async () => felt,
  }
  return { fault, did }
}

it('writes each fault with its end, and how often it was felt', async () => {
  const records: FaultRecord[] = []
  const log = new FaultLog((record) => records.push(record))
  const { fault, did } = sample('a/b', { felt: 3 })
  await log.inject(fault)
  await log.inject(fault)
  await log.heal(fault)
  await log.heal(fault)
  expect(did).toEqual(['inject', 'heal'])
  expect(records.map(({ what, id, felt }) => [what, id, felt])).toEqual([
    ['inject', 1, undefined],
    ['heal', 1, 3],
  ])
  expect(log.faults).toMatchObject([{ where: 'a/b', felt: 3, mustBeFelt: true }])
  expect(log.faults[0]?.healedAt).toBeGreaterThanOrEqual(log.faults[0]?.injectedAt ?? Infinity)
})

it('heals all that stands, the last first, and goes on after one that will not heal', async () => {
  const log = new FaultLog(() => undefined)
  const [first, stuck, last] = [sample('1'), sample('2', { breaks: true }), sample('3')]
  for (const { fault } of [first, stuck, last]) await log.inject(fault)
  await log.healAll()
  expect([first, stuck, last].map(({ did }) => did.at(-1))).toEqual(['heal', 'heal', 'heal'])
  expect(log.failures).toEqual(['link.cut of 2 could not be healed: Error: stuck'])
})

it('may set the same fault again', async () => {
  const log = new FaultLog(() => undefined)
  const { fault, did } = sample('x')
  for (const step of ['inject', 'heal', 'inject', 'heal'] as const) await log[step](fault)
  expect(did).toEqual(['inject', 'heal', 'inject', 'heal'])
  expect(log.faults).toHaveLength(2)
})
