/**
 * Faults on demand. A rule says what goes wrong, for which requests or events, and how often: the
 * next N times, or with a probability drawn from a seeded generator. Counters say how often each
 * was felt. The book only decides; who asks it does the harm.
 */
import { newId } from './identifiers.ts'
import { limits } from './limits.ts'
import { seededRandom } from './seeded-random.ts'

/** Met by every matching request, also by one that replays a kept answer. */
export const transportFaults = [
  'slow',
  'rate_limit',
  'timeout_before',
  'timeout_after_success',
  'connection_reset',
  'connection_reset_after_success',
] as const

/** Met only by a request that is really executed; the 500 is kept under its key. */
export const executionFaults = ['error_500', 'error_500_after_success'] as const

/** Met by a webhook on its way to an endpoint. */
export const webhookFaults = [
  'webhook_lost',
  'webhook_delayed',
  'webhook_doubled',
  'webhook_reordered',
  'webhook_tampered',
] as const

export const faultKinds = [...transportFaults, ...executionFaults, ...webhookFaults] as const

export type FaultKind = (typeof faultKinds)[number]

/** Either `times` or `probability`; without both, always. */
export interface FaultWish {
  readonly kind: FaultKind
  readonly times?: number | undefined
  /** From 0 to 1. */
  readonly probability?: number | undefined
  readonly method?: string | undefined
  /** A path in which `*` stands for one segment, such as a path of one intent's capture. */
  readonly path?: string | undefined
  /** For webhooks: the type of the event, `*` for any part of it. */
  readonly event?: string | undefined
  /** How long it is slow, delayed or held, or after how long a hanging connection is closed. */
  readonly delayMs?: number | undefined
  /** Asked before the rules that are there already. */
  readonly first?: boolean | undefined
}

export interface FaultRule extends FaultWish {
  readonly id: string
  readonly felt: number
}

interface Entry {
  readonly id: string
  readonly wish: FaultWish
  readonly matches: (method: string, name: string) => boolean
  felt: number
}

export class FaultBook {
  #entries = new Map<string, Entry>()
  readonly #felt = new Map<FaultKind, number>()
  #random: () => number
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
  }

  get isFull(): boolean {
    return this.#entries.size >= limits.faultRules
  }

  add(wish: FaultWish): FaultRule {
    const entry = { id: newId('fault_'), wish, matches: matcher(wish), felt: 0 }
    if (wish.first === true) this.#entries = new Map([[entry.id, entry], ...this.#entries])
    else this.#entries.set(entry.id, entry)
    return rule(entry)
  }

  list(): FaultRule[] {
    return [...this.#entries.values()].map(rule)
  }

  /** How often each kind was felt since the start or the last reset. */
  felt(): Partial<Record<FaultKind, number>> {
    return Object.fromEntries(this.#felt)
  }

  remove(id: string): boolean {
    return this.#entries.delete(id)
  }

  removeAll(): void {
    this.#entries.clear()
  }

  /** Rules and counters go, and the seeded generator starts again. */
  reset(): void {
    this.#entries.clear()
    this.#felt.clear()
    this.#random = seededRandom(this.#seed)
  }

  /**
   * The first rule of these kinds that strikes, in the order in which rules were added,
   * but those that are to be first; it is counted. `name` is the path of a request or the type of an event.
   */
  draw(kinds: readonly FaultKind[], method: string, name: string): FaultWish | undefined {
    if (this.#entries.size === 0) return undefined
    for (const entry of this.#entries.values()) {
      if (!kinds.includes(entry.wish.kind) || !entry.matches(method, name)) continue
      if (!this.#strikes(entry)) continue
      entry.felt += 1
      this.#felt.set(entry.wish.kind, (this.#felt.get(entry.wish.kind) ?? 0) + 1)
      return entry.wish
    }
    return undefined
  }

  #strikes({ wish, felt }: Entry): boolean {
    if (wish.times !== undefined && felt >= wish.times) return false
    return wish.probability === undefined || this.#random() < wish.probability
  }
}

function rule({ id, wish, felt }: Entry): FaultRule {
  return { id, ...wish, felt }
}

function matcher(wish: FaultWish): Entry['matches'] {
  const webhook = wish.kind.startsWith('webhook_')
  const pattern = webhook ? wish.event : wish.path
  const method = webhook ? undefined : wish.method?.toUpperCase()
  const name = pattern === undefined ? /^/ : glob(pattern, webhook ? '.*' : '[^/]*')
  return (givenMethod, givenName) =>
    (method === undefined || method === givenMethod) && name.test(givenName)
}

function glob(pattern: string, star: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join(star)}$`)
}
