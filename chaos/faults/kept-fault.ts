/** The part that all faults share: what is set is not set again, and what is healed stays healed. */
import type { Fault } from './fault.ts'

export type FaultWork = Omit<Fault, 'inject' | 'heal'> & {
  readonly set: () => Promise<void>
  /** Also after a `set` that broke off half-way. */
  readonly clear: () => Promise<void>
}

export function keptFault({ set, clear, ...facts }: FaultWork): Fault {
  let isSet = false
  return {
    ...facts,
    inject: async () => {
      if (isSet) return
      isSet = true
      await set()
    },
    heal: async () => {
      if (!isSet) return
      await clear()
      isSet = false
    },
  }
}
