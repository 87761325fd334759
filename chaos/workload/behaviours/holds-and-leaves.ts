/** Holds seats and is never seen again: the seats must come back by themselves. */
import type { Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'

export async function holdsAndLeaves(visit: Visit): Promise<void> {
  await holdSeats(visit)
}
