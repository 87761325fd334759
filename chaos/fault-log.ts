/**
 * Sets and heals faults and remembers each with its time and how often it was felt: in a file for
 * the auditor and the report, and in memory so that whatever happens, everything is healed.
 */
import { waitUntil } from '../regions/local/wait-until.ts'
import type { FaultRecord } from './evidence/evidence.ts'
import type { Fault } from './faults/fault.ts'
import type { FeltFault } from './report/report.ts'
import { now } from './scenario.ts'

const healedWithinMs = 60_000

type Standing = {
  readonly id: number
  readonly felt: { -readonly [Key in keyof FeltFault]: FeltFault[Key] }
}

type DemandedSales = Required<Pick<FaultRecord, 'since' | 'withinSeconds' | 'firstSaleSeconds'>>

export class FaultLog {
  readonly #write: (record: FaultRecord) => void
  readonly #standing = new Map<Fault, Standing>()
  readonly #all: FeltFault[] = []
  readonly failures: string[] = []
  #count = 0

  /** @param write hears of everything at once */
  constructor(write: (record: FaultRecord) => void) {
    this.#write = write
  }

  /** In the order in which they were set. */
  get faults(): readonly FeltFault[] {
    return this.#all
  }

  async inject(fault: Fault): Promise<void> {
    if (this.#standing.has(fault)) return
    const { kind, where, said } = fault
    this.#count += 1
    const at = now()
    const felt = { kind, where, said, injectedAt: at, healedAt: null, felt: 0, mustBeFelt: true }
    this.#standing.set(fault, { id: this.#count, felt })
    this.#all.push(felt)
    this.#write({ at, what: 'inject', id: this.#count, kind, where, said })
    await fault.inject()
  }

  async heal(fault: Fault): Promise<void> {
    const standing = this.#standing.get(fault)
    if (standing === undefined) return
    const { kind, where, said } = fault
    const { id, felt } = standing
    felt.felt = await fault.felt().catch(() => 0)
    await fault.heal()
    if (!(await waitUntil(() => fault.isHealed(), healedWithinMs))) {
      this.failures.push(`${kind} of ${where} was not healed within ${healedWithinMs / 1000} s`)
    }
    // What is only seen afterwards, such as keys that came back old.
    felt.felt = Math.max(felt.felt, await fault.felt().catch(() => 0))
    felt.healedAt = now()
    this.#standing.delete(fault)
    this.#write({ at: felt.healedAt, what: 'heal', id, kind, where, said, felt: felt.felt })
  }

  /** The last that was set first. */
  async healAll(): Promise<void> {
    for (const fault of [...this.#standing.keys()].reverse()) {
      await this.heal(fault).catch((cause: unknown) => {
        this.failures.push(`${fault.kind} of ${fault.where} could not be healed: ${String(cause)}`)
      })
    }
  }

  note(said: string): void {
    this.#write({ at: now(), what: 'note', id: 0, kind: '', where: '', said })
  }

  progress(after: string, demand: DemandedSales): void {
    const record = { at: now(), what: 'progress', id: 0, kind: '', where: '' } as const
    this.#write({ ...record, said: after, ...demand })
  }
}
