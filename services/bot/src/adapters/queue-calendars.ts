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

interface CalendarsDocument extends ProjectedDocument {
  readonly configuration: PoolConfiguration
}

export interface CalendarsModel extends ReadModel<Configured> {
  readonly collection: Collection<CalendarsDocument>
}

/** What is in force in each pool, for the hours of queues that flows speak of. */
export const queueCalendars = defineProjection({
  name: 'queue_calendars',
  family: workforces,
  types: ['PoolConfigured'],
  async open(db, version): Promise<CalendarsModel> {
    const collection = db.collection<CalendarsDocument>(`queue_calendars_v${version}`)
    const documents: DocumentProjection<CalendarsDocument, Configured> = {
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
export function calendarsIn(calendars: { readonly model: CalendarsModel }) {
  let asked: Promise<PoolConfiguration | undefined> | undefined
  let until = 0
  return (): Promise<PoolConfiguration | undefined> => {
    if (asked === undefined || performance.now() >= until) {
      until = performance.now() + REMEMBERED_MS
      asked = calendars.model.collection.findOne({ _id: POOL }).then((found) => found?.configuration)
      asked.catch(() => (asked = undefined))
    }
    return asked
  }
}
