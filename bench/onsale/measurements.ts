/**
 * What a run measures while fans buy. Durations count from when a call was meant to begin, so that
 * a system that stalls cannot hide it by keeping the next calls from being made.
 */
import { type Percentiles, percentilesOf } from './percentiles.ts'

export const steps = [
  'browse',
  'availability',
  'hold',
  'start',
  'complete',
  /** Hold, start and complete of one fan who simply bought. */
  'sale',
  'release',
  /** Whatever was asked, and refused. */
  'refused',
] as const
export type Step = (typeof steps)[number]

/** Programs and connections warm up: what they do in this time is not counted into percentiles. */
const warmUpMs = 5_000
/** A run that is shorter than so many warm-ups is counted whole. */
const warmUpsMin = 3

type Sample = { readonly step: Step; readonly endedAtMs: number; readonly tookMs: number }
type Payment = { readonly paidAtMs: number; readonly tickets: number }

export type Figures = {
  readonly steps: Readonly<Partial<Record<Step, Percentiles>>>
  readonly refusals: Readonly<Record<string, number>>
  readonly outcomes: Readonly<Record<string, number>>
  /** Sends beyond the first of a call, by the client itself. */
  readonly retries: number
  /** Paid while the sale was in full swing. */
  readonly ordersPerSecond: number
  readonly ticketsPerSecond: number
  /** Left out at the beginning of percentiles and rates. */
  readonly warmUpMs: number
}

/** From the opening on, by a clock in milliseconds that only grows. */
export class Measurements {
  readonly #samples: Sample[] = []
  readonly #payments: Payment[] = []
  readonly #refusals = new Map<string, number>()
  readonly #outcomes = new Map<string, number>()
  readonly #noticed: string[] = []
  #calls = 0
  #sends = 0

  took(step: Step, endedAtMs: number, tookMs: number): void {
    this.#samples.push({ step, endedAtMs, tookMs })
  }

  paid(paidAtMs: number, tickets: number): void {
    this.#payments.push({ paidAtMs, tickets })
  }

  refused(code: string): void {
    count(this.#refusals, code)
  }

  ended(outcome: string): void {
    count(this.#outcomes, outcome)
  }

  called(): void {
    this.#calls += 1
  }

  sent(calls: number): void {
    this.#sends += calls
  }

  /** Something that must not happen, as one sentence. */
  notice(sentence: string): void {
    this.#noticed.push(sentence)
  }

  get noticed(): readonly string[] {
    return this.#noticed
  }

  get paidSoFar(): number {
    return this.#payments.length
  }

  /** @param of the opening, and when the last fan was let in: from then on the load falls */
  figures(of: { readonly openedAtMs: number; readonly fullUntilMs: number }): Figures {
    const leftOutMs = of.fullUntilMs - of.openedAtMs >= warmUpsMin * warmUpMs ? warmUpMs : 0
    const fromMs = of.openedAtMs + leftOutMs
    const counted = this.#samples.filter((sample) => sample.endedAtMs >= fromMs)
    const paid = this.#payments.filter(
      ({ paidAtMs }) => paidAtMs >= fromMs && paidAtMs <= of.fullUntilMs,
    )
    const seconds = (of.fullUntilMs - fromMs) / 1000
    const rate = (amount: number) => (seconds > 0 ? amount / seconds : 0)
    return {
      steps: stepsOf(counted),
      refusals: sorted(this.#refusals),
      outcomes: sorted(this.#outcomes),
      retries: Math.max(0, this.#sends - this.#calls),
      ordersPerSecond: rate(paid.length),
      ticketsPerSecond: rate(paid.reduce((sum, { tickets }) => sum + tickets, 0)),
      warmUpMs: leftOutMs,
    }
  }
}

function stepsOf(samples: readonly Sample[]): Figures['steps'] {
  return Object.fromEntries(
    steps.flatMap((step) => {
      const taken = samples.filter((sample) => sample.step === step).map(({ tookMs }) => tookMs)
      const figures = percentilesOf(taken)
      return figures === null ? [] : [[step, figures]]
    }),
  )
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}
