/** A disk that nobody watched. */
import type { Fault } from '../faults/fault.ts'
import type { Drill, Scenario } from '../scenario.ts'

export const logFull: Scenario = {
  name: 'log-full',
  title: "The disk of a server's log is full.",
  holds: 'It goes on selling without a log, and writes it again when there is room.',
  targets: ['local'],
  parts: { one: 'of one region', all: 'of all regions' },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    const one = drill.faults.logFull(region)
    await drill.strike('one', one, {
      meanwhile: () => muchToLog(drill, [one]),
      healed: `the log of ${region} has room`,
    })
    if (!drill.isOn('all')) return
    const all = drill.regions.map((name) => drill.faults.logFull(name))
    for (const fault of all) await drill.inject(fault)
    await muchToLog(drill, all)
    for (const fault of all) await drill.heal(fault)
    await drill.demandSales('all logs have room')
  },
}

/** How long the fans of a region may take to meet a Stripe that fails. */
const sayWithinMs = 30_000

/** A server in peace has little to say: Stripe fails at times, until each had something to write. */
async function muchToLog(drill: Drill, full: readonly Fault[]): Promise<void> {
  const failing = drill.faults.stripeRule({ kind: 'error_500', probability: 0.3, method: 'POST' })
  await drill.inject(failing)
  await drill.letThemBuy(6_000)
  await drill.demandSales('logs are full and Stripe fails at times')
  const haveLost = async () => {
    const felt = await Promise.all(full.map((fault) => fault.felt()))
    return felt.every((lines) => lines > 0)
  }
  await drill.until('lines are lost of each full log', haveLost, sayWithinMs)
  await drill.heal(failing)
}
