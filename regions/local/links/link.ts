/**
 * A link between two places as a port on 127.0.0.1: whoever connects there reaches the target, half
 * a round trip away in each direction, with the fault that is set on it. It knows no protocol.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Connection, type Ways } from './connection.ts'
import { Line } from './line.ts'
import {
  type LinkFault,
  type LinkPlan,
  type LinkState,
  type LinkTarget,
  nameOf,
} from './link-plan.ts'

export class Link implements AsyncDisposable {
  readonly #plan: LinkPlan
  readonly #server: Server
  readonly #ways: Ways
  readonly #connections = new Set<Connection>()
  readonly #bytes = { there: 0, back: 0 }
  #target: LinkTarget
  #fault: LinkFault | null = null
  /** Connections that a fault reset, and words that it swallowed; the ways count what they delay. */
  #struck = 0

  private constructor(plan: LinkPlan) {
    this.#plan = plan
    this.#target = plan.target
    const oneWayMs = plan.roundTripMs / 2
    this.#ways = { there: new Line(oneWayMs), back: new Line(oneWayMs) }
    const options = { allowHalfOpen: true, noDelay: true }
    this.#server = createServer(options, (near) => this.#accept(near))
  }

  /** @throws the system's error when the port is taken */
  static async open(plan: LinkPlan): Promise<Link> {
    const link = new Link(plan)
    link.#server.listen(plan.port, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get isHealed(): boolean {
    return this.#fault === null
  }

  get state(): LinkState {
    return {
      ...this.#plan,
      name: nameOf(this.#plan),
      target: this.#target,
      port: this.port,
      fault: this.#fault,
      connections: this.#connections.size,
      struck: this.#struck + this.#ways.there.struck + this.#ways.back.struck,
      bytes: { ...this.#bytes, underWay: this.#underWay },
    }
  }

  get #underWay(): number {
    let bytes = 0
    for (const each of this.#connections) bytes += each.underWay
    return bytes
  }

  /** New connections go there; those that stand stay where they are. */
  retarget(target: LinkTarget): void {
    this.#target = target
  }

  /** In the place of the fault that was there; null heals. */
  setFault(fault: LinkFault | null): void {
    this.#fault = fault
    const { there, back } = this.#ways
    if (fault !== null) {
      this.#struck = fault.kind === 'cut' ? this.#connections.size : 0
      for (const way of [there, back]) way.forget()
    }
    if (fault?.kind === 'cut') for (const each of this.#connections) each.reset()
    if (fault?.kind === 'half-open') for (const each of this.#connections) each.forsake()
    else for (const each of this.#connections) each.recover()
    there.become(effectOf(fault, 'there'))
    back.become(effectOf(fault, 'back'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const each of this.#connections) each.reset()
    await closed
  }

  #accept(near: Socket): void {
    if (this.#fault?.kind === 'cut') {
      this.#struck += 1
      near.on('error', () => undefined)
      near.resetAndDestroy()
      return
    }
    const connection = new Connection(near, {
      ways: this.#ways,
      target: () => this.#target,
      onDelivered: (way, bytes) => {
        this.#bytes[way] += bytes
      },
      onClosed: () => this.#connections.delete(connection),
      onLost: () => {
        if (this.#fault?.kind === 'half-open') this.#struck += 1
      },
    })
    this.#connections.add(connection)
    if (this.#fault?.kind !== 'half-open') return
    this.#struck += 1
    connection.forsake()
  }
}

function effectOf(fault: LinkFault | null, way: keyof Ways): Parameters<Line['become']>[0] {
  switch (fault?.kind) {
    case 'black-hole':
      return { stalled: true }
    case 'one-way':
      return { stalled: fault.lost === way }
    case 'slow':
      return { bytesPerSecond: fault.bytesPerSecond }
    case 'late':
      return { addedMs: fault.byMs }
    case 'cut':
    case 'half-open':
    case undefined:
      return {}
  }
}
