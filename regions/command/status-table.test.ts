/** The table of `status`: what people see, with and without colours. */
import pico from 'picocolors'
import { expect, it } from 'vitest'
import type { RegionsStatus } from './admin-calls.ts'
import { duration, statusTable } from './status-table.ts'

const status: RegionsStatus = {
  asOf: '2026-11-28T10:00:00.000Z',
  regions: [
    {
      name: 'us-east1',
      drained: true,
      answers: true,
      homes: [],
      followers: [{ home: 'europe-west1', epoch: 1, position: 7, lagMs: 240, state: 'following' }],
    },
    {
      name: 'europe-west1',
      drained: false,
      answers: true,
      homes: [
        { home: 'europe-west1', epoch: 3, leaseLeftMs: 2_600 },
        { home: 'us-east1', epoch: 12, leaseLeftMs: 1_900 },
      ],
      followers: [
        { home: 'asia-southeast1', epoch: 1, position: 7, lagMs: null, state: 'snapshot' },
      ],
    },
    {
      name: 'asia-southeast1',
      drained: false,
      answers: false,
      homes: [{ home: 'asia-southeast1', epoch: 1, leaseLeftMs: -61_000 }],
      followers: [],
    },
    { name: 'us-west1', drained: false, answers: null, homes: [], followers: [] },
  ],
}
const nowMs = Date.parse(status.asOf) + 1_500

it('shows who sells for whom, how long still, and what nobody sells', () => {
  expect(statusTable(status, { nowMs, colours: pico.createColors(false) })).toBe(
    `region            state           sells for                                   follows
us-east1          drained         nothing                                     europe-west1 (following, 240 ms behind)
europe-west1      answers         europe-west1 (epoch 3, 2.6 s left)          asia-southeast1 (snapshot)
                                  us-east1 (epoch 12, 1.9 s left)
asia-southeast1   no answer       asia-southeast1 (epoch 1, over for 1 min)   nobody
us-west1          not asked yet   nothing                                     nobody

Nobody sells for us-west1.
As of 1.5 s ago.
`,
  )
})

it('keeps its columns under colours', () => {
  const plain = statusTable(status, { nowMs, colours: pico.createColors(false) })
  const coloured = statusTable(status, { nowMs, colours: pico.createColors(true) })
  expect(coloured).not.toBe(plain)
  const escape = String.fromCharCode(27)
  const stripped = coloured.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')
  expect(stripped.replaceAll(/ +$/gm, '')).toBe(plain)
})

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [59_900, '59.9 s'],
  [90_000, '2 min'],
  [7_200_000, '2 h'],
])('says %i ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
