import { auditPerson } from '@parley/audit'
import { cursorOf } from '@parley/eventlog'
import type { Roster } from '@parley/people'
import { type Changes, type RecordAct, queryOf } from '@parley/service'
import { ALERT_SPANS } from '@parley/workforce'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Alert } from '../../alerts/alert.ts'
import { alertsSeen } from './sight.ts'
import { ALERTS_A_PAGE, type AlertStore } from './store.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import { decided, nothing } from '../desk-changes/desk-changes.ts'
import type { DeskFeed } from '../desk/feed.ts'
import { notThere, sightOf } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { placeBehind } from '../list-cursor.ts'

export interface AlertRoutes {
  readonly alerts: Pick<AlertStore, 'page' | 'byId' | 'acknowledge'>
  readonly conversations: Pick<ConversationStore, 'conversations'>
  readonly changes: Pick<Changes, 'answer'>
  readonly feed: Pick<DeskFeed, 'readPosition'>
  readonly roster: Roster
  readonly record: RecordAct
  readonly now: () => Date
  /** Boards show it. */
  changed(): void
}

const DAY_MS = 24 * 60 * 60 * 1_000

const text = z.string()
const time = z.iso.datetime()
export const alertShape = z.object({
  id: text,
  rule: text,
  reason: text,
  figure: text
    .nullable()
    .describe(
      'a number of the wallboard; with `over`, a figure of docs/reference/metrics.md; null: somebody said words',
    ),
  over: z
    .enum(ALERT_SPANS)
    .nullable()
    .describe('of which time the figure is: the clock hour that runs and the one before it, or the day'),
  limit: z.number().nullable(),
  isBelow: z.boolean(),
  value: z.number().nullable().describe('when it was opened'),
  queue: text.nullable(),
  team: text.nullable(),
  conversationId: text.nullable(),
  since: time,
  openedAt: time,
  endedAt: time.nullable(),
  acknowledgedAt: time.nullable(),
  acknowledgedBy: text.nullable(),
})

const listQuery = z.object({ cursor: z.string().max(200).optional() })

/** Alerts of the scope of whoever asks. */
export function addAlertRoutes(
  app: FastifyInstance,
  { alerts, conversations, changes, feed, roster, record, now, changed }: AlertRoutes,
): void {
  app.get(
    '/api/alerts',
    {
      config: { access: { permission: 'metrics.read' } },
      schema: {
        summary: `Alerts that are open or ended within the last 24 hours, newest first, ${ALERTS_A_PAGE} a page at most.`,
        querystring: listQuery,
        response: { 200: z.object({ alerts: z.array(alertShape), cursor: text.nullable() }) },
      },
    },
    async (request, reply) => {
      const { cursor } = queryOf(request, listQuery)
      const behind = placeBehind(cursor)
      const page = await alerts.page(new Date(now().getTime() - DAY_MS).toISOString(), behind)
      // An alert is read by itself: whose the conversation is by now is known before its document says so.
      await feed.readPosition()
      const last = page.length < ALERTS_A_PAGE ? undefined : page.at(-1)
      return reply.send({
        alerts: await alertsSeen(page, sightOf(request, roster), conversations),
        cursor: last === undefined ? null : cursorOf({ at: last.openedAt, id: last.id }),
      })
    },
  )

  /** @throws {HttpRefusal} 404, for what lies outside one's scope as for what does not exist */
  const alertSeen = async (request: FastifyRequest, id: string): Promise<Alert> => {
    const found = await alerts.byId(id)
    await feed.readPosition()
    const [seen] =
      found === undefined ? [] : await alertsSeen([found], sightOf(request, roster), conversations)
    if (seen === undefined) throw notThere('alert', found !== undefined)
    return seen
  }

  app.post<{ Params: { id: string } }>(
    '/api/alerts/:id/acknowledge',
    {
      config: { access: { permission: 'conversations.supervise' }, isKeyed: true },
      schema: {
        summary: 'Somebody looks after it: it sounds no more. Whoever was first stays.',
        body: nothing,
        response: { 200: decided },
      },
    },
    (request, reply) =>
      changes.answer(request, reply, {
        body: nothing,
        scope: async () => void (await alertSeen(request, request.params.id)),
        async act(_, commandId) {
          const { id, rule } = await alertSeen(request, request.params.id)
          const person = signedInOf(request)
          // On record before it is done: whoever died in between did it, and does it again by the same key.
          await record(
            {
              type: 'alert_acknowledged',
              person: auditPerson(person),
              subject: { kind: 'alert', id },
              fields: { rule },
            },
            commandId,
          )
          const alert = await alerts.acknowledge(id, person.id, now().toISOString())
          changed()
          return { kind: 'decided', answer: { position: await feed.readPosition(), alert } }
        },
      }),
  )
}
