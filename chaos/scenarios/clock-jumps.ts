/** A clock that was set by hand, or came back from a suspended machine. */
import type { Scenario } from '../scenario.ts'

const minuteMs = 60_000

export const clockJumps: Scenario = {
  name: 'clock-jumps',
  title: "The clock of one region's server jumps, goes back, and stands still.",
  holds:
    'Leases, holds and reservations keep their time, since no clocks are compared; minutes off, its server refuses tokens and signed calls, and sells again when its clock is right.',
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
    const shifts = {
      'half-second': { byMs: side },
      ahead: { byMs: 5 * minuteMs },
      behind: { byMs: -5 * minuteMs },
      frozen: 'frozen',
    } as const
    for (const [part, shift] of Object.entries(shifts)) {
      await drill.strike(part, faults.clockShifted(region, shift), {
        meanwhile: async () => {
          await drill.letThemBuy(2_000)
          // Tokens and signatures are good for a time: whose clock is minutes off can neither check
          // nor give them, and fans of a drill may have theirs from there.
          if (part === 'half-second') await drill.demandSales(`the clock of ${region} is off`)
          await drill.letThemBuy(3_000)
        },
        healed: `the clock of ${region} is right (${part})`,
      })
    }
  },
}
