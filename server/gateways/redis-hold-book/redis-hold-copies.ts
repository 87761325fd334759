/**
 * Copies of the books of other regions' events, in this region's Redis. One server of the region
 * writes them at a time, by a lease that each write proves; all read them.
 */
import type { Redis } from 'ioredis'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type {
  ApplyOutcome,
  CopiedBook,
  CopiedUnits,
  CopyPage,
  FollowLease,
  FollowPosition,
  HoldChange,
  HoldCopies,
  StreamPosition,
  Tenure,
} from '../../domain/hold-replication.ts'
import { systemClock } from '../../platform/clock.ts'
import type { EventId } from '../../platform/ids.ts'
import type { Random } from '../../platform/random.ts'
import { readHolds } from './book-pages.ts'
import { copyChangesOf } from './copy-changes.ts'
import {
  copyKeyList,
  copyKeys,
  epochsKey,
  leaseKey,
  positionKey,
  preparedCopyKeys,
} from './copy-keys.ts'
import { prepareCopy } from './prepare-copy.ts'
import { bytes, unexpected } from './replies.ts'
import { reaching, runScript, type ScriptRunner } from './scripts.ts'

const ttlMs = holdBookLimits.bookIdleTtlMs

export class RedisHoldCopies implements HoldCopies {
  readonly #redis: Redis
  readonly #random: Pick<Random, 'bytes'>
  readonly #runner: ScriptRunner

  /** @param parts.redis the hold book's own connection */
  constructor(parts: { readonly redis: Redis; readonly random: Pick<Random, 'bytes'> }) {
    this.#redis = parts.redis
    this.#random = parts.random
    this.#runner = { redis: parts.redis, clock: systemClock }
  }

  async lead(lease: FollowLease, forMs: number): Promise<boolean> {
    const call = { keys: [leaseKey(lease)], args: [lease.token, forMs] }
    return (await runScript(this.#runner, 'copyLead', call)).status === 'LED'
  }

  async leave(lease: FollowLease): Promise<void> {
    await runScript(this.#runner, 'copyLeave', { keys: [leaseKey(lease)], args: [lease.token] })
  }

  async position(tenure: Tenure): Promise<FollowPosition | null> {
    const known = await reaching(() => this.#redis.hgetall(positionKey(tenure)))
    const { incarnation, last, asOfMs, behind, isSealed } = known
    if (incarnation === undefined) return null
    return {
      incarnation,
      last: Number(last),
      asOfMs: Number(asOfMs),
      behind: Number(behind),
      isSealed: isSealed === '1',
    }
  }

  async install(lease: FollowLease, book: CopiedBook): Promise<boolean> {
    const { home, epoch, token } = lease
    const attempt = Buffer.from(this.#random.bytes(8)).toString('hex')
    const prepared = preparedCopyKeys(lease, book.event, attempt)
    await reaching(() => prepareCopy(this.#redis, prepared, book))
    const former = (await this.#epochs(home)).filter((one) => one < epoch)
    const old = former.flatMap((one) => copyKeyList(copyKeys({ home, epoch: one }, book.event)))
    const own = copyKeyList(copyKeys(lease, book.event))
    const { status } = await runScript(this.#runner, 'copyInstall', {
      keys: [leaseKey(lease), epochsKey(home), ...own, ...copyKeyList(prepared), ...old],
      args: [token, ttlMs, epoch, holdBookLimits.copiedEpochsMax],
    })
    return status === 'INSTALLED'
  }

  async apply(
    lease: FollowLease,
    from: StreamPosition | null,
    step: { readonly to: FollowPosition; readonly changes: readonly HoldChange[] },
  ): Promise<ApplyOutcome> {
    const { events, changes } = copyChangesOf(step.changes)
    const copies = events.flatMap((event) => copyKeyList(copyKeys(lease, event)))
    const head = { from: from && { incarnation: from.incarnation, last: from.last }, to: step.to }
    const reply = await runScript(this.#runner, 'copyApply', {
      keys: [leaseKey(lease), positionKey(lease), ...copies],
      args: [lease.token, JSON.stringify({ ...head, ttlMs }), JSON.stringify(changes)],
    })
    switch (reply.status) {
      case 'APPLIED':
        return { kind: 'applied' }
      case 'LOST':
      case 'MOVED':
        return { kind: 'lost' }
      case 'MISSING':
        return { kind: 'missing', events: events.filter((_, at) => reply.values.includes(at)) }
      default:
        return unexpected(reply)
    }
  }

  async bitmap(tenure: Tenure, event: EventId): Promise<CopiedUnits | null> {
    for (const epoch of await this.#epochsUpTo(tenure)) {
      const from = { home: tenure.home, epoch }
      const reply = await runScript(this.#runner, 'copyRead', {
        keys: copyKeyList(copyKeys(from, event)),
        args: [holdBookLimits.copyPurgeMax],
      })
      if (reply.status === 'NONE') continue
      const position = await this.position(from)
      if (position !== null) {
        return { bitmap: bytes(reply, 0), asOfMs: position.asOfMs, epoch }
      }
    }
    return null
  }

  async holds(tenure: Tenure, event: EventId, cursor: string | null): Promise<CopyPage | null> {
    if (cursor !== null && !/^\d{1,20}$/.test(cursor)) return null
    for (const epoch of await this.#epochsUpTo(tenure)) {
      const keys = copyKeys({ home: tenure.home, epoch }, event)
      const parts = copyKeyList(keys)
      const there = await reaching(() => this.#redis.exists(...parts))
      if (there < parts.length) continue
      const from = cursor ?? '0'
      const { holds, next } = await reaching(() =>
        readHolds(this.#redis, { keys, from, kind: 'copy' }),
      )
      const last = (await this.position({ home: tenure.home, epoch }))?.last ?? 0
      return { epoch, last, holds, nextCursor: next === '0' ? null : next }
    }
    return null
  }

  /** Newest first. */
  async #epochsUpTo({ home, epoch }: Tenure): Promise<number[]> {
    return (await this.#epochs(home)).filter((one) => one <= epoch).sort((a, b) => b - a)
  }

  async #epochs(home: string): Promise<number[]> {
    const listed = await reaching(() => this.#redis.zrange(epochsKey(home), '0', '-1'))
    return listed.map(Number)
  }
}
