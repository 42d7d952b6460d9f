import type { ConversationCommand, ConversationEvent } from '@parley/conversation'
import { type FamilyTopics, type ProjectionPlace, type ProjectionReader, runReactor } from '@parley/eventlog'
import type { Fetch } from '@parley/outbound'
import type { Roster } from '@parley/people'
import { type ServiceContext, readerResources, readerTrouble } from '@parley/service'
import { RulesInForce } from '../../alerts/rules.ts'
import type { AlertReceiver } from '../../config.ts'
import type { FigureReader } from '../archive/figures-client.ts'
import type { DeskFeed } from '../desk/feed.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import type { PeopleStore } from '../sign-in/people-store.ts'
import type { Wallboards } from '../wallboard/wallboards.ts'
import { Measured } from './measured.ts'
import type { AlertStore } from './store.ts'
import { AlertWatch } from './watch.ts'
import { AlertWebhook } from './webhook.ts'
import { HEARD_FOR_WORDS, hearingWords } from './words.ts'

/** What is said waits so long for the place of its conversation to be known. */
const FOLDED_WITHIN_MS = 15_000

interface Alerting extends ProjectionPlace {
  readonly topics: FamilyTopics<ConversationCommand, ConversationEvent>
  readonly alerts: AlertStore
  readonly receiver: (AlertReceiver & { readonly fetch: Fetch }) | undefined
  readonly feed: DeskFeed
  readonly read: Pick<ProjectionReader, 'whenProcessed'>
  readonly conversations: ConversationStore
  readonly wallboards: Wallboards
  readonly figures: FigureReader
  readonly timeZone: string
  readonly roster: Roster
  readonly people: PeopleStore
  readonly now: () => Date
}

/** What opens and ends alerts, by words and by figures, and what tells of them outside. */
export async function runAlerting(
  { log, fault }: ServiceContext,
  {
    alerts,
    receiver,
    feed,
    read,
    conversations,
    wallboards,
    figures,
    timeZone,
    roster,
    people,
    now,
    ...place
  }: Alerting,
) {
  const rules = new RulesInForce(() => feed.pool.alerts)
  const words = await runReactor({
    ...place,
    types: HEARD_FOR_WORDS,
    name: 'alert-words',
    gatherMs: 200,
    handle: hearingWords({
      store: alerts,
      rules,
      whenConfigured: () => feed.whenBegun(),
      isFolded: (record) => read.whenProcessed(record, FOLDED_WITHIN_MS),
      conversation: async (id) => (await conversations.conversations([id]))[0],
      changed: () => wallboards.alertsChanged(),
      now,
    }),
    ...readerTrouble(log, fault, 'alert-words'),
  })
  const watch = new AlertWatch({
    store: alerts,
    rules,
    wallboards,
    measured: new Measured({
      figures,
      timeZone,
      onError: (err) =>
        log.warn({ code: 'ARCHIVE_UNAVAILABLE', err }, 'figures of the archive are watched later'),
    }),
    roster,
    watcher: () => people.whoSeesAll(),
    now,
    onError: (err) =>
      log.error({ code: 'ALERTS_NOT_WATCHED', err }, 'figures are looked at later, and alerts come late'),
  })
  const telling =
    receiver &&
    new AlertWebhook({
      store: alerts,
      ...receiver,
      now,
      onRefused: ({ id }, err) =>
        log.warn({ code: 'ALERT_NOT_TAKEN', alertId: id, err }, 'an alert is told again later'),
      onGivenUp: ({ id }, kind) =>
        log.error({ code: 'ALERT_NOT_TOLD', alertId: id, kind }, 'nobody outside was told'),
    })
  return {
    words,
    resources: [
      ...readerResources({ 'alert-words': words }),
      watch.resource,
      ...(telling === undefined ? [] : [telling.resource]),
    ],
  }
}
