/**
 * Makes the report of a run from its evidence, in one pass over the history. It counts and judges
 * nothing anew: whether an invariant broke is the auditor's word, whether sales came back in time
 * the scenario's. It keeps a number for each answered call, so a million entries are no trouble.
 */
import type { Finding, Verdict } from '../auditor/verdict.ts'
import type { FaultRecord, RunFacts } from '../evidence/evidence.ts'
import type { Entry, Invoke } from '../history/entry.ts'
import { firstSalesOf } from './first-sales.ts'
import { HoldFates } from './hold-fates.ts'
import { OrderFates } from './order-fates.ts'
import type { CodeCounts, FeltFault, Report, Sometimes } from './report.ts'
import { SecondTally } from './second-tally.ts'

export type ReportFacts = {
  readonly run: RunFacts
  readonly title: string
  readonly holds: string
  readonly faults: readonly FeltFault[]
  readonly timeline: readonly FaultRecord[]
  readonly sometimes: readonly Sometimes[]
  readonly verdict: Verdict
  /** What the scenario itself found wrong, such as sales that did not come back in time. */
  readonly failures: readonly string[]
}

/** @param history in the order of `seq` */
export async function buildReport(
  history: Iterable<Entry> | AsyncIterable<Entry>,
  facts: ReportFacts,
): Promise<Report> {
  const { run, title, holds, faults, timeline, sometimes, verdict } = facts
  const tally = new HistoryTally(run)
  for await (const entry of history) tally.add(entry)
  const failures = [...failuresOf(facts), ...facts.failures]
  const { seconds, orders, errorsByOutcome, holdFates } = tally.result()
  const { kept, lost } = holdsOf(verdict.findings) ?? holdFates
  const errors = Object.entries(errorsByOutcome).map(([code, counts]) => [code, sumOf(counts)])
  return {
    scenario: run.scenario,
    seed: run.seed,
    run,
    title,
    holds,
    passed: failures.length === 0,
    failures,
    faults,
    timeline,
    invariants: verdict.findings.map((finding) => {
      const { id, title: said, checked, broken } = finding
      return { id, title: said, checked, broken }
    }),
    lostAcknowledgements: verdict.lostAcknowledgements,
    firstSaleSeconds: firstSalesOf(timeline),
    seconds,
    errors: Object.fromEntries(errors) as Readonly<Record<string, number>>,
    errorsByOutcome,
    orders,
    holdsKept: kept,
    holdsLost: lost,
    sometimes,
    verdict,
  }
}

type MutableCounts = { -readonly [Key in keyof CodeCounts]: CodeCounts[Key] }

class HistoryTally {
  readonly #seconds: SecondTally
  readonly #orders = new OrderFates()
  readonly #holds = new HoldFates()
  readonly #codes = new Map<string, MutableCounts>()
  /** Asked and not answered yet, by `seq`. */
  readonly #open = new Map<number, Invoke>()

  constructor({ startedAt, regions }: RunFacts) {
    this.#seconds = new SecondTally(startedAt, regions)
  }

  add(entry: Entry): void {
    if (entry.type === 'invoke') {
      this.#open.set(entry.seq, entry)
      this.#holds.invoked(entry)
      return
    }
    const asked = this.#open.get(entry.of)
    if (asked === undefined) throw new Error(`line ${entry.seq} answers line ${entry.of}: no such`)
    this.#open.delete(entry.of)
    this.#holds.answered(entry, asked)
    const { at, region } = entry
    if (entry.type === 'unknown') {
      this.#seconds.count('unknowns', at, region)
      this.#count(entry.code, 'unknown')
      if (asked.op === 'checkout.confirm') this.#orders.unanswered(entry, asked.args.order)
      return
    }
    this.#seconds.answered(at, region, at - asked.at)
    if (entry.type === 'fail') {
      this.#seconds.count('refusals', at, region)
      this.#count(entry.code, entry.transient ? 'transient' : 'final')
      return
    }
    if (entry.op === 'hold.place') this.#seconds.count('holds', at, region)
    if (this.#orders.answered(entry)) this.#seconds.count('sales', at, region)
  }

  result() {
    const byFrequency = [...this.#codes].sort(([, a], [, b]) => sumOf(b) - sumOf(a))
    return {
      seconds: this.#seconds.seconds(),
      orders: this.#orders.counts(),
      holdFates: this.#holds.counts(),
      errorsByOutcome: Object.fromEntries(byFrequency) as Report['errorsByOutcome'],
    }
  }

  #count(code: string, outcome: keyof CodeCounts): void {
    const counts = this.#codes.get(code) ?? { final: 0, transient: 0, unknown: 0 }
    counts[outcome] += 1
    this.#codes.set(code, counts)
  }
}

function sumOf({ final, transient, unknown }: CodeCounts): number {
  return final + transient + unknown
}

/** As the auditor counted them, where it did. */
function holdsOf(findings: readonly Finding[]): { kept: number; lost: number } | null {
  const found = findings.find(({ counts }) => 'holdsKept' in counts || 'holdsLost' in counts)
  if (found === undefined) return null
  return { kept: found.counts['holdsKept'] ?? 0, lost: found.counts['holdsLost'] ?? 0 }
}

function failuresOf({ verdict, faults, run }: ReportFacts): string[] {
  const broken = verdict.findings.filter((finding) => finding.broken > 0)
  const unfelt = faults.filter(({ mustBeFelt, felt }) => mustBeFelt && felt === 0)
  return [
    ...broken.map(({ id, title, broken: count }) => `${id} was broken ${times(count)}: ${title}`),
    ...unfelt.map(({ kind, where }) => `${kind} of ${where} was set, and nobody felt it`),
    ...(run.quietAt === null ? ['the system did not come to rest in the time that it had'] : []),
  ]
}

function times(count: number): string {
  if (count === 1) return 'once'
  return count === 2 ? 'twice' : `${count} times`
}
