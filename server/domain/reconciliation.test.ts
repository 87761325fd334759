import { describe, expect, it } from 'vitest'
import type { IntentStatus } from './payment.ts'
import { type Finding, findingOf } from './reconciliation.ts'

/** Without an order, and with one that is pending, paid, void. */
const findings: readonly (readonly [IntentStatus, Finding, Finding, Finding, Finding])[] = [
  ['needs-card', 'cancel', 'agrees', 'unpaid', 'agrees'],
  ['needs-action', 'cancel', 'agrees', 'unpaid', 'agrees'],
  ['processing', 'wait', 'agrees', 'unpaid', 'agrees'],
  ['authorized', 'cancel', 'agrees', 'agrees', 'agrees'],
  ['captured', 'refund', 'agrees', 'agrees', 'refund'],
  ['canceled', 'agrees', 'agrees', 'unpaid', 'agrees'],
]

describe('an intent that is', () => {
  it.each(findings)('%s', (status, none, ...known) => {
    const intent = { id: 'pi_1', status }
    expect(findingOf(intent, null)).toBe(none)
    const states = ['pending', 'paid', 'void'] as const
    const found = states.map((state) => findingOf(intent, { state, intentId: intent.id }))
    expect(found).toEqual(known)
  })

  it('a second one of an order that is paid by another is like one without an order', () => {
    const order = { state: 'paid', intentId: 'pi_1' } as const
    expect(findingOf({ id: 'pi_2', status: 'captured' }, order)).toBe('refund')
    expect(findingOf({ id: 'pi_2', status: 'authorized' }, order)).toBe('cancel')
    const free = { state: 'paid', intentId: null } as const
    expect(findingOf({ id: 'pi_2', status: 'captured' }, free)).toBe('refund')
  })
})
