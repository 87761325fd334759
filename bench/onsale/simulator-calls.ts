/** The two things a run asks of the Stripe simulator's control API: its ledger, and a bank's yes. */
import type { LedgerLine } from './findings.ts'

/** One PaymentIntent, in minor units of its currency: authorized = captured + voided + still held. */
export type IntentLine = LedgerLine & {
  readonly currency: string
  readonly amount: number
  readonly authorized: number
  readonly voided: number
}

type Ledger = {
  readonly dropped: { readonly intents: number }
  readonly intents: readonly (Omit<IntentLine, 'order'> & {
    readonly metadata: Readonly<Record<string, string>>
  })[]
}

/** @throws Error when the simulator does not answer, or has forgotten a part of its ledger */
export async function readLedger(simulatorUrl: string): Promise<IntentLine[]> {
  const { dropped, intents } = (await ask(new URL('/_simulator/ledger', simulatorUrl))) as Ledger
  if (dropped.intents > 0) {
    throw new Error(
      `The simulator has dropped ${dropped.intents} old lines of its ledger, so that the money of this run cannot be judged.`,
    )
  }
  return intents.map(({ metadata, ...line }) => ({ ...line, order: metadata['order'] ?? null }))
}

/** The cardholder proves who they are. */
export async function authenticate(simulatorUrl: string, intent: string): Promise<void> {
  const path = `/_simulator/payment_intents/${encodeURIComponent(intent)}/authentication`
  await ask(new URL(path, simulatorUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ outcome: 'approve' }),
  })
}

async function ask(address: URL, init?: RequestInit): Promise<unknown> {
  const response = await fetch(address, init)
  if (response.ok) return response.json()
  throw new Error(`The simulator answered ${response.status} to ${address.pathname}.`)
}
