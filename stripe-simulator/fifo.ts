/**
 * A queue whose first element is cheap to take, however long it is.
 */
const compactAfter = 1_024

export class Fifo<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  take(): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#head]
    this.#head += 1
    if (this.#head > compactAfter && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
