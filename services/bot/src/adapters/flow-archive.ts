import { insertNew } from '@parley/eventlog'
import type { Db } from 'mongodb'
import type { ArchivedFlow, FlowArchive } from '../turn/library.ts'

interface FlowDocument {
  _id: string
  flow: string
  version: number
  source: string
  firstLoadedAt: Date
}

/** The collection `flows`: one document per digest, written once and never changed. */
export function mongoFlowArchive(db: Db): FlowArchive {
  const flows = db.collection<FlowDocument>('flows')
  return {
    async keep(loaded: readonly ArchivedFlow[]) {
      await insertNew(
        flows,
        loaded.map(({ digest, ...flow }) => ({ _id: digest, ...flow, firstLoadedAt: new Date() })),
      )
    },
    async find(digest) {
      const found = await flows.findOne({ _id: digest })
      return found
        ? { digest: found._id, flow: found.flow, version: found.version, source: found.source }
        : undefined
    },
  }
}
