/**
 * Every scenario that names Compose as its target is told against the faults of that target: each
 * can be made, is felt and healed to the eye, and nothing is left dead, asleep or harmed. In the
 * place of Docker stands a recorder; the provider is the real simulator.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededChance } from '../../bench/onsale/seeded-chance.ts'
import { findContainers } from '../../chaos/compose/containers.ts'
import { composeRegions } from '../../chaos/compose/places.ts'
import { FaultLog } from '../../chaos/fault-log.ts'
import { composeFaults } from '../../chaos/faults/compose-faults.ts'
import type { Fault } from '../../chaos/faults/fault.ts'
import type { FaultMaker } from '../../chaos/faults/fault-maker.ts'
import type { Ground } from '../../chaos/ground/ground.ts'
import type { Drill, Scenario } from '../../chaos/scenario.ts'
import { scenarios } from '../../chaos/scenarios/index.ts'
import type { Workload } from '../../chaos/workload/workload.ts'
import { type StripeSimulator, startStripeSimulator } from '../../stripe-simulator/simulator.ts'
import { RecordedDocker } from './recorded-docker.ts'

const regions = composeRegions.map(({ name }) => name)
const playable = scenarios.filter((one) => one.targets.includes('compose') && !one.notYet)

let simulator: StripeSimulator
beforeAll(async () => {
  simulator = await startStripeSimulator()
})
afterAll(() => simulator.close())

it.each(playable.map((scenario) => [scenario.name, scenario] as const))(
  'plays %s with all of its parts',
  async (_name, scenario) => {
    const docker = new RecordedDocker()
    const faults = composeFaults(await findContainers(docker.run), simulator.url)
    const log = new FaultLog(() => undefined)
    const told = await tell(scenario, { faults, log })
    expect(log.failures).toEqual([])
    // Those of the load are the workload's, which is none here.
    const met = log.faults.filter(({ kind }) => !/^(load|stripe)\./.test(kind))
    for (const { kind, where, felt } of met) expect(felt, `${kind} ${where}`).toBeGreaterThan(0)
    expect(log.faults.every(({ healedAt }) => healedAt !== null)).toBe(true)
    expect(docker.isWhole).toBe(true)
    expect(told.demanded).toBeGreaterThan(0)
  },
)

it('plays all that a ground of several machines could', () => {
  expect(playable.map(({ name }) => name)).toEqual([
    'region-loss',
    'paused-authority',
    'evacuation',
    'partition',
    'slow-links',
    'redis-loss',
    'database-loss',
    'stripe-outage',
    'stripe-webhooks',
    'cancelled-event',
    'server-kills',
    'load-step',
  ])
})

type Telling = { readonly faults: FaultMaker; readonly log: FaultLog }

/** All parts, no waiting: fans are not there, and whatever is asked of them is done at once. */
async function tell({ tell: story, parts }: Scenario, { faults, log }: Telling) {
  const chance = seededChance(11, 1)
  const told = { demanded: 0 }
  const one: Drill['one'] = (items) => {
    const item = items[chance.below(items.length)]
    if (item === undefined) throw new RangeError('there is nothing to choose from')
    return item
  }
  const inject = (fault: Fault) => log.inject(fault)
  const heal = (fault: Fault) => log.heal(fault)
  const drill: Drill = {
    ground: groundOf(faults),
    faults,
    workload: calmWorkload(),
    chance,
    regions,
    one,
    others: (region) => regions.filter((name) => name !== region),
    isOn: (part) => part in parts,
    inject,
    heal,
    eventOf: () => 'evt_use1_0',
    openEvent: async () => undefined,
    strike: async (_part, fault, { meanwhile, healed }) => {
      await inject(fault)
      await meanwhile()
      await heal(fault)
      if (healed !== undefined) told.demanded += 1
    },
    letThemBuy: async () => undefined,
    demandSales: async () => {
      told.demanded += 1
    },
    until: async (what, condition) => {
      expect(await condition(), what).toBe(true)
    },
    reached: () => undefined,
    note: () => undefined,
  }
  await story(drill)
  await log.healAll()
  return told
}

/** Whoever asks who has the authority over a region is told: itself. */
function groundOf(faults: FaultMaker): Ground {
  const ground: Pick<Ground, 'target' | 'regions' | 'faults' | 'sql'> = {
    target: 'compose',
    regions,
    faults,
    sql: async <Row extends object>(_text: string, values: readonly unknown[] = []) =>
      [{ region: values[0] }] as unknown as Row[],
  }
  return ground as Ground
}

function calmWorkload(): Workload {
  const done = async () => true
  const calm = { visits: {}, counts: {}, step: () => undefined, storm: () => undefined }
  return { ...calm, drain: done, restore: done, cancel: done } as unknown as Workload
}
