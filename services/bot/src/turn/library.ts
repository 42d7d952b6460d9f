import { LRUCache } from 'lru-cache'
import { rereadFlow } from '../flow/checking.ts'
import type { Flow } from '../flow/flow.ts'

/** Every version of every flow that was ever loaded, by digest: the file exactly as it was. */
export interface FlowArchive {
  keep(flows: readonly ArchivedFlow[]): Promise<void>
  find(digest: string): Promise<ArchivedFlow | undefined>
}

export interface ArchivedFlow {
  readonly digest: string
  readonly flow: string
  readonly version: number
  readonly source: string
}

export interface FlowLibrary {
  /** The flow that new conversations begin with. */
  readonly entry: Flow
  /** A flow as it is now, by its name. */
  byName(name: string): Flow | undefined
  /** The version that a running conversation began with; undefined when it was never loaded here. */
  byDigest(digest: string): Promise<Flow | undefined>
}

export function flowLibrary(entry: Flow, loaded: readonly Flow[], archive: FlowArchive): FlowLibrary {
  const current = new Map(loaded.map((flow) => [flow.digest, flow]))
  const older = new LRUCache<string, Flow>({ max: 100 })
  return {
    entry,
    byName: (name) => loaded.find(({ id }) => id === name),
    async byDigest(digest) {
      const known = current.get(digest) ?? older.get(digest)
      if (known) return known
      const archived = await archive.find(digest)
      const flow = archived && rereadFlow(archived.source)
      if (flow) older.set(digest, flow)
      return flow
    },
  }
}
