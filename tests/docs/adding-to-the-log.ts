// The code of docs/guides/adding-to-the-log.md, as it stands there.
import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import {
  type DocumentProjection,
  type FamilyTopics,
  type ProjectedDocument,
  type ProjectionPlace,
  type Wanted,
  type ReadEvent,
  appendCommands,
  defineProjection,
  managed,
  runReactor,
} from '@parley/eventlog'
import { causedBy, clocksOf } from '@parley/kernel'
import { type ServiceContext, readerTrouble, startProjection } from '@parley/service'

interface Duration extends ProjectedDocument {
  readonly openedAt: string
  readonly seconds: number | null
}

const TYPES = ['ConversationOpened', 'ConversationClosed'] as const
type Attendance = Wanted<ConversationEvent, (typeof TYPES)[number]>

export const duration: Pick<DocumentProjection<Duration, Attendance>, 'route' | 'fold'> = {
  route: ({ envelope }) => [envelope.correlationId],
  fold(document, { type, envelope }) {
    const at = clocksOf(envelope).occurredAt
    if (type === 'ConversationOpened') return { openedAt: at, seconds: null }
    return document && { ...document, seconds: (Date.parse(at) - Date.parse(document.openedAt)) / 1_000 }
  },
}

const durations = defineProjection({
  name: 'durations',
  family: conversations,
  types: TYPES,
  async open(db, version) {
    const collection = db.collection<Duration>(`durations_v${version}`)
    return { collection, documents: [{ collection, ...duration }] }
  },
})

export const absorb = (event: ReadEvent<Wanted<ConversationEvent, 'ContactMerged'>>) => {
  const { intoContactId, ...carried } = event.data
  return [
    causedBy(event, 'absorb', {
      ...conversations.command('AbsorbContact', { ...carried, fromContactId: event.envelope.streamId }),
      streamId: intoContactId,
      occurredAt: clocksOf(event.envelope).occurredAt,
      actor: { kind: 'system', id: 'gateway' } as const,
    }),
  ]
}

export async function compose(
  context: Pick<ServiceContext, 'log' | 'fault'>,
  place: ProjectionPlace & { readonly topics: FamilyTopics<ConversationCommand, ConversationEvent> },
) {
  const live = await startProjection(durations, place, context)

  const merges = await runReactor({
    ...place,
    name: 'merges',
    types: ['ContactMerged'],
    handle: managed((commands) => appendCommands(place.log, place.topics, commands), absorb),
    ...readerTrouble(context.log, context.fault, 'merges'),
  })
  return { live, merges }
}
