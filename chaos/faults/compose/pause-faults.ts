/** Containers that sleep: the kernel goes on taking connections and words for them. */
import { waitingAt } from '../../compose/beside.ts'
import type { Containers } from '../../compose/containers.ts'
import type { Fault } from '../fault.ts'
import { keptFault } from '../kept-fault.ts'

export type PausePlan = Pick<Fault, 'kind' | 'where' | 'said'> & {
  readonly services: readonly string[]
}

/** Felt: connections that wait for them, because of what was said to them in their sleep. */
export function paused(containers: Containers, { services, ...facts }: PausePlan): Fault {
  let most = 0
  let isAsleep = false
  const look = async () => {
    // A look that fails must not keep anybody from waking them.
    if (isAsleep) most = Math.max(most, await waitingAt(containers, services).catch(() => 0))
    return most
  }
  return keptFault({
    ...facts,
    set: async () => {
      most = 0
      isAsleep = true
      await containers.pause(services)
    },
    clear: async () => {
      await containers.unpause(services)
      isAsleep = false
    },
    isHealed: async () => (await containers.states(services)).every(({ isPaused }) => !isPaused),
    felt: look,
  })
}
