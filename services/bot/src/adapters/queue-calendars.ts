import {
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import { type Calendars, POOL, type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection } from 'mongodb'

type Configured = Extract<WorkforceEvent, { type: 'PoolConfigured' }>

interface CalendarsDocument extends ProjectedDocument {
  readonly configuration: Calendars
}

export interface CalendarsModel extends ReadModel<Configured> {
  readonly collection: Collection<CalendarsDocument>
}

/** The hours of each pool's queues that are in force, which flows speak of. No agents, alerts or texts. */
export const queueCalendars = defineProjection({
  name: 'queue_calendars',
  family: workforces,
  types: ['PoolConfigured'],
  async open(db, version): Promise<CalendarsModel> {
    const collection = db.collection<CalendarsDocument>(`queue_calendars_v${version}`)
    const documents: DocumentProjection<CalendarsDocument, Configured> = {
      collection,
      route: ({ envelope }) => [envelope.streamId],
      fold: (document, { data: { configuration } }) =>
        configuration === undefined ? document : { configuration: calendarsOf(configuration) },
    }
    return { collection, documents: [documents] }
  },
})

const calendarsOf = ({ queues, zones }: Calendars): Calendars => ({
  queues: queues.map(({ name, zone, hours, holidays }) => ({ name, zone, hours, holidays })),
  zones,
})

const REMEMBERED_MS = 1_000
/** A turn waits no longer for hours: the customer waits for the turn. */
const WAIT_MS_MAX = 2_000

/** The hours in force, at most a second late: each turn that may say them asks. While the store does not answer, as it last said them. */
export function calendarsIn(calendars: { readonly model: CalendarsModel }) {
  let known: Calendars | undefined
  let asked: Promise<Calendars | undefined> | undefined
  let until = 0
  const ask = async () => {
    try {
      const found = await calendars.model.collection.findOne({ _id: POOL }, { timeoutMS: WAIT_MS_MAX })
      known = found?.configuration
    } catch (error) {
      if (known === undefined) throw error
    }
    return known
  }
  return (): Promise<Calendars | undefined> => {
    if (asked === undefined || performance.now() >= until) {
      until = performance.now() + REMEMBERED_MS
      asked = ask()
    }
    return asked
  }
}
