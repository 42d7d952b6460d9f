import { type Chunk, Table, partsOf, stateOf } from '@parley/kernel'

/** A state as it would be read back from a snapshot. */
export function throughJson<State>(state: State): State {
  const { rest, tables } = partsOf(state)
  const chunks = [...tables].map(([name, table]) => [name, table.chunks] as const)
  const kept = JSON.parse(JSON.stringify({ rest, chunks })) as { rest: unknown; chunks: [string, Chunk[]][] }
  const readBack = kept.chunks.map(([name, all]) => [name, Table.ofChunks(all.entries())] as const)
  return stateOf({ rest: kept.rest, tables: new Map(readBack) }) as State
}
