/** I14: within a session the past never comes back, unless the answer says that it is older. */
import type { Ordered } from '../../history/entry.ts'
import { type Call, ordersShown } from '../facts/calls.ts'
import type { Judge } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const readsForward: Invariant = {
  id: 'I14',
  title: 'A session never sees an order older than it has seen or made it, unless it is told so',
  check: ({ calls }, judge) => {
    const sessions = new Map<string, Session>()
    // A process waits for one answer at a time: its answers come in the order of its questions.
    for (const call of calls) {
      const { process } = call.invoke
      const session = sessions.get(process) ?? new Map<string, Seen>()
      sessions.set(process, session)
      checkShown(judge, call, session)
      checkMissing(judge, call, session)
    }
  },
}

type Seen = { readonly version: number; readonly seq: number }
/** By order, the one seen last is last. */
type Session = Map<string, Seen>

/** What a session must remember by what is promised: some fifteen orders fit into its token. */
const rememberedMax = 12

function checkShown(judge: Judge, call: Call, session: Session): void {
  const { ok } = call
  if (ok === null) return
  for (const shown of ordersShown(call)) {
    judge.checks()
    const seen = session.get(shown.order)
    if (seen !== undefined && shown.version < seen.version) {
      if (ok.isOlder === true) judge.counts('saidToBeOlder')
      else complain(judge, { call, shown, seen })
      continue
    }
    if (call.op === 'order.list' && seen === undefined) continue
    session.delete(shown.order)
    session.set(shown.order, { version: shown.version, seq: call.invoke.seq })
    if (session.size > rememberedMax) forgetOldest(session)
  }
}

function forgetOldest(session: Session): void {
  for (const order of session.keys()) {
    session.delete(order)
    return
  }
}

type Older = { readonly call: Call; readonly shown: Ordered; readonly seen: Seen }

function complain(judge: Judge, { call, shown, seen }: Older): void {
  const { process, seq } = call.invoke
  judge.breaks(
    `${process} had seen ${shown.order} at version ${seen.version} and was shown version ${shown.version} as if it were new`,
    { orders: [shown.order], seqs: [seen.seq, seq] },
  )
}

/** An order that was shown is not gone. */
function checkMissing(judge: Judge, call: Call, session: Session): void {
  if (call.fail?.code !== 'NOT_FOUND') return
  if (call.op !== 'order.get' && call.op !== 'checkout.status') return
  const { order } = call.invoke.args
  const seen = session.get(order)
  if (seen === undefined) return
  judge.breaks(
    `${call.invoke.process} had seen ${order} at version ${seen.version}, and was told that there is none`,
    { orders: [order], seqs: [seen.seq, call.invoke.seq] },
  )
}
