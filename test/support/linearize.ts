/**
 * Whether calls that overlapped can be put into one order in which a model would have answered each
 * as it was answered: Wing and Gong's search, with what was tried before kept in mind. It is
 * exponential in the calls that overlap, so keep those few.
 */

export type Call<Operation, Answer> = {
  readonly operation: Operation
  readonly answer: Answer
  /** Places in one count of all beginnings and ends. */
  readonly began: number
  readonly ended: number
}

export type Model<State, Operation, Answer> = {
  /** The state afterwards, or null where this cannot be the answer. */
  readonly step: (state: State, operation: Operation, answer: Answer) => State | null
  /** Equal for equal states. */
  readonly keyOf: (state: State) => string
}

const callsMax = 20

/** All states in which the calls may have left the model; none where no order explains them. */
export function linearize<State, Operation, Answer>(
  model: Model<State, Operation, Answer>,
  from: readonly State[],
  calls: readonly Call<Operation, Answer>[],
): State[] {
  if (calls.length > callsMax) throw new RangeError(`no more than ${callsMax} calls at once`)
  const ends = new Map<string, State>()
  const seen = new Set<string>()
  const visit = (state: State, left: number): void => {
    const key = model.keyOf(state)
    if (left === 0) {
      ends.set(key, state)
      return
    }
    const place = `${left} ${key}`
    if (seen.has(place)) return
    seen.add(place)
    const open = calls.filter((_, at) => (left >> at) & 1)
    const firstEnd = Math.min(...open.map(({ ended }) => ended))
    calls.forEach(({ operation, answer, began }, at) => {
      if (!((left >> at) & 1) || began > firstEnd) return
      const next = model.step(state, operation, answer)
      if (next !== null) visit(next, left & ~(1 << at))
    })
  }
  for (const state of from) visit(state, 2 ** calls.length - 1)
  return [...ends.values()]
}
