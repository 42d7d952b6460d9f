import { Fifo } from './fifo.ts'

interface Kept<T> {
  readonly record: T
  readonly keys: readonly string[]
}

/** The last `most` records in order, and each customer's own, found without a scan. */
export const recordLog = <T>(most: number) => {
  let all = new Fifo<Kept<T>>()
  const byKey = new Map<string, Fifo<T>>()

  return {
    add: (keys: readonly string[], record: T): void => {
      all.push({ record, keys })
      for (const key of keys) {
        let own = byKey.get(key)
        if (own === undefined) byKey.set(key, (own = new Fifo()))
        own.push(record)
      }
      if (all.length <= most) return
      // The oldest of all is also the oldest of each of its customers.
      for (const key of all.shift()?.keys ?? []) {
        const own = byKey.get(key)
        own?.shift()
        if (own?.length === 0) byKey.delete(key)
      }
    },
    of: (key: string): readonly T[] => byKey.get(key)?.toArray() ?? [],
    all: (): readonly T[] => all.toArray().map(({ record }) => record),
    count: (): number => all.length,
    clear: (): void => {
      all = new Fifo()
      byKey.clear()
    },
  }
}
