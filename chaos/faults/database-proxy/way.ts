/**
 * One direction of a connection. Its source is read only while its sink takes what is written and
 * nobody holds it, so that a slow reader is felt at the far end, as it is without a proxy.
 */
import type { Socket } from 'node:net'

export class Way {
  readonly #source: Socket
  readonly #sink: Socket
  #holds = 0
  #isFull = false

  constructor(source: Socket, sink: Socket) {
    this.#source = source
    this.#sink = sink
    sink.on('drain', () => this.#becomeFull(false))
    // Nobody will take it any more: what still comes is read and forgotten.
    sink.on('close', () => this.#becomeFull(false))
  }

  get isHeld(): boolean {
    return this.#holds > 0
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0 || !this.#sink.writable) return
    if (!this.#sink.write(bytes)) this.#becomeFull(true)
  }

  /** Nothing more passes. @returns how to let go; a second time it does nothing */
  hold(onRelease: () => void): () => void {
    let isOver = false
    this.#holds += 1
    this.#readOrNot()
    return () => {
      if (isOver) return
      isOver = true
      this.#holds -= 1
      onRelease()
      this.#readOrNot()
    }
  }

  #becomeFull(isFull: boolean): void {
    this.#isFull = isFull
    this.#readOrNot()
  }

  #readOrNot(): void {
    if (this.#isFull || this.isHeld) this.#source.pause()
    else this.#source.resume()
  }
}
