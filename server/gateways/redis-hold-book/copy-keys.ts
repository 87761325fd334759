/** The Redis keys under which a region keeps copies of the books of others. */
import type { Tenure } from '../../domain/hold-replication.ts'
import type { EventId } from '../../platform/ids.ts'

export type CopyKeys = {
  readonly bitmap: string
  readonly owners: string
  readonly records: string
  readonly due: string
}

export function copyKeys({ home, epoch }: Tenure, event: EventId): CopyKeys {
  return keysUnder(`frontrow:copy:${home}:${epoch}:${event}:`)
}

/** Where a copy is prepared before it is put in its place: nobody else uses this token. */
export function preparedCopyKeys({ home, epoch }: Tenure, event: EventId, token: string): CopyKeys {
  return keysUnder(`frontrow:copy:${home}:${epoch}:${event}:loading:${token}:`)
}

/** In the order in which the scripts take them. */
export function copyKeyList({ bitmap, owners, records, due }: CopyKeys): string[] {
  return [bitmap, owners, records, due]
}

export const leaseKey = ({ home }: Pick<Tenure, 'home'>) => `frontrow:follow:${home}:lease`
export const positionKey = ({ home, epoch }: Tenure) => `frontrow:follow:${home}:${epoch}`
/** Sorted set: epochs of this home region under which something was copied. */
export const epochsKey = (home: string) => `frontrow:copy:${home}:epochs`

function keysUnder(prefix: string): CopyKeys {
  return {
    bitmap: `${prefix}bitmap`,
    owners: `${prefix}owners`,
    records: `${prefix}records`,
    due: `${prefix}due`,
  }
}
