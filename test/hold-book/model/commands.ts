/** Commands of the model-based test: one step alone, some at once, time that goes by, a lost Redis. */
import fc from 'fast-check'
import type { SeatRequest } from '../../../server/domain/hold.ts'
import { linearize } from '../../support/linearize.ts'
import type { BookUnderTest } from '../contract.ts'
import { advance, step as modelStep, wipe } from './book-model.ts'
import { type BookState, minuteMs } from './book-state.ts'
import { hall } from './room.ts'
import { type Event, runStep, type Step, Tally } from './run-step.ts'

/** The states in which the model may be: calls that overlapped may leave it in several. */
export type Known = { states: readonly BookState[] }

export type Real = {
  readonly tested: BookUnderTest
  readonly event: Event
  readonly age: (ms: number) => Promise<void>
  /** null where there is nothing to lose. */
  readonly wipe: (() => Promise<void>) | null
  /** How often each answer was had. */
  readonly seen: Map<string, number>
}

type BookCommand = fc.AsyncCommand<Known, Real>
type BookCommands = fc.Arbitrary<Iterable<BookCommand>>

const model = { step: modelStep, keyOf: (state: BookState) => JSON.stringify(state) }

class Steps implements BookCommand {
  readonly #steps: readonly Step[]

  constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  check(): boolean {
    return true
  }

  async run(known: Known, { tested, event, seen }: Real): Promise<void> {
    const tally = new Tally()
    await Promise.all(this.#steps.map((step) => runStep(tested, event, { step, tally })))
    const { calls } = tally
    for (const { operation, answer } of calls) {
      const isAgain = answer.kind === 'held' && answer.repeated
      const what = `${operation.what}: ${answer.kind}${isAgain ? ' again' : ''}`
      seen.set(what, (seen.get(what) ?? 0) + 1)
    }
    const states = linearize(model, known.states, calls)
    if (states.length === 0) throw new Error(unexplained(calls, known.states))
    known.states = states
  }

  toString(): string {
    return this.#steps.length === 1
      ? JSON.stringify(this.#steps[0])
      : `at once [\n  ${this.#steps.map((step) => JSON.stringify(step)).join(',\n  ')}\n]`
  }
}

/** A line for each thing, so that a shrunk counter-example can be read. */
function unexplained(calls: Tally['calls'], states: readonly BookState[]): string {
  const lines = calls.map(({ operation, answer, began, ended }) => {
    const [asked, answered] = [JSON.stringify(operation), JSON.stringify(answer)]
    return `  ${began}-${ended} ${asked}\n       ${answered}`
  })
  const from = states.map((state) => `  ${JSON.stringify(state)}`)
  return ['no order explains', ...lines, 'from', ...from].join('\n')
}

class TimePasses implements BookCommand {
  readonly #ms: number

  constructor(ms: number) {
    this.#ms = ms
  }

  check(): boolean {
    return true
  }

  async run(known: Known, { age, tested, event }: Real): Promise<void> {
    await age(this.#ms)
    // Who looks finds ended what has run out; from then on it is remembered.
    await tested.book.availability(event.scope)
    known.states = known.states.map((state) => advance(state, this.#ms))
  }

  toString(): string {
    return `${this.#ms / minuteMs} minutes pass`
  }
}

class RedisIsLost implements BookCommand {
  check({ states }: Known): boolean {
    return states[0]?.kind === 'redis'
  }

  async run(known: Known, real: Real): Promise<void> {
    await real.wipe?.()
    await real.tested.book.availability(real.event.scope)
    known.states = known.states.map(wipe)
  }

  toString(): string {
    return 'Redis is lost'
  }
}

const fan = {
  buyer: fc.constantFrom('ann', 'bob'),
  key: fc.constantFrom('k1', 'k2', 'k3'),
  server: fc.constantFrom(0 as const, 1 as const),
}
const ttlMs = fc.constantFrom(2 * minuteMs, 6 * minuteMs, 15 * minuteMs)
const count = fc.integer({ min: 1, max: 4 })
const request: fc.Arbitrary<SeatRequest> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('units' as const),
      units: fc
        .uniqueArray(fc.nat(hall.units - 1), { minLength: 1, maxLength: 4 })
        .map((units) => units.toSorted((a, b) => a - b)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('best' as const), sections: fc.constant([0]), count }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('anywhere' as const),
      sections: fc.constant([1]),
      count,
    }),
  },
)
const plainKinds = ['place again', 'release', 'pay', 'pay', 'cancel', 'tell again'] as const
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ ...fan, kind: fc.constant('place' as const), request, ttlMs }),
  },
  { weight: 6, arbitrary: fc.record({ ...fan, kind: fc.constant('check-out' as const) }) },
  { weight: 10, arbitrary: fc.record({ ...fan, kind: fc.constantFrom(...plainKinds) }) },
  { weight: 2, arbitrary: fc.record({ ...fan, kind: fc.constant('extend' as const), ttlMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...fan,
      kind: fc.constant('find' as const),
      asBuyer: fc.option(fan.buyer),
    }),
  },
)
const stepsAtOnce = fc.array(step, { minLength: 2, maxLength: 6 })
const minutes = fc.constantFrom(1, 3, 7, 11, 13, 30)

export const bookCommands: BookCommands = fc.commands(
  [
    step.map((one) => new Steps([one])),
    step.map((one) => new Steps([one])),
    stepsAtOnce.map((steps) => new Steps(steps)),
    stepsAtOnce.map((steps) => new Steps(steps)),
    minutes.map((count) => new TimePasses(count * minuteMs)),
    fc.constant(new RedisIsLost()),
  ] as fc.Arbitrary<BookCommand>[],
  { maxCommands: 24, size: 'max' },
)
