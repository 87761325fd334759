/** What is free, now: counts by section, and on demand the state of every place of a section. */
import { refuse } from '../domain/refusal.ts'
import type { Section } from '../domain/seat-map.ts'
import { countStates, stateAt } from '../domain/units.ts'
import type { EventId } from '../platform/ids.ts'
import { eventOf } from './sale-view.ts'
import type { Services } from './services.ts'
import { type UnitsNeeds, unitsNow } from './units-now.ts'

export type AvailabilityInput = { readonly event: EventId; readonly section?: string | undefined }

export type SectionAvailability = {
  readonly name: string
  readonly firstUnit: number
  readonly units: number
  readonly free: number
  /** One digit a unit from firstUnit on: 0 free, 1 held, 2 sold, 3 blocked. Only of a named section. */
  readonly states: string | null
}

export type EventAvailability = {
  /** When this was true, by this server's clock; of a copy, when it was last known to be. */
  readonly asOfMs: number
  readonly sections: readonly SectionAvailability[]
}

type Needs = Pick<Services, 'events'> & UnitsNeeds

/** @throws RefusedError NOT_FOUND | SEATS_UNKNOWN */
export async function eventAvailability(
  services: Needs,
  input: AvailabilityInput,
): Promise<EventAvailability> {
  const { scope } = await eventOf(services, input.event)
  const { bitmap, asOfMs } = await unitsNow(services, scope)
  const { section: name } = input
  const wanted = scope.seatMap.sections.filter(
    (section) => name === undefined || section.name === name,
  )
  if (wanted.length === 0) return refuse('SEATS_UNKNOWN', 'The event has no such section.')
  const detailed = name !== undefined
  return { asOfMs, sections: wanted.map((section) => ofSection(section, bitmap, detailed)) }
}

const digits = { free: '0', held: '1', sold: '2', blocked: '3' } as const

function ofSection(section: Section, bitmap: Uint8Array, detailed: boolean): SectionAvailability {
  const { name, firstUnit, units } = section
  const { free } = countStates(bitmap, firstUnit, units)
  const state = (_: unknown, index: number) => digits[stateAt(bitmap, firstUnit + index)]
  const states = detailed ? Array.from({ length: units }, state).join('') : null
  return { name, firstUnit, units, free, states }
}
