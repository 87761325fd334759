/**
 * One path of the API. `prepare` checks the parameters and may refuse without effect; the function
 * it gives back executes. Between the two stands the idempotency layer.
 */
import type { Answer } from './answer.ts'
import type { FormFields } from './form-body.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export interface ApiInput {
  readonly fields: FormFields
  /** What stands for `:id` in the path; empty when the path has none. */
  readonly id: string
}

export type Execute = (unit: UnitOfWork) => Answer

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** Like `/v1/payment_intents/:id/confirm`. */
  readonly path: string
  prepare(input: ApiInput): Execute
}
