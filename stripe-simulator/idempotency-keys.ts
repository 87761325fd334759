/**
 * Stripe's idempotency, version 1 of its API: the first answer to a POST is kept with its key for
 * 24 hours, whatever its status, and given again to the same parameters. Other parameters or
 * another path are refused, and so is a twin while the first is still being worked on. Refusals of
 * that kind, and of parameters that fail validation, are not kept.
 */
import type { Answer } from './answer.ts'
import { ApiError, invalidRequest } from './api-error.ts'
import { limits } from './limits.ts'
import { Shelf } from './shelf.ts'

/** One use of a key: what was asked under it. */
export interface KeyUse {
  readonly id: string
  readonly path: string
  /** Digest of the parameters. */
  readonly fingerprint: string
}

export interface KeptAnswer extends KeyUse {
  /** When, in milliseconds of the simulated clock. */
  readonly at: number
  /** The request that was answered first. */
  readonly requestId: string
  readonly answer: Answer
}

export class IdempotencyKeys {
  readonly #kept = new Shelf<KeptAnswer>()
  readonly #inFlight = new Set<string>()
  readonly #maxKeys: number

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#kept.size
  }

  /** The kept answer, or undefined when the request is to be executed; refuses misuse of the key. */
  find(use: KeyUse, nowMs: number): KeptAnswer | undefined {
    if (this.#inFlight.has(use.id)) throw inUse(use.id)
    const kept = this.#kept.get(use.id)
    if (kept === undefined) return undefined
    if (nowMs - kept.at >= limits.idempotencyKeyTtlMs) {
      this.#kept.delete(use.id)
      return undefined
    }
    if (kept.path !== use.path) throw otherEndpoint(use, kept.path)
    if (kept.fingerprint !== use.fingerprint) throw otherParameters(use.id)
    return kept
  }

  /** Twins are refused until `release`. */
  lock(key: string): void {
    this.#inFlight.add(key)
  }

  release(key: string): void {
    this.#inFlight.delete(key)
  }

  keep(kept: KeptAnswer): void {
    this.#kept.put(kept)
    for (let oldest = this.#kept.oldest(); oldest; oldest = this.#kept.oldest()) {
      const expired = kept.at - oldest.at >= limits.idempotencyKeyTtlMs
      if (!expired && this.#kept.size <= this.#maxKeys) return
      this.#kept.delete(oldest.id)
    }
  }

  has(key: string): boolean {
    return this.#kept.get(key) !== undefined
  }

  clear(): void {
    this.#kept.clear()
  }
}

/** Keys have at most 255 characters; an absent or empty one is none. */
export function checkKey(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined
  if (key.length <= limits.idempotencyKeyLength) return key
  throw invalidRequest(
    `Invalid Idempotency-Key: it can have up to ${limits.idempotencyKeyLength} characters, this one has ${key.length}.`,
  )
}

function inUse(key: string): ApiError {
  return new ApiError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  })
}

function otherEndpoint(use: KeyUse, first: string): ApiError {
  return new ApiError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${first}' rather than '${use.path}'). Try using a key other than '${use.id}' if you meant to execute a different request.`,
  })
}

function otherParameters(key: string): ApiError {
  return new ApiError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  })
}
