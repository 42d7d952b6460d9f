import { Fifo } from './fifo.ts'

interface Kept<T> {
  readonly record: T
  readonly keys: readonly string[]
}

/** The last `most` records in order, and each customer's own, found without a scan. */
export const recordLog = <T>(most: number) => {
  let all = new Fifo<Kept<T>>()
  const byKey = new Map<string, Fifo<T>>()
  let dropped = 0

  return {
    add: (keys: readonly string[], record: T): void => {
      all.push({ record, keys })
      for (const key of keys) {
        let own = byKey.get(key)
        if (own === undefined) byKey.set(key, (own = new Fifo()))
        own.push(record)
      }
      if (all.length <= most) return
      dropped += 1
      // The oldest of all is also the oldest of each of its customers.
      for (const key of all.shift()?.keys ?? []) {
        const own = byKey.get(key)
        own?.shift()
        if (own?.length === 0) byKey.delete(key)
      }
    },
    of: (key: string): readonly T[] => byKey.get(key)?.toArray() ?? [],
    all: (): readonly T[] => all.toArray().map(({ record }) => record),
    /** All but the first `index` that ever came, and how many ever came: with that somebody goes on. */
    from: (index: number): { readonly records: readonly T[]; readonly next: number } => ({
      records: all.toArray(Math.max(0, index - dropped)).map(({ record }) => record),
      next: dropped + all.length,
    }),
    count: (): number => all.length,
    clear: (): void => {
      all = new Fifo()
      byKey.clear()
      dropped = 0
    },
  }
}
