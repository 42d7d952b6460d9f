interface Entry {
  readonly at: number
  readonly nth: number
  readonly act: () => void | Promise<void>
}

/** What is to happen, by the time at which it does: the earliest first, of two at one time the one that was said first. A heap. */
export class Agenda {
  readonly #entries: Entry[] = []
  #count = 0

  add(at: number, act: () => void | Promise<void>): void {
    const entries = this.#entries
    entries.push({ at, nth: this.#count++, act })
    for (let place = entries.length - 1; place > 0;) {
      const above = (place - 1) >> 1
      if (!isBefore(entries[place]!, entries[above]!)) break
      ;[entries[place], entries[above]] = [entries[above]!, entries[place]!]
      place = above
    }
  }

  next(): { readonly at: number; readonly act: () => void | Promise<void> } | undefined {
    const entries = this.#entries
    const [first] = entries
    const last = entries.pop()
    if (first === undefined || last === undefined || entries.length === 0) return first
    entries[0] = last
    for (let place = 0; ;) {
      const left = 2 * place + 1
      if (left >= entries.length) return first
      const right = left + 1
      const below = right < entries.length && isBefore(entries[right]!, entries[left]!) ? right : left
      if (!isBefore(entries[below]!, entries[place]!)) return first
      ;[entries[place], entries[below]] = [entries[below]!, entries[place]!]
      place = below
    }
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.nth < other.nth)
}
