/** Too many at once, as a fault: fans who all come now, and programs that never wait. */
import type { Workload } from '../workload/workload.ts'
import type { Fault } from './fault.ts'

export type LoadStep = {
  /** So many times as many fans as usual. */
  readonly factor?: number
  /** Clients that repeat refused calls at once and without end. */
  readonly storm?: boolean
}

/** Felt: visits and repetitions beyond those that there were before. */
export function loadStep(workload: Workload, { factor = 1, storm = false }: LoadStep): Fault {
  let isSet = false
  let before = 0
  const sent = () =>
    Object.values(workload.visits).reduce((sum, { came }) => sum + came, 0) +
    (workload.counts['storm-sends'] ?? 0)
  const set = async (isOn: boolean) => {
    if (isOn === isSet) return
    isSet = isOn
    if (isOn) before = sent()
    workload.step(isOn ? factor : 1)
    workload.storm(isOn && storm)
  }
  return {
    kind: storm ? 'load.storm' : 'load.step',
    where: 'fans',
    said: [
      ...(factor > 1 ? [`${factor} times as many fans come`] : []),
      ...(storm ? ['clients repeat refused calls at once'] : []),
    ].join(', and '),
    inject: () => set(true),
    heal: () => set(false),
    isHealed: async () => !isSet,
    felt: async () => sent() - before,
  }
}
