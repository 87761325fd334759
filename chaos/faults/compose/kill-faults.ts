/** Containers that are killed. Docker starts none of them again that was killed by hand. */
import type { Containers } from '../../compose/containers.ts'
import type { Fault } from '../fault.ts'
import { keptFault } from '../kept-fault.ts'

export type KillPlan = Pick<Fault, 'kind' | 'where' | 'said'> & {
  readonly services: readonly string[]
  /** Started at once, as by a keeper; else when it is healed. */
  readonly isKept: boolean
}

/** Felt: containers that have ended since. */
export function killed(containers: Containers, plan: KillPlan): Fault {
  const { services, isKept, ...facts } = plan
  let before = new Map<string, string>()
  let felt = 0
  const ends = async () =>
    new Map((await containers.states(services)).map((one) => [one.service, one.endedAt]))
  const look = async () => {
    const now = await ends().catch(() => null)
    if (now === null) return felt
    felt = services.filter((service) => now.get(service) !== before.get(service)).length
    return felt
  }
  return keptFault({
    ...facts,
    set: async () => {
      felt = 0
      before = await ends()
      await containers.kill(services)
      if (isKept) await containers.start(services)
    },
    clear: async () => {
      await containers.start(services)
      await containers.upAgain(services)
    },
    isHealed: () => containers.areUp(services),
    felt: look,
  })
}
