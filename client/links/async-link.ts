/** tRPC's links are made of observables; ours are async functions. This is the bridge. */
import type {
  Operation,
  OperationResultEnvelope,
  OperationResultObservable,
  TRPCClientError,
  TRPCLink,
} from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { AppRouter } from '../api.ts'

export type Envelope = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>

/** Passes a call on to the next link. */
export type Send = (op: Operation) => Promise<Envelope>

export function asyncLink(handle: (op: Operation, send: Send) => Promise<Envelope>) {
  const link: TRPCLink<AppRouter> = () => {
    return ({ op, next }) =>
      observable((observer) => {
        handle(op, (sent) => answerOf(next(sent))).then(
          (envelope) => {
            observer.next(envelope)
            observer.complete()
          },
          (cause) => observer.error(cause),
        )
      })
  }
  return link
}

/** Sends a call through a last link, which passes it on to nobody. */
export function sendThrough(link: TRPCLink<AppRouter>): Send {
  const passOn = link({})
  const nobody = () => observable<never, never>(() => {})
  return (op) => answerOf(passOn({ op, next: nobody }))
}

/**
 * The same promise, but rejected with the signal's reason as soon as it aborts, whether the work
 * below notices or not: in a batch a request goes on until all its calls are given up.
 */
export function orAborted<Value>(work: Promise<Value>, signal: AbortSignal | null | undefined) {
  if (!signal) return work
  return new Promise<Value>((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    const end = () => signal.removeEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.finally(end).then(resolve, reject)
  })
}

/** A query or a mutation has one answer. */
function answerOf(answers: OperationResultObservable<AppRouter, unknown>): Promise<Envelope> {
  return new Promise((resolve, reject) => {
    answers.subscribe({ next: resolve, error: reject })
  })
}
