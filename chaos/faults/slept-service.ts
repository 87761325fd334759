/**
 * A program with its children that sleeps: connections are taken by the machine and stand, and what
 * is asked meanwhile is done when it wakes, whether anybody still waits or not.
 */
import type { ProcessIdentity } from '../../regions/local/process-identity.ts'
import type { Fault, FaultKind } from './fault.ts'
import { NotHereError } from './fault-maker.ts'
import { keptFault } from './kept-fault.ts'
import { continueFamily, isStopped, stopFamily } from './process-family.ts'
import { canTellUnread, unreadConnections } from './unread-connections.ts'

export type SleepPlan = {
  readonly kind: FaultKind
  readonly where: string
  readonly said: string
  /** Null while it is down. */
  readonly pid: () => number | null
  readonly port: number
}

/** @throws NotHereError where nobody can tell whether it was felt */
export function sleptService({ pid, port, ...facts }: SleepPlan): Fault {
  if (!canTellUnread) throw new NotHereError(`${facts.said}: only Linux tells who waits.`)
  let stopped: readonly ProcessIdentity[] = []
  let waitedAtEnd = 0
  const waiting = () => (stopped.length === 0 ? waitedAtEnd : unreadConnections(port))
  return keptFault({
    ...facts,
    set: async () => {
      const parent = pid()
      if (parent === null) throw new Error(`${facts.where} is down, and cannot sleep.`)
      waitedAtEnd = 0
      stopped = stopFamily(parent)
    },
    clear: async () => {
      waitedAtEnd = Math.max(waitedAtEnd, waiting())
      continueFamily(stopped)
      stopped = []
    },
    isHealed: async () => {
      const parent = pid()
      return parent !== null && !isStopped(parent)
    },
    felt: async () => {
      waitedAtEnd = Math.max(waitedAtEnd, waiting())
      return waitedAtEnd
    },
  })
}
