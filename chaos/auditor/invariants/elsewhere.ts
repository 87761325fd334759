/** Invariants that a drill does not check: each with what it is, and why not here. */
import type { Invariant } from './invariant.ts'

function elsewhere(id: string, title: string, why: string): Invariant {
  return { id, title, check: (_, judge) => judge.notes(why) }
}

const notYet = 'Its subject does not exist yet.'

export const strictWithinEvent = elsewhere(
  'I13',
  'Within one event the order of transactions agrees with the order of time',
  'Reads of transactions are not recorded; what of it one row can show is part of I8, I11 and I14.',
)
export const fairQueue = elsewhere(
  'I17',
  'No more fans are let in than there is room for, and nobody out of turn',
  `${notYet} There is no waiting room.`,
)
export const oneAdmission = elsewhere(
  'I19',
  'A ticket has one valid code and lets one person in',
  `${notYet} There is no gate.`,
)
export const auditChain = elsewhere(
  'I20',
  'The chain of audit entries verifies, and every signed head is a part of it',
  'It is proved by `npm run audit:verify` against the database itself; the evidence has no audit entries.',
)
export const erasure = elsewhere(
  'I22',
  'What was erased is nowhere, and no sum has changed by it',
  `${notYet} Nobody can be erased.`,
)
export const noSecrets = elsewhere(
  'I23',
  'No secret and no card is in a log, a trace, an error or a dump',
  'It is proved by tests of the logs and of the answers; the evidence has no logs.',
)
