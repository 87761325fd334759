/**
 * Follows sales through the links of a server and stops chosen ones at chosen steps, so that the
 * server can be killed exactly there: before a request reaches its peer, or when the peer has done
 * it and the reply has not come back. A message belongs to the sales whose ids it contains.
 */
import { scripts } from '../../server/gateways/redis-hold-book/scripts.ts'
import type { Request } from '../support/request-readers.ts'
import type { Watch } from '../support/tcp-proxy.ts'
import type { Link } from './links.ts'

export type Step = {
  readonly link: Link
  /** A statement, a script, or method and path. */
  readonly label: string
  /** The how-manieth of this label in the sale, from one. */
  readonly occurrence: number
}

export type KillPoint = Step & { readonly side: 'before' | 'after' }

export function nameOfPoint({ side, link, label, occurrence }: KillPoint): string {
  return `${side} ${link}: ${label}${occurrence === 1 ? '' : ` (${occurrence})`}`
}

/** One sale on its way through the server. */
export class FollowedSale {
  readonly point: KillPoint | null
  /** All that has passed, in order. */
  readonly steps: Step[] = []
  /** Arrived at its point, and waiting there. */
  isStuck = false
  readonly #marks: Set<string>
  readonly #counts = new Map<string, number>()
  #drop: () => void = () => undefined

  /** @param marks texts of which one is in each message of the sale, and in no other's */
  constructor(marks: readonly string[], point: KillPoint | null) {
    this.#marks = new Set(marks)
    this.point = point
  }

  owns(text: string): boolean {
    return [...this.#marks].some((mark) => text.includes(mark))
  }

  /** Payments are known by an id that the sale learns on its way. */
  learn(text: string): void {
    for (const [intent] of text.matchAll(/\bpi_[A-Za-z0-9]{14,}/g)) this.#marks.add(intent)
  }

  step(link: Link, label: string): Step {
    const name = `${link} ${label}`
    const occurrence = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, occurrence)
    const step = { link, label, occurrence }
    this.steps.push(step)
    return step
  }

  /** At the sale's point it waits for `drop`: the server is killed meanwhile. */
  async pass(step: Step, side: KillPoint['side']): Promise<void> {
    const { point } = this
    if (point === null || point.side !== side) return
    if (point.link !== step.link || point.label !== step.label) return
    if (point.occurrence !== step.occurrence) return
    this.isStuck = true
    await new Promise((_, reject) => {
      this.#drop = () => reject(new Error('lost with the server'))
    })
  }

  /** What is stopped is lost. */
  drop(): void {
    this.#drop()
  }
}

type Passing = { readonly sale: FollowedSale; readonly step: Step }

const scriptNames = new Map(
  Object.entries(scripts).map(([name, { hash }]) => [`evalsha ${hash.slice(0, 8)}`, name]),
)
/** With this look the worker begins each of its passes. */
const workersLook = 'outbox.due'

export class KillPoints {
  #sales: readonly FollowedSale[] = []
  readonly #passing = new WeakMap<Request, readonly Passing[]>()
  #gate = Promise.resolve()
  #openGate: () => void = () => undefined

  /** The worker sees nothing to do until `letWorkerGo`, so that its steps come last. */
  follow(sales: readonly FollowedSale[]): void {
    this.#sales = sales
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve
    })
  }

  letWorkerGo(): void {
    this.#openGate()
  }

  /** Nobody is followed any more, and what is stopped is lost. */
  rest(): void {
    for (const sale of this.#sales) sale.drop()
    this.#sales = []
    this.#openGate()
  }

  readonly watch = (link: Link): Watch => ({
    before: (request) => this.#before(link, request),
    after: (request) => this.#after(request),
  })

  async #before(link: Link, request: Request): Promise<void> {
    const label = scriptNames.get(request.label) ?? request.label
    if (label === '' || this.#sales.length === 0) return
    if (link === 'database' && label === workersLook) return this.#gate
    const text = request.bytes.toString('latin1')
    const owners = this.#sales.filter((sale) => sale.owns(text))
    if (owners.length === 1) owners[0]?.learn(text)
    const passing = owners.map((sale) => ({ sale, step: sale.step(link, label) }))
    this.#passing.set(request, passing)
    await Promise.all(passing.map(({ sale, step }) => sale.pass(step, 'before')))
  }

  async #after(request: Request): Promise<void> {
    const passing = this.#passing.get(request) ?? []
    await Promise.all(passing.map(({ sale, step }) => sale.pass(step, 'after')))
  }
}
