import {
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { POOL, type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection } from 'mongodb'

type Configured = Extract<WorkforceEvent, { type: 'PoolConfigured' }>

interface ConfigurationDocument extends ProjectedDocument {
  readonly configuration: PoolConfiguration
}

export interface ConfigurationModel extends ReadModel<Configured> {
  readonly collection: Collection<ConfigurationDocument>
}

/** What is in force in each pool: the hours of queues that flows speak of, and what `config diff` compares a file with. */
export const poolConfigurations = defineProjection({
  name: 'pool_configurations',
  family: workforces,
  types: ['PoolConfigured'],
  async open(db, version): Promise<ConfigurationModel> {
    const collection = db.collection<ConfigurationDocument>(`pool_configurations_v${version}`)
    const documents: DocumentProjection<ConfigurationDocument, Configured> = {
      collection,
      route: ({ envelope }) => [envelope.streamId],
      fold: (document, { data }) =>
        data.configuration === undefined ? document : { configuration: data.configuration },
    }
    return { collection, documents: [documents] }
  },
})

const REMEMBERED_MS = 1_000

/** What the pool works by, at most a second late: each turn asks. */
export function calendarsIn(configurations: { readonly model: ConfigurationModel }) {
  let asked: Promise<PoolConfiguration | undefined> | undefined
  let until = 0
  return (): Promise<PoolConfiguration | undefined> => {
    if (asked === undefined || performance.now() >= until) {
      until = performance.now() + REMEMBERED_MS
      asked = configurations.model.collection.findOne({ _id: POOL }).then((found) => found?.configuration)
      asked.catch(() => (asked = undefined))
    }
    return asked
  }
}
