/**
 * How much may be repeated, over all calls of a client: a bucket of tokens that retries empty and
 * successes fill. An empty bucket means that the first failure of a call is its last.
 */
import { clientLimits } from './client-limits.ts'

export class RetryBudget {
  #tokens: number = clientLimits.budgetTokens

  /** Pays for one retry, or answers false and takes nothing. */
  take(after: 'failure' | 'timeout'): boolean {
    const { budgetRetryCost, budgetTimeoutCost } = clientLimits
    const cost = after === 'timeout' ? budgetTimeoutCost : budgetRetryCost
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  succeeded(): void {
    const { budgetTokens, budgetSuccessGain } = clientLimits
    this.#tokens = Math.min(budgetTokens, this.#tokens + budgetSuccessGain)
  }
}
