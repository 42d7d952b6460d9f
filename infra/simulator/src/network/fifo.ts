/** First-in-first-out list whose head moves, so that dropping the oldest costs nothing. */
export class Fifo<T> {
  #items: T[] = []
  #head = 0
  push(item: T): void {
    this.#items.push(item)
  }
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#head += 1
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
  get length(): number {
    return this.#items.length - this.#head
  }
  /** From the `index`th of what is there on. */
  toArray(index = 0): T[] {
    return this.#items.slice(this.#head + index)
  }
}
