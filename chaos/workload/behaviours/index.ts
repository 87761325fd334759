/** What fans do, and how often. */
import type { Behaviour } from '../visit.ts'
import { buys } from './buys.ts'
import { changesMind } from './changes-mind.ts'
import { closesPage } from './closes-page.ts'
import { comesBack } from './comes-back.ts'
import { doubleClicks } from './double-clicks.ts'
import { holdsAndLeaves } from './holds-and-leaves.ts'
import { huntsHotSeats } from './hunts-hot-seats.ts'
import { looksAround } from './looks-around.ts'
import { provesIdentity } from './proves-identity.ts'
import { readsElsewhere } from './reads-elsewhere.ts'
import { secondCard } from './second-card.ts'
import { trespasses } from './trespasses.ts'

export const behaviours = {
  buys,
  'holds-and-leaves': holdsAndLeaves,
  'changes-mind': changesMind,
  'comes-back': comesBack,
  'double-clicks': doubleClicks,
  'second-card': secondCard,
  'proves-identity': provesIdentity,
  'closes-page': closesPage,
  'reads-elsewhere': readsElsewhere,
  'looks-around': looksAround,
  trespasses,
  'hunts-hot-seats': huntsHotSeats,
} as const satisfies Readonly<Record<string, Behaviour>>

export type BehaviourName = keyof typeof behaviours
export type Weights = Readonly<Record<BehaviourName, number>>

/** Shares need not sum to 1. Sales lead, because what is sold is what must not be lost. */
export const usualWeights: Weights = {
  buys: 30,
  'holds-and-leaves': 10,
  'changes-mind': 8,
  'comes-back': 8,
  'double-clicks': 6,
  'second-card': 5,
  'proves-identity': 5,
  'closes-page': 5,
  'reads-elsewhere': 8,
  'looks-around': 5,
  trespasses: 4,
  'hunts-hot-seats': 6,
}
