/**
 * Which statements are struck, and how: by rules with a share that is drawn from a seed, and, for a
 * test, the next runs of one named statement. It decides and counts; the conversation strikes.
 */
import { createHash } from 'node:crypto'
import type { Chance } from '../../../bench/onsale/seeded-chance.ts'
import type { Strike, StrikeRule } from '../fault-maker.ts'
import type { Asked } from './statement-names.ts'

/** What a test may also wish: the reply waits until it is let go, or breaks off at this byte. */
export type ProxyFault =
  | Strike
  | { readonly kind: 'stall' }
  | { readonly kind: 'cut-in-reply'; readonly at: number }

/** A strike, and all of it that is drawn. */
export type Blow =
  | { readonly kind: 'cut-before' | 'cut-after' | 'stall' }
  | { readonly kind: 'cut-in-reply'; readonly at: (replyBytes: number) => number }
  | { readonly kind: 'error'; readonly code: string; readonly done: boolean }
  /** `there`: the statement itself arrives so much later; `back`: it is done, and its answer is late. */
  | { readonly kind: 'late'; readonly way: 'there' | 'back'; readonly ms: number }

export type Struck = { readonly kind: string; readonly statement: string; readonly count: number }

export type StandingRule = {
  readonly remove: () => void
  readonly isStanding: () => boolean
  readonly felt: () => number
}

/** Statements in the middle of their row; who is never tried again is forgotten. */
const rowsMax = 10_000

export class StrikeBook {
  readonly #chance: Chance
  readonly #rules = new Set<Rule>()
  readonly #named = new Map<string, { readonly fault: ProxyFault; left: number }>()
  readonly #counts = new Map<string, { kind: string; statement: string; count: number }>()

  constructor(chance: Chance) {
    this.#chance = chance
  }

  get felt(): number {
    return [...this.#counts.values()].reduce((sum, { count }) => sum + count, 0)
  }

  /** By kind and statement. */
  get counts(): readonly Struck[] {
    return [...this.#counts.values()].map((one) => ({ ...one }))
  }

  add(wish: StrikeRule): StandingRule {
    const rule = new Rule(wish, this.#chance)
    this.#rules.add(rule)
    return {
      remove: () => void this.#rules.delete(rule),
      isStanding: () => this.#rules.has(rule),
      felt: () => rule.felt,
    }
  }

  /** The next `times` runs of the statement of this name. */
  strikeNamed(statement: string, fault: ProxyFault, times: number): void {
    this.#named.set(statement, { fault, left: times })
  }

  forget(): void {
    this.#rules.clear()
    this.#named.clear()
    this.#counts.clear()
  }

  /** The first rule that strikes; it is counted. Null: it passes. */
  next(asked: Asked): Blow | null {
    const fault = this.#faultFor(asked)
    if (fault === null) return null
    const kind = kindOf(fault)
    const key = `${kind} ${asked.statement}`
    const count = this.#counts.get(key) ?? { kind, statement: asked.statement, count: 0 }
    count.count += 1
    this.#counts.set(key, count)
    return this.#blowOf(fault)
  }

  #faultFor(asked: Asked): ProxyFault | null {
    const named = this.#named.get(asked.statement)
    if (named !== undefined && named.left > 0) {
      named.left -= 1
      return named.fault
    }
    for (const rule of this.#rules) if (rule.strikes(asked)) return rule.strike
    return null
  }

  #blowOf(fault: ProxyFault): Blow {
    switch (fault.kind) {
      case 'cut-in-reply': {
        const fraction = this.#chance.fraction()
        const at = (bytes: number) =>
          'at' in fault ? fault.at : Math.min(bytes - 1, Math.floor(fraction * bytes))
        return { kind: 'cut-in-reply', at }
      }
      case 'wait':
        return { kind: 'late', way: this.#chance.fraction() < 0.5 ? 'there' : 'back', ms: fault.ms }
      default:
        return fault
    }
  }
}

class Rule {
  readonly #wish: StrikeRule
  readonly #statements: RegExp | null
  readonly #chance: Chance
  /** How often a statement that was drawn is struck again. */
  readonly #rows = new Map<string, number>()
  felt = 0

  constructor(wish: StrikeRule, chance: Chance) {
    this.#wish = wish
    this.#chance = chance
    const { statements } = wish
    // A global or sticky pattern would remember where it stood.
    this.#statements = statements
      ? new RegExp(statements.source, statements.flags.replace(/[gy]/g, ''))
      : null
  }

  get strike(): Strike {
    return this.#wish.strike
  }

  strikes(asked: Asked): boolean {
    if (this.#statements?.test(asked.statement) === false) return false
    const isStruck = this.#isDrawn(asked)
    if (isStruck) this.felt += 1
    return isStruck
  }

  #isDrawn({ statement, whole }: Asked): boolean {
    const { share, inARow = 1 } = this.#wish
    if (inARow <= 1) return this.#chance.fraction() < share
    const key = `${statement} ${createHash('sha1').update(whole).digest('base64')}`
    const left = this.#rows.get(key) ?? 0
    if (left > 0) {
      this.#rows.delete(key)
      if (left > 1) this.#rows.set(key, left - 1)
      return true
    }
    if (this.#chance.fraction() >= share) return false
    this.#rows.set(key, inARow - 1)
    const [oldest] = this.#rows.size > rowsMax ? this.#rows.keys() : []
    if (oldest !== undefined) this.#rows.delete(oldest)
    return true
  }
}

function kindOf(fault: ProxyFault): string {
  if (fault.kind !== 'error') return fault.kind
  return `error ${fault.code} ${fault.done ? 'after' : 'before'} the effect`
}
