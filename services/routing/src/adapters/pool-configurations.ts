import {
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  Routes,
  defineProjection,
} from '@parley/eventlog'
import { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { Rounds } from '@parley/service'
import { POOL, type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection, Db } from 'mongodb'

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

/** What the pool goes by, as far as it was read by now. Undefined: nothing yet. */
export async function configurationInForce(db: Db): Promise<PoolConfiguration | undefined> {
  const { version } = await new Routes(db).of(poolConfigurations.name)
  return configurationIn(await poolConfigurations.open(db, version))
}

/** @param unless a hash: that configuration is not read once more, and undefined */
async function configurationIn(
  { collection }: ConfigurationModel,
  unless = '',
): Promise<PoolConfiguration | undefined> {
  const found = await collection.findOne({ _id: POOL, 'configuration.hash': { $ne: unless } })
  // Documents of an earlier release lack what was added to the configuration since.
  return found ? PoolConfiguration.fromPartial(found.configuration) : undefined
}

/** Soon enough for words, and nothing for the store. */
const LOOK_EVERY_MS = 2_000

/**
 * Tells of another configuration that is in force. Each process looks for itself: the projection's reader runs in one process alone.
 * @param hash of what is known
 * @param onChanged rejects: it is told again
 */
export function watchConfiguration(
  configurations: { readonly model: ConfigurationModel },
  hash: string,
  onChanged: (next: PoolConfiguration) => Promise<void>,
  onError: (error: unknown) => void,
): Rounds {
  let known = hash
  return new Rounds({
    everyMs: LOOK_EVERY_MS,
    async round() {
      const next = await configurationIn(configurations.model, known)
      if (next === undefined) return
      await onChanged(next)
      known = next.hash
    },
    onError,
  })
}
