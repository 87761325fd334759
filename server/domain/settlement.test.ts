import { describe, expect, it } from 'vitest'
import type { IntentStatus } from './payment.ts'
import { type SettlementStep, settlementOf } from './settlement.ts'

/** In time, and after the reservation has run out. */
const steps: readonly (readonly [IntentStatus | null, SettlementStep, SettlementStep])[] = [
  [null, 'complete', 'complete'],
  ['authorized', 'complete', 'complete'],
  ['captured', 'complete', 'complete'],
  ['needs-card', 'wait', 'void'],
  ['needs-action', 'wait', 'void'],
  ['processing', 'wait', 'wait'],
  ['canceled', 'void', 'void'],
]

describe('a pending order whose payment', () => {
  it.each(steps)('is %s: %s in time, %s afterwards', (intent, inTime, afterwards) => {
    expect(settlementOf({ intent, expired: false })).toBe(inTime)
    expect(settlementOf({ intent, expired: true })).toBe(afterwards)
  })

  it('is in a state that nobody knows stops the program, not the fan`s money', () => {
    const odd = 'blessed' as IntentStatus
    expect(() => settlementOf({ intent: odd, expired: true })).toThrow(/unreachable/)
  })
})
