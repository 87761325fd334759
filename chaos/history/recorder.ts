/**
 * Writes down what one caller asks and is told, one call at a time: first that it was asked, then
 * how it ended. After an outcome that nobody knows the process is over, since what it asked for may
 * still happen; the same caller goes on as another process.
 */
import type { Operation, Operations } from './entry.ts'
import type { History } from './history.ts'
import { toldOf } from './told.ts'

export type Caller = {
  /** Of the processes, such as `fan-12`: each adds its number. */
  readonly name: string
  /** As the database has it: the buyer of their orders. */
  readonly actor: string
  readonly region: string
}

export type RecordedCall<Name extends Operation, Answer> = {
  readonly send: () => Promise<Answer>
  readonly read: (answer: Answer) => Operations[Name]['result']
  /** Asked after the answer: it said of itself that it is older than what was seen. */
  readonly isOlder?: () => boolean
}

export class Recorder {
  readonly #history: History
  readonly #name: string
  readonly #actor: string
  #region: string
  #number = 0
  #isAsking = false

  constructor(history: History, { name, actor, region }: Caller) {
    this.#history = history
    this.#name = name
    this.#actor = actor
    this.#region = region
  }

  get actor(): string {
    return this.#actor
  }

  get region(): string {
    return this.#region
  }

  /** The caller stands elsewhere from the next call on. */
  moveTo(region: string): void {
    this.#region = region
  }

  /**
   * @throws what the call threw: an outcome, which is written down; or a defect, which is not, so
   *   that the auditor sees a call without an end beside the run that fails
   */
  async record<Name extends Operation, Answer>(
    op: Name,
    args: Operations[Name]['args'],
    call: RecordedCall<Name, Answer>,
  ): Promise<Answer> {
    if (this.#isAsking) throw new Error(`${this.#name} asks two things at once`)
    this.#isAsking = true
    const common = {
      process: `${this.#name}.${this.#number}`,
      actor: this.#actor,
      region: this.#region,
    }
    const asked = { type: 'invoke', ...common, op, args } as Parameters<History['append']>[0]
    const { seq: of } = this.#history.append(asked)
    try {
      const answer = await call.send()
      const ok = { type: 'ok', ...common, of, op, result: call.read(answer) }
      const older = call.isOlder?.() === true ? { isOlder: true } : {}
      this.#history.append({ ...ok, ...older } as Parameters<History['append']>[0])
      return answer
    } catch (cause) {
      const told = toldOf(cause)
      if (told === null) throw cause
      const { code, transient, outcome } = told
      if (outcome === 'unknown') {
        this.#number += 1
        this.#history.append({ type: 'unknown', ...common, of, op, code })
      } else {
        this.#history.append({ type: 'fail', ...common, of, op, code, transient })
      }
      throw cause
    } finally {
      this.#isAsking = false
    }
  }
}
