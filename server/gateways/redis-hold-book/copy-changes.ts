/** Changes as the script takes them that applies them to copies. */
import type { HoldChange } from '../../domain/hold-replication.ts'
import type { EventId } from '../../platform/ids.ts'
import { copyRecord } from './hold-records.ts'

export type CopyChange = {
  readonly kind: 'living' | 'sold' | 'gone'
  /** Its place among the events. */
  readonly event: number
  readonly id: string
  readonly units: readonly number[]
  readonly record?: string
  readonly lifeMs?: number
  readonly capMs?: number
}

/** That a book was built or the stream was sealed changes no copy by itself. */
export function copyChangesOf(all: readonly HoldChange[]): {
  readonly events: readonly EventId[]
  readonly changes: readonly CopyChange[]
} {
  const places = new Map<EventId, number>()
  const placeOf = (event: EventId) => {
    const place = places.get(event) ?? places.size
    places.set(event, place)
    return place
  }
  const changes = all.flatMap((change): CopyChange[] => {
    switch (change.kind) {
      case 'living': {
        const { id, units, lifeMs, capMs } = change.hold
        const record = copyRecord(change.hold)
        const event = placeOf(change.event)
        return [{ kind: 'living', event, id, units, record, lifeMs, capMs }]
      }
      case 'sold':
      case 'gone': {
        const { kind, id, units } = change
        return [{ kind, event: placeOf(change.event), id, units }]
      }
      default:
        return []
    }
  })
  return { events: [...places.keys()], changes }
}
