/** A takeover is told to those who watch: a log line, a count, and an entry in the audit log. */
import { platformChain } from '../domain/audit-entry.ts'
import type { AuditLog } from './audit-log.ts'
import type { Takeover } from './authority-keeper.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'log' | 'region'> & {
  readonly audit: AuditLog
  readonly count: Services['metrics']['count']
}

/** Never throws: selling goes on whether it can be written down or not. */
export async function tellTakeover(needs: Needs, taken: Takeover): Promise<void> {
  const { log, region, audit, count } = needs
  const { home, from, epoch } = taken
  const lapsedForMs = Math.round(taken.lapsedForMs)
  count('frontrow.authority.changes', { how: 'taken over' })
  log.warn({ home, from, epoch, lapsedForMs }, 'took over the sales of a region: its lease ran out')
  try {
    await audit.append({
      chain: platformChain,
      phase: 'ended',
      begunSeq: null,
      action: 'authority.take-over',
      actor: { kind: 'region', id: region },
      address: region,
      requestId: `take-over ${home} ${epoch}`,
      subjects: [home],
      reason: null,
      input: { home, from },
      before: null,
      after: { serverRegion: region, epoch, lapsedForMs },
      outcome: 'done',
    })
  } catch (err) {
    log.error({ err, home, epoch }, 'a takeover could not be written into the audit log')
  }
}
