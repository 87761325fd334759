/**
 * The judge of a drill. It shares no code with what it judges and asks nobody: the verdict follows
 * from the evidence alone, so that a run can be judged again by anybody, later and elsewhere.
 */
import { factsOf } from './facts/facts.ts'
import { invariants } from './invariants/index.ts'
import { lostAcknowledgements } from './invariants/kept-word.ts'
import { Judge } from './judge.ts'
import type { Evidence } from './read-evidence.ts'
import type { Finding, Verdict } from './verdict.ts'

/** @param timings is told how long each invariant took, for whoever makes this faster */
export function audit(evidence: Evidence, timings?: (id: string, tookMs: number) => void): Verdict {
  const begunAt = performance.now()
  const facts = factsOf(evidence)
  timings?.('indexes', performance.now() - begunAt)
  const findings: Finding[] = []
  for (const invariant of invariants) {
    const judge = new Judge(facts)
    const from = performance.now()
    invariant.check(facts, judge)
    timings?.(invariant.id, performance.now() - from)
    findings.push(judge.finding(invariant))
  }
  const lost = findings.map(({ counts }) => counts[lostAcknowledgements] ?? 0)
  return {
    findings,
    operations: facts.calls.length,
    isBroken: findings.some(({ broken }) => broken > 0),
    lostAcknowledgements: lost.reduce((all, one) => all + one, 0),
    tookMs: performance.now() - begunAt,
  }
}
