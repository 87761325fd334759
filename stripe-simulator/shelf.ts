/**
 * Records by id, in the order in which they came: newest-first pages, cheap removal of any of
 * them, and the oldest one at hand. A Map alone would scan its own graves to find the oldest.
 */
const compactAfter = 1_024

export class Shelf<T extends { readonly id: string }> {
  readonly #places = new Map<string, { value: T; place: number }>()
  #order: (string | undefined)[] = []
  #head = 0
  #dead = 0

  get size(): number {
    return this.#places.size
  }

  get(id: string): T | undefined {
    return this.#places.get(id)?.value
  }

  /** A known id keeps its place. */
  put(value: T): void {
    const known = this.#places.get(value.id)
    if (known) {
      known.value = value
      return
    }
    this.#places.set(value.id, { value, place: this.#order.length })
    this.#order.push(value.id)
  }

  delete(id: string): void {
    const known = this.#places.get(id)
    if (!known) return
    this.#places.delete(id)
    this.#order[known.place] = undefined
    this.#dead += 1
    if (this.#dead > compactAfter && this.#dead * 2 > this.#order.length) this.#compact()
  }

  oldest(): T | undefined {
    while (this.#head < this.#order.length) {
      const id = this.#order[this.#head]
      if (id !== undefined) return this.get(id)
      this.#head += 1
    }
    return undefined
  }

  *newestFirst(afterId?: string): Generator<T> {
    const start = afterId === undefined ? this.#order.length : this.#places.get(afterId)?.place
    for (let place = (start ?? 0) - 1; place >= 0; place -= 1) {
      const id = this.#order[place]
      const value = id === undefined ? undefined : this.get(id)
      if (value) yield value
    }
  }

  *oldestFirst(): Generator<T> {
    for (const { value } of this.#places.values()) yield value
  }

  clear(): void {
    this.#places.clear()
    this.#order = []
    this.#head = 0
    this.#dead = 0
  }

  #compact(): void {
    this.#order = this.#order.filter((id) => id !== undefined)
    this.#head = 0
    this.#dead = 0
    for (const [place, id] of this.#order.entries()) {
      const known = id === undefined ? undefined : this.#places.get(id)
      if (known) known.place = place
    }
  }
}
