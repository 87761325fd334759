/**
 * The wall clock of a region's server jumps or stands still; that of the database and of Redis, and
 * all that measures durations, stays right (chaos/clock/shifted-clock.ts says what is shifted).
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { clockFileOf, clockHeader, writeShift } from '../clock/clock-file.ts'
import type { Fault } from './fault.ts'
import { NotHereError } from './fault-maker.ts'
import { grown, regionOf, settled } from './look.ts'

/** Of a clock that is right on one machine, and of one that stands still, between two looks. */
const toleranceMs = 40
const looksApartMs = 3 * toleranceMs
const answerWithinMs = 2_000

type Look = {
  /** How far the server's clock was from ours, at least; 0 when it lay within the call. */
  readonly offMs: number
  /** Answers begun under a wrong clock since the server was started. */
  readonly wrong: number
}

/**
 * Felt: calls that the server began to answer while its clock was wrong, as the module in it counts
 * them.
 */
export function clockShifted(
  system: LocalSystem,
  name: string,
  shift: { readonly byMs: number } | 'frozen',
): Fault {
  const region = regionOf(system, name)
  const file = clockFileOf(region.preload)
  if (file === null) {
    throw new NotHereError(`The server of ${name} was started without a clock that can be shifted.`)
  }
  let before = 0
  let felt = 0
  const look = async () => {
    const seen = await lookAt(region)
    if (seen !== null) felt = grown(before, seen.wrong)
    return felt
  }
  return {
    kind: 'clock.shifted',
    where: `${name}/server`,
    said: `the clock of ${name}'s server ${saidOf(shift)}`,
    inject: async () => {
      if (await isWrong(region)) return
      before = (await lookAt(region))?.wrong ?? 0
      felt = 0
      writeShift(file, shift === 'frozen' ? { frozenAtMs: clockMs() } : shift)
      await settled(`the clock of ${name} is wrong`, () => isWrong(region))
    },
    heal: async () => {
      writeShift(file, null)
      if (region.state !== 'up') return
      await settled(`the clock of ${name} is right`, async () => (await isRight(region)) !== false)
    },
    isHealed: async () => (await isRight(region)) === true,
    felt: look,
  }
}

function saidOf(shift: { readonly byMs: number } | 'frozen'): string {
  if (shift === 'frozen') return 'stands still'
  return `jumps ${Math.abs(shift.byMs)} ms ${shift.byMs < 0 ? 'back' : 'ahead'}`
}

async function isWrong(region: DrillRegion): Promise<boolean> {
  return (await isRight(region)) === false
}

/** Two looks: a clock that was just stopped is right in the first. Null: it does not answer. */
async function isRight(region: DrillRegion): Promise<boolean | null> {
  const first = await lookAt(region)
  await wait(looksApartMs)
  const second = await lookAt(region)
  if (first === null || second === null) return null
  return Math.max(first.offMs, second.offMs) <= toleranceMs
}

async function lookAt({ url }: DrillRegion): Promise<Look | null> {
  const fromMs = clockMs()
  try {
    const answer = await fetch(`${url}/livez`, {
      headers: { [clockHeader]: '1' },
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const untilMs = clockMs()
    const [nowMs = Number.NaN, wrong = Number.NaN] =
      answer.headers.get(clockHeader)?.split(' ').map(Number) ?? []
    if (Number.isNaN(nowMs)) return null
    return { offMs: Math.max(fromMs - nowMs, nowMs - untilMs, 0), wrong }
  } catch {
    return null
  }
}

/** In the same whole milliseconds in which the server says it. */
function clockMs(): number {
  return Date.now()
}
