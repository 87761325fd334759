/**
 * The ways in which fans send one wish: once; twice at once; or with the answer lost on the way,
 * and again with the same key. Whatever the manner, one wish must have one answer.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { CallOptions } from '../../client/index.ts'
import type { Fan } from './fan.ts'
import type { Step } from './measurements.ts'

/** A connection that breaks does so within this time of the sending. */
const lossWithinMs = 60

export type Wish<Answer> = {
  readonly step: Step
  /** The same call with the same key, however often it is made. */
  readonly send: (options?: CallOptions) => Promise<Answer>
  /** What must be the same in every answer to this wish. */
  readonly gist: (answer: Answer) => string
}

/** @throws FrontrowError as the call does */
export function sendAsFated<Answer>(fan: Fan, wish: Wish<Answer>): Promise<Answer> {
  switch (fan.plan.fate) {
    case 'twins':
      return sendTwice(fan, wish)
    case 'lost-answers':
      return sendAgain(fan, wish)
    default:
      return fan.calls.call(wish.step, () => wish.send())
  }
}

/** Both are awaited, so that no refusal of one goes unseen. */
async function sendTwice<Answer>(fan: Fan, wish: Wish<Answer>): Promise<Answer> {
  const once = () => fan.calls.call(wish.step, () => wish.send())
  const [one, other] = await Promise.allSettled([once(), once()])
  if (one.status === 'rejected') throw one.reason
  if (other.status === 'rejected') throw other.reason
  compare(fan, wish, [one.value, other.value])
  return one.value
}

async function sendAgain<Answer>(fan: Fan, wish: Wish<Answer>): Promise<Answer> {
  const connection = new AbortController()
  const sending = fan.calls.abandoned(() => wish.send({ signal: connection.signal }))
  const loss = wait(fan.chance.below(lossWithinMs)).then(() => connection.abort())
  const [first] = await Promise.all([sending, loss])
  const second = await fan.calls.call(wish.step, () => wish.send())
  if (first !== null) compare(fan, wish, [first, second])
  return second
}

function compare<Answer>(
  fan: Fan,
  { step, gist }: Wish<Answer>,
  [one, other]: readonly [Answer, Answer],
): void {
  if (gist(one) === gist(other)) return
  fan.notice(
    `fan ${fan.plan.index} got two answers to one ${step}: ${gist(one)} and ${gist(other)}`,
  )
}
