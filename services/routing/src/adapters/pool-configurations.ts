import {
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection } from 'mongodb'

type Configured = Extract<WorkforceEvent, { type: 'PoolConfigured' }>

interface ConfigurationDocument extends ProjectedDocument {
  readonly configuration: PoolConfiguration
}

export interface ConfigurationModel extends ReadModel<Configured> {
  readonly collection: Collection<ConfigurationDocument>
}

/** What is in force in each pool, for whoever compares a file with it. */
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
