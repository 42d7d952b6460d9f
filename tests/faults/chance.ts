import { createHash } from 'node:crypto'

/** Chance that a seed repeats: the nth number depends on nothing but the seed and n. */
export class Chance {
  readonly seed: number
  #drawn = 0

  constructor(seed: number) {
    this.seed = seed
  }

  /** In [0, 1). */
  #draw(): number {
    const digest = createHash('sha256').update(`${this.seed}/${this.#drawn}`).digest()
    this.#drawn += 1
    return digest.readUInt32BE(0) / 2 ** 32
  }

  /** A whole number of milliseconds, `min` ≤ it < `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#draw() * (max - min))
  }

  /** In so many of one. */
  happens(share: number): boolean {
    return this.#draw() < share
  }

  one<Item>(items: readonly Item[]): Item {
    const item = items[this.between(0, items.length)]
    if (item === undefined) throw new Error('There is nothing to choose from.')
    return item
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, at: this.#draw() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item)
  }
}
