/**
 * Ids in the order of their keys; of equal keys in the order in which they came. Plain JSON, immutable: a change copies the one block that
 * it is in and the list of blocks, whether ten wait in a line or ten thousand.
 */
export interface Ordered {
  /** None is empty. */
  readonly blocks: readonly Block[]
}

interface Block {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
}

/** Ten thousand are some hundred blocks then: as much is copied of the list as of the block. */
export const BLOCK_MAX = 128

export const NOTHING_ORDERED: Ordered = { blocks: [] }
const NO_BLOCK: Block = { keys: [], ids: [] }

export function inserted({ blocks }: Ordered, key: number, id: string): Ordered {
  const before = blocks.findIndex(({ keys }) => keys.at(-1)! > key)
  const at = before < 0 ? Math.max(blocks.length - 1, 0) : before
  const { keys, ids } = blocks[at] ?? NO_BLOCK
  const place = firstAbove(keys, key)
  const block = { keys: keys.toSpliced(place, 0, key), ids: ids.toSpliced(place, 0, id) }
  // Most come last: what is full stays full then.
  const parts =
    block.ids.length <= BLOCK_MAX ? [block] : cut(block, place === BLOCK_MAX ? place : BLOCK_MAX / 2)
  return { blocks: blocks.toSpliced(at, 1, ...parts) }
}

/** @param key The one it was inserted with. */
export function removed(ordered: Ordered, key: number, id: string): Ordered {
  const { blocks } = ordered
  const first = blocks.findIndex(({ keys }) => keys.at(-1)! >= key)
  for (let at = first < 0 ? blocks.length : first; at < blocks.length; at += 1) {
    const { keys, ids } = blocks[at]!
    if (keys[0]! > key) break
    const place = ids.findIndex((one, index) => one === id && keys[index] === key)
    if (place < 0) continue
    const block = { keys: keys.toSpliced(place, 1), ids: ids.toSpliced(place, 1) }
    return { blocks: blocks.toSpliced(at, 1, ...(block.ids.length === 0 ? [] : [block])) }
  }
  return ordered
}

export function* idsOf({ blocks }: Ordered): Generator<string> {
  for (const { ids } of blocks) yield* ids
}

export function* entriesOf({ blocks }: Ordered): Generator<readonly [key: number, id: string]> {
  for (const { keys, ids } of blocks) for (const [index, key] of keys.entries()) yield [key, ids[index]!]
}

/** How many have this key or a lower one. */
export function countUpTo({ blocks }: Ordered, key: number): number {
  let count = 0
  for (const { keys } of blocks) {
    if (keys.at(-1)! > key) return count + firstAbove(keys, key)
    count += keys.length
  }
  return count
}

function cut({ keys, ids }: Block, at: number): readonly Block[] {
  return [
    { keys: keys.slice(0, at), ids: ids.slice(0, at) },
    { keys: keys.slice(at), ids: ids.slice(at) },
  ]
}

/** Where the first key stands that is greater; the length when none is. */
function firstAbove(keys: readonly number[], key: number): number {
  let from = 0
  let to = keys.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (keys[middle]! <= key) from = middle + 1
    else to = middle
  }
  return from
}
