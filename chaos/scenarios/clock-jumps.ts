/** A clock that was set by hand, or came back from a suspended machine. */
import { restored } from '../restored.ts'
import type { Drill, Scenario } from '../scenario.ts'

const minuteMs = 60_000
/** One that stands still is off once it is two seconds late, or a little more. */
const noticedWithinMs = 10_000
/** A region waits before it offers its events; then its lease runs out, and its stand-in takes them. */
const soldElsewhereWithinMs = 20_000
const answerWithinMs = 2_000

export const clockJumps: Scenario = {
  name: 'clock-jumps',
  title: "The clock of one region's server jumps, goes back, and stands still.",
  holds:
    'Leases, holds and reservations keep their time, since no clocks are compared; half a second harms nothing; minutes off, its server steps aside, its events are sold elsewhere within 20 s, and it is back when its clock is right.',
  targets: ['local'],
  parts: {
    'half-second': 'half a second to one side',
    ahead: 'five minutes ahead',
    behind: 'five minutes back',
    frozen: 'it stands still',
  },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    const { faults, chance } = drill
    const side = chance.fraction() < 0.5 ? -500 : 500
    await drill.strike('half-second', faults.clockShifted(region, { byMs: side }), {
      meanwhile: async () => {
        await drill.letThemBuy(2_000)
        await drill.demandSales(`the clock of ${region} is half a second off`)
        await drill.letThemBuy(3_000)
        const goesOn = async () => !(await isAside(drill, region))
        await drill.until(`${region} does not step aside (half-second)`, goesOn, answerWithinMs)
      },
      healed: `the clock of ${region} is right (half-second)`,
    })
    const shifts = {
      ahead: { byMs: 5 * minuteMs },
      behind: { byMs: -5 * minuteMs },
      frozen: 'frozen',
    } as const
    for (const [part, shift] of Object.entries(shifts)) {
      await drill.strike(part, faults.clockShifted(region, shift), {
        meanwhile: async () => {
          // Until then one that stands still is right enough, and sells.
          const isOff = () => isAside(drill, region)
          await drill.until(`${region} steps aside (${part})`, isOff, noticedWithinMs)
          const withinMs = soldElsewhereWithinMs
          await drill.demandSales(`the clock of ${region} is off (${part})`, { withinMs })
          await drill.letThemBuy(3_000)
        },
        healed: `the clock of ${region} is right (${part})`,
      })
      // Else the next part would befall a server that sells nothing.
      if (drill.isOn(part)) await restored(drill, region)
    }
  },
}

/** As a balancer sees it. */
async function isAside({ ground }: Drill, region: string): Promise<boolean> {
  const [own = ''] = ground.endpointsAt(region)
  try {
    const answer = await fetch(new URL('/readyz', own), {
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const { missing } = (await answer.json()) as { readonly missing: readonly string[] }
    return answer.status === 503 && missing.includes('clock')
  } catch {
    return false
  }
}
