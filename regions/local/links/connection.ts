/** One connection over a link: a lane in each direction, and how it begins and ends. */
import { connect, type Socket } from 'node:net'
import { Lane } from './lane.ts'
import type { Line } from './line.ts'
import type { LinkTarget } from './link-plan.ts'

export type Ways = { readonly there: Line; readonly back: Line }

export type ConnectionPlan = {
  readonly ways: Ways
  /** Asked when the connection arrives at the far side. */
  readonly target: () => LinkTarget
  readonly onDelivered: (way: keyof Ways, bytes: number) => void
  readonly onClosed: () => void
  /** Something was said to a far side that is gone. */
  readonly onLost: () => void
}

export class Connection {
  readonly #near: Socket
  readonly #plan: ConnectionPlan
  readonly #there: Lane
  readonly #back: Lane
  #far: Socket | null = null
  /** The far side is gone, and the near one has not been told. */
  #isForsaken = false
  /** The near side has said something since. */
  #isUnanswered = false
  #canRecover = false

  constructor(near: Socket, plan: ConnectionPlan) {
    const { ways, onDelivered } = plan
    this.#near = near
    this.#plan = plan
    const lane = (way: keyof Ways) =>
      new Lane({ line: ways[way], onDelivered: (bytes) => onDelivered(way, bytes) })
    this.#there = lane('there')
    this.#back = lane('back')
    this.#there.from(near)
    this.#back.into(near)
    this.#listenToNear()
    this.#there.act(() => this.#open())
    // The near side is connected at once; over a real line the handshake takes a round trip, and
    // only then its first bytes leave.
    const roundTripMs = ways.there.delayMs + ways.back.delayMs
    this.#there.leavesNotBefore(performance.now() + roundTripMs)
  }

  /** Bytes that have been taken and have not arrived. */
  get underWay(): number {
    return this.#there.queuedBytes + this.#back.queuedBytes
  }

  /** Both sides hear of it at once. */
  reset(): void {
    this.#there.close()
    this.#back.close()
    resetNow(this.#near)
    resetNow(this.#far)
  }

  /** The far side is gone without a word to the near one. */
  forsake(): void {
    this.#isForsaken = true
    this.#canRecover = false
    // What was under way in either direction is lost.
    if (this.underWay > 0) this.#plan.onLost()
    this.#there.close()
    this.#back.close()
    resetNow(this.#far)
    this.#near.resume()
  }

  /** The line is well again: a forsaken near side learns of it as soon as it speaks. */
  recover(): void {
    this.#canRecover = true
    if (this.#isForsaken && this.#isUnanswered) this.reset()
  }

  #listenToNear(): void {
    const near = this.#near
    near.on('error', () => undefined)
    near.on('data', (chunk: Buffer) => {
      if (this.#isForsaken) this.#sayNothing()
      else this.#there.send(chunk)
    })
    near.on('end', () => {
      if (this.#isForsaken) this.#sayNothing()
      else this.#there.act(() => this.#far?.end())
    })
    near.on('close', (hadError) => {
      this.#back.close()
      this.#plan.onClosed()
      if (this.#far === null) this.#there.close()
      else if (hadError || !near.readableEnded) this.#there.act(() => resetNow(this.#far))
    })
  }

  #sayNothing(): void {
    this.#plan.onLost()
    this.#isUnanswered = true
    if (this.#canRecover) this.reset()
  }

  #open(): void {
    const { host, port } = this.#plan.target()
    const far = connect({ host, port, allowHalfOpen: true, noDelay: true })
    this.#far = far
    this.#back.from(far)
    this.#there.into(far)
    far.on('error', () => undefined)
    far.on('data', (chunk: Buffer) => this.#back.send(chunk))
    far.on('end', () => this.#back.act(() => this.#near.end()))
    far.on('close', (hadError) => {
      this.#there.close()
      // An orderly end went before, on the same lane.
      if (hadError || !far.readableEnded) this.#back.act(() => resetNow(this.#near))
    })
  }
}

function resetNow(socket: Socket | null): void {
  // A reset while an orderly end is being written would never tell that the socket is closed.
  if (socket?.writableEnded === true) socket.destroy()
  else socket?.resetAndDestroy()
}
