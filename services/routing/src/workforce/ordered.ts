/** Ids in the order of their keys; of equal keys in the order in which they came. Plain JSON, immutable. */
export interface Ordered {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
}

export const NOTHING_ORDERED: Ordered = { keys: [], ids: [] }

export function inserted({ keys, ids }: Ordered, key: number, id: string): Ordered {
  const at = firstAbove(keys, key)
  return { keys: keys.toSpliced(at, 0, key), ids: ids.toSpliced(at, 0, id) }
}

/** @param key The one it was inserted with. */
export function removed(ordered: Ordered, key: number, id: string): Ordered {
  const { keys, ids } = ordered
  let at = firstAbove(keys, key) - 1
  while (at >= 0 && keys[at] === key && ids[at] !== id) at -= 1
  if (at < 0 || ids[at] !== id) return ordered
  return { keys: keys.toSpliced(at, 1), ids: ids.toSpliced(at, 1) }
}

/** Where the first key stands that is greater; the length when none is. */
export function firstAbove(keys: readonly number[], key: number): number {
  let from = 0
  let to = keys.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (keys[middle]! <= key) from = middle + 1
    else to = middle
  }
  return from
}
