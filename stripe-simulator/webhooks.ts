/**
 * Brings events to the webhook endpoints: signed, several at once per endpoint, again with back-off
 * until a 2xx comes or the attempts are used up. As with Stripe, order is not promised and an event
 * may come twice; faults make both certain. Deliveries live in memory only: a restart forgets
 * them, which to the receiver is one more lost webhook.
 */
import { eventMatcher } from './event-matcher.ts'
import { type FaultBook, webhookFaults } from './fault-book.ts'
import { Fifo } from './fifo.ts'
import { newId } from './identifiers.ts'
import { limits } from './limits.ts'
import { WebhookPoster } from './post-webhook.ts'
import type { EventRecord } from './records.ts'
import { type RenderOptions, renderEvent } from './render.ts'
import { signatureHeader } from './webhook-signature.ts'

export interface WebhookEndpointWish {
  readonly url: string
  readonly secret: string
  /** Types of events, with stars; `['*']` is all of them. */
  readonly events: readonly string[]
}

export interface WebhookEndpoint extends WebhookEndpointWish {
  readonly id: string
}

export interface WebhookCounts {
  /** Waiting, held, or on the way. */
  pending: number
  delivered: number
  failedAttempts: number
  /** No 2xx within the allowed attempts. */
  exhausted: number
  /** Given up because too many were pending. */
  overflowed: number
}

interface Delivery {
  readonly event: EventRecord
  readonly tampered: boolean
  /** Deliveries that were held back and follow when this one is through. */
  followers: Delivery[]
  attempts: number
  /** The reset before which it was made; what is older than the last one no longer counts. */
  readonly epoch: number
}

interface Line {
  readonly endpoint: WebhookEndpoint
  readonly accepts: (type: string) => boolean
  readonly queue: Fifo<Delivery>
  held: Delivery[]
  active: number
}

export interface WebhooksDeps {
  readonly faults: FaultBook
  readonly render: RenderOptions
}

export class Webhooks {
  readonly #deps: WebhooksDeps
  readonly #lines = new Map<string, Line>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #poster = new WebhookPoster()
  #counts = emptyCounts()
  #epoch = 0
  #closed = false

  constructor(deps: WebhooksDeps) {
    this.#deps = deps
  }

  get isFull(): boolean {
    return this.#lines.size >= limits.webhookEndpoints
  }

  add(wish: WebhookEndpointWish): WebhookEndpoint {
    const endpoint = { id: newId('we_'), ...wish }
    this.#lines.set(endpoint.id, {
      endpoint,
      accepts: eventMatcher(wish.events),
      queue: new Fifo(),
      held: [],
      active: 0,
    })
    return endpoint
  }

  list(): WebhookEndpoint[] {
    return [...this.#lines.values()].map((line) => line.endpoint)
  }

  /** What still waits for it is forgotten. */
  remove(id: string): boolean {
    const line = this.#lines.get(id)
    if (line === undefined) return false
    this.#lines.delete(id)
    this.#counts.pending -= line.queue.length + line.held.length
    this.#empty(line)
    return true
  }

  counts(): WebhookCounts {
    return { ...this.#counts }
  }

  publish(events: readonly EventRecord[]): void {
    if (this.#lines.size === 0) return
    for (const event of events) {
      for (const line of this.#lines.values()) {
        if (line.accepts(event.type)) this.#dispatch(line, event)
      }
    }
  }

  /** Forgets what waits and starts counting anew; endpoints stay. */
  reset(): void {
    this.#clearTimers()
    for (const line of this.#lines.values()) this.#empty(line)
    this.#epoch += 1
    this.#counts = emptyCounts()
  }

  close(): void {
    this.#closed = true
    this.#clearTimers()
    this.#poster.close()
  }

  #dispatch(line: Line, event: EventRecord): void {
    const fault = this.#deps.faults.draw(webhookFaults, '', event.type)
    const tampered = fault?.kind === 'webhook_tampered'
    const epoch = this.#epoch
    const delivery: Delivery = { event, tampered, followers: [], attempts: 0, epoch }
    switch (fault?.kind) {
      case 'webhook_lost':
        return
      case 'webhook_delayed':
        if (this.#admit()) {
          const delayMs = fault.delayMs ?? limits.webhookDelayMs
          this.#later(delayMs, () => this.#enqueue(line, delivery))
        }
        return
      case 'webhook_reordered':
        if (this.#admit()) this.#hold(line, delivery, fault.delayMs ?? limits.webhookReorderHoldMs)
        return
      case 'webhook_doubled':
        if (this.#admit()) this.#enqueue(line, { ...delivery, followers: [] })
        break
      default:
        break
    }
    if (!this.#admit()) return
    delivery.followers = line.held.splice(0)
    this.#enqueue(line, delivery)
  }

  #admit(): boolean {
    if (this.#counts.pending >= limits.webhookQueue) {
      this.#counts.overflowed += 1
      return false
    }
    this.#counts.pending += 1
    return true
  }

  #hold(line: Line, delivery: Delivery, holdMs: number): void {
    line.held.push(delivery)
    this.#later(holdMs, () => {
      const place = line.held.indexOf(delivery)
      if (place < 0) return
      line.held.splice(place, 1)
      this.#enqueue(line, delivery)
    })
  }

  #empty(line: Line): void {
    line.held = []
    while (line.queue.take() !== undefined);
  }

  #enqueue(line: Line, delivery: Delivery): void {
    if (!this.#lines.has(line.endpoint.id)) {
      this.#counts.pending -= 1
      return
    }
    line.queue.push(delivery)
    this.#pump(line)
  }

  #pump(line: Line): void {
    while (!this.#closed && line.active < limits.webhookConcurrency) {
      const delivery = line.queue.take()
      if (delivery === undefined) return
      line.active += 1
      void this.#attempt(line, delivery)
    }
  }

  async #attempt(line: Line, delivery: Delivery): Promise<void> {
    const payload = JSON.stringify(renderEvent(delivery.event, this.#deps.render))
    const secret = delivery.tampered ? `${line.endpoint.secret}_tampered` : line.endpoint.secret
    const signature = signatureHeader({
      secret,
      payload,
      atSeconds: Math.floor(Date.now() / 1_000),
    })
    delivery.attempts += 1
    const status = await this.#poster.post({ url: line.endpoint.url, payload, signature })
    line.active -= 1
    if (this.#closed) return
    this.#settle(line, delivery, status >= 200 && status < 300)
    this.#pump(line)
  }

  #settle(line: Line, delivery: Delivery, accepted: boolean): void {
    if (delivery.epoch !== this.#epoch) return
    for (const follower of delivery.followers.splice(0)) this.#enqueue(line, follower)
    if (accepted) {
      this.#counts.delivered += 1
      this.#counts.pending -= 1
      return
    }
    this.#counts.failedAttempts += 1
    if (delivery.attempts >= limits.webhookAttempts || !this.#lines.has(line.endpoint.id)) {
      this.#counts.exhausted += 1
      this.#counts.pending -= 1
      return
    }
    const backoffMs = limits.webhookRetryFirstMs * 2 ** (delivery.attempts - 1)
    this.#later(Math.min(backoffMs, limits.webhookRetryLastMs), () => {
      this.#enqueue(line, delivery)
    })
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}

function emptyCounts(): WebhookCounts {
  return { pending: 0, delivered: 0, failedAttempts: 0, exhausted: 0, overflowed: 0 }
}
