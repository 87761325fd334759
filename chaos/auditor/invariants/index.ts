/** All invariants, in the order of the reference. */
import { allowedSteps } from './allowed-steps.ts'
import { atHome } from './at-home.ts'
import { chargedAsShown } from './charged-as-shown.ts'
import {
  auditChain,
  erasure,
  fairQueue,
  noSecrets,
  oneAdmission,
  strictWithinEvent,
} from './elsewhere.ts'
import { holdsExclude, ownHoldSells } from './holds-exclude.ts'
import type { Invariant } from './invariant.ts'
import { keptWord } from './kept-word.ts'
import { knownCauses } from './known-causes.ts'
import { limitKept } from './limit-kept.ts'
import { allSettled, moneyAddsUp } from './money.ts'
import { noOversale } from './no-oversale.ts'
import { oneEffect } from './one-effect.ts'
import { oneHolder } from './one-holder.ts'
import { oneOwner } from './one-owner.ts'
import { outboxMatches } from './outbox-matches.ts'
import { progress } from './progress.ts'
import { readsForward } from './reads-forward.ts'
import { serialWrites } from './serial-writes.ts'
import { shownAsIs } from './shown-as-is.ts'
import { withoutWebhooks } from './without-webhooks.ts'

export const invariants: readonly Invariant[] = [
  oneOwner,
  noOversale,
  keptWord,
  knownCauses,
  oneEffect,
  moneyAddsUp,
  allSettled,
  allowedSteps,
  holdsExclude,
  ownHoldSells,
  oneHolder,
  serialWrites,
  strictWithinEvent,
  readsForward,
  outboxMatches,
  withoutWebhooks,
  fairQueue,
  limitKept,
  oneAdmission,
  auditChain,
  shownAsIs,
  erasure,
  noSecrets,
  progress,
  atHome,
  chargedAsShown,
]
