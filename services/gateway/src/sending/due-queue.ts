/** A binary heap of what is to happen when; the earliest first. */
export class DueQueue<Item> {
  readonly #entries: { readonly at: number; readonly item: Item }[] = []

  push(at: number, item: Item): void {
    const entries = this.#entries
    let index = entries.push({ at, item }) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (entries[parent]!.at <= at) break
      entries[index] = entries[parent]!
      index = parent
    }
    entries[index] = { at, item }
  }

  nextAt(): number | undefined {
    return this.#entries[0]?.at
  }

  /** The earliest item when it is due, otherwise undefined. */
  takeDue(now: number): { readonly at: number; readonly item: Item } | undefined {
    const entries = this.#entries
    const first = entries[0]
    if (first === undefined || first.at > now) return undefined
    const last = entries.pop()!
    if (entries.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && entries[child + 1]!.at < entries[child]!.at) child++
      if (entries[child]!.at >= last.at) break
      entries[index] = entries[child]!
      index = child
    }
    entries[index] = last
    return first
  }
}
