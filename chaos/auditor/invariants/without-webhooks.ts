/** I16: webhooks only nudge. What they change can be seen in runs that lose or shuffle them. */
import type { Facts } from '../facts/facts.ts'
import type { Judge } from '../judge.ts'
import type { Evidence } from '../read-evidence.ts'
import type { Invariant } from './invariant.ts'

export const withoutWebhooks: Invariant = {
  id: 'I16',
  title: 'How orders end does not depend on webhooks: lost, doubled or in another order',
  check: (facts, judge) => {
    judge.notes(
      'Two runs would have to be held against each other to prove all of it. Here: orders that were begun while webhooks were lost, doubled, late or shuffled, each of which must have ended as its money says.',
    )
    const spans = shuffledSpans(facts.evidence)
    if (spans.length === 0 || !facts.isQuiet) return
    for (const call of facts.calls) {
      if (call.op !== 'checkout.start' || call.ok === null) continue
      const { at } = call.invoke
      if (!spans.some(({ from, to }) => from <= at && at <= to)) continue
      checkOrder(facts, judge, call.ok.result.order)
    }
  },
}

/** An order with money of its own is paid; one without is not. */
function checkOrder(facts: Facts, judge: Judge, id: string): void {
  const order = facts.orders.get(id)
  if (order === undefined || order.total === 0) return
  const kept = (facts.ledger.get(id) ?? []).some(({ captured, refunded }) => captured > refunded)
  judge.holds(order.state === (kept ? 'paid' : 'void') || facts.cancelled.has(order.event), () => [
    `${id} was begun without dependable webhooks and is ${order.state}, and its money was ${kept ? '' : 'not '}taken`,
    { orders: [id], rows: [order, ...(facts.ledger.get(id) ?? [])] },
  ])
}

type Span = { readonly from: number; readonly to: number }

/** As the provider's simulator names these faults, in the options of a run or what a fault says. */
const shuffles = /webhook[ _]?(s? ?(are|were)? ?)?(lost|doubled|delayed|late|reordered|tampered)/i

function shuffledSpans({ run, faults }: Evidence): Span[] {
  if (shuffles.test(JSON.stringify(run.options))) return [{ from: 0, to: Number.POSITIVE_INFINITY }]
  return faults
    .filter(({ what, kind, where, said }) => {
      return what === 'inject' && kind.startsWith('stripe.') && /webhook/i.test(`${where} ${said}`)
    })
    .map(({ id, at }) => {
      const healed = faults.find((other) => other.what === 'heal' && other.id === id)
      return { from: at, to: healed?.at ?? Number.POSITIVE_INFINITY }
    })
}
