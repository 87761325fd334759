/**
 * Tries what belongs to others: each call must look as if there were no such thing. Giving back
 * somebody else's hold is answered, and gives nothing back.
 */
import { toldOf } from '../../history/told.ts'
import type { Visit } from '../visit.ts'
import { cards } from './pay.ts'

export async function trespasses(visit: Visit): Promise<void> {
  const { fan, known, chance, newKey, notice } = visit
  const found = known.someoneElses(fan.person.recorder.actor, chance)
  if (found === null) return
  const { id, event } = found
  const of = { event, hold: id }
  const ways: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['look at', () => fan.look(of)],
    ['extend', () => fan.extend(of)],
    ['read', () => fan.order(id)],
    ['ask for', () => fan.status(id)],
    ['pay', () => fan.confirm({ order: id, key: newKey(), card: cards.good })],
    ['see tickets of', () => fan.tickets(id)],
  ]
  for (const [what, call] of ways) {
    if (chance.fraction() < 0.5 && (await isAnswered(call))) {
      notice(`${fan.person.name} could ${what} ${id}, which is somebody else's`)
    }
  }
  if (await fan.release(of)) notice(`${fan.person.name} gave back ${id}, which is somebody else's`)
}

async function isAnswered(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch (cause) {
    if (toldOf(cause)?.code === 'NOT_FOUND') return false
    throw cause
  }
}
