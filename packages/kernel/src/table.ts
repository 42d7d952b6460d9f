/** How many parts a table has. Part of the form of a snapshot, as `chunkOf` is: change either together with where snapshots are kept. */
export const TABLE_CHUNKS = 512

/** Some entries of a table, in the order in which their keys came. Immutable: one that did not change is the very same object. */
export interface Chunk<Value = unknown> {
  readonly keys: readonly string[]
  readonly values: readonly Value[]
}

const EMPTY_CHUNK: Chunk<never> = { keys: [], values: [] }
const NO_CHUNKS: readonly Chunk<never>[] = Array.from({ length: TABLE_CHUNKS }, () => EMPTY_CHUNK)

/**
 * Thousands of entries of a state, by string keys. Immutable: a change copies the one chunk that holds the key and the list of chunks,
 * not the entries, and a snapshot writes the chunks that changed. Tables stand at the top level of a state and nowhere else; what they
 * hold is plain JSON. The order of entries means nothing, but the same history gives the same order.
 *
 * Why not the library `immutable`: docs/adr/0014-the-decider-host-positions-policies-tables-versions.md
 */
export class Table<Value> {
  readonly chunks: readonly Chunk<Value>[]
  readonly size: number

  private constructor(chunks: readonly Chunk<Value>[], size: number) {
    this.chunks = chunks
    this.size = size
  }

  static empty<Value>(): Table<Value> {
    return new Table<Value>(NO_CHUNKS, 0)
  }

  static of<Value>(entries: Iterable<readonly [string, Value]>): Table<Value> {
    let table = Table.empty<Value>()
    for (const [key, value] of entries) table = table.set(key, value)
    return table
  }

  /** Of chunks that were kept: those that are left out are empty. */
  static ofChunks<Value>(chunks: Iterable<readonly [number, Chunk<Value>]>): Table<Value> {
    const all: Chunk<Value>[] = NO_CHUNKS.slice()
    let size = 0
    for (const [at, chunk] of chunks) {
      all[at] = chunk
      size += chunk.keys.length
    }
    return new Table(all, size)
  }

  get(key: string): Value | undefined {
    const { keys, values } = this.chunks[chunkOf(key)]!
    return values[keys.indexOf(key)]
  }

  has(key: string): boolean {
    return this.chunks[chunkOf(key)]!.keys.includes(key)
  }

  set(key: string, value: Value): Table<Value> {
    const at = chunkOf(key)
    const { keys, values } = this.chunks[at]!
    const index = keys.indexOf(key)
    if (index >= 0 && values[index] === value) return this
    return index < 0
      ? this.#with(at, { keys: [...keys, key], values: [...values, value] }, 1)
      : this.#with(at, { keys, values: values.with(index, value) }, 0)
  }

  delete(key: string): Table<Value> {
    const at = chunkOf(key)
    const { keys, values } = this.chunks[at]!
    const index = keys.indexOf(key)
    if (index < 0) return this
    return this.#with(at, { keys: keys.toSpliced(index, 1), values: values.toSpliced(index, 1) }, -1)
  }

  *entries(): Generator<readonly [string, Value]> {
    for (const { keys, values } of this.chunks)
      for (const [index, key] of keys.entries()) yield [key, values[index]!]
  }

  /** A table within a table, or in a field of a field, would be written whole with each snapshot: it is refused there. */
  toJSON(): never {
    throw new TypeError('A Table stands at the top level of a state, and is kept apart from the rest of it.')
  }

  #with(at: number, chunk: Chunk<Value>, more: number): Table<Value> {
    const chunks = this.chunks.slice()
    chunks[at] = chunk.keys.length === 0 ? EMPTY_CHUNK : chunk
    return new Table(chunks, this.size + more)
  }
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), folded so that all of its bits count. */
function chunkOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) & (TABLE_CHUNKS - 1)
}

/** A state as it is kept: its Tables by the names of their fields, and all the rest. */
export interface StateParts {
  readonly rest: unknown
  readonly tables: ReadonlyMap<string, Table<unknown>>
}

const NO_TABLES: ReadonlyMap<string, Table<unknown>> = new Map()

export function partsOf(state: unknown): StateParts {
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    return { rest: state, tables: NO_TABLES }
  const fields = Object.entries(state)
  const tables = fields.filter((field): field is [string, Table<unknown>] => field[1] instanceof Table)
  if (tables.length === 0) return { rest: state, tables: NO_TABLES }
  return {
    rest: Object.fromEntries(fields.filter(([, value]) => !(value instanceof Table))),
    tables: new Map(tables),
  }
}

export function stateOf({ rest, tables }: StateParts): unknown {
  return tables.size === 0 ? rest : { ...(rest as object), ...Object.fromEntries(tables) }
}
