/** An on-sale that everybody was waiting for, and clients that do not wait. */
import { loadStep as step } from '../faults/load.ts'
import type { Scenario } from '../scenario.ts'

export const loadStep: Scenario = {
  name: 'load-step',
  title: 'Ten times as many fans come at once, then a storm of clients that ignore retry-after.',
  holds: 'The surplus is refused, sales go on meanwhile, and are as before within 10 s of its end.',
  targets: ['local', 'compose'],
  parts: {
    step: 'ten times as many fans for ten seconds',
    storm: 'clients repeat refused calls at once and without end',
    both: 'both at once',
  },
  tell: async (drill) => {
    const { workload } = drill
    await drill.strike('step', step(workload, { factor: 10 }), {
      meanwhile: () => drill.letThemBuy(10_000),
      healed: 'the crowd has gone',
    })
    await drill.strike('storm', step(workload, { storm: true }), {
      meanwhile: async () => {
        await drill.letThemBuy(3_000)
        await drill.demandSales('a storm of retries', { withinMs: 20_000 })
      },
      healed: 'the storm is over',
    })
    const both = step(workload, { factor: 10, storm: true })
    await drill.strike('both', both, {
      meanwhile: () => drill.letThemBuy(6_000),
      healed: 'crowd and storm are over',
    })
  },
}
