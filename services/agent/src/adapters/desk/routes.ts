import { cursorOf } from '@parley/eventlog'
import type { Roster } from '@parley/people'
import { type EventStreams, queryOf, sentAs } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Row, masking, messageOf, rowOf } from '../../conversation/shown.ts'
import type { ConversationDocument, MessageDocument } from '../read-models/conversation-documents.ts'
import { type ConversationStore, type Secrets, VIEWS, secretsIn } from '../read-models/conversation-store.ts'
import type { DeskFeed } from './feed.ts'
import type { DeskSessions } from './sessions.ts'
import { messageShape, rowShape, rowStage, workforceShape } from './shapes.ts'
import {
  NOT_SEEN,
  conversationSeen,
  mayBegin,
  namesOf,
  sightOf,
  teamOf,
  vendorOf,
  viewerOf,
} from './sight.ts'
import type { DeskSigns } from './signs.ts'
import type { DeskStore } from './store.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { placeBehind } from '../list-cursor.ts'
import type { RecordOpened } from './openings.ts'

export interface DeskRoutes {
  readonly conversations: ConversationStore
  readonly desks: Pick<DeskStore, 'draft' | 'drafted' | 'readUpTo'>
  readonly feed: Pick<
    DeskFeed,
    | 'given'
    | 'goesOnFrom'
    | 'open'
    | 'watcher'
    | 'readPosition'
    | 'beginning'
    | 'position'
    | 'pool'
    | 'newest'
  >
  readonly sessions: Pick<DeskSessions, 'open'>
  readonly signs: Pick<DeskSigns, 'open'>
  readonly roster: Roster
  readonly opened: RecordOpened
}

const listQuery = z.object({
  view: z.enum(VIEWS),
  queue: z.string().max(80).optional(),
  team: z.string().max(80).optional().describe('what it has or had last, and what waits in its queues'),
  vendor: z
    .string()
    .max(120)
    .optional()
    .describe('what its teams have or had last, and what waits in their queues'),
  flow: z.string().max(80).optional().describe('the last one of the robot'),
  stage: rowStage.optional(),
  sends: z
    .enum(['failed', 'uncertain'])
    .optional()
    .describe('where something of ours did not reach the customer, or nobody knows'),
  cursor: z.string().max(500).optional(),
  counted: z.literal('true').optional().describe('`count` is wanted'),
})
const listed = z.object({
  conversations: z.array(rowShape),
  cursor: z.string().nullable(),
  count: z.int().min(0).nullable().describe('of all pages; null: it was not asked for'),
  position: z.string(),
})

const threadQuery = z.object({
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
})
const thread = z.object({
  conversation: rowShape,
  messages: z.array(messageShape),
  before: z.string().nullable(),
  draft: z.string().nullable(),
  position: z.string(),
})

const WATCHED_MAX = 50
const watchedIn = (watch: string): ReadonlySet<string> => new Set(watch.split(',').filter((id) => id !== ''))
const streamQuery = z.object({
  watch: z
    .string()
    .max(4_000)
    // Whoever named more would be told nothing of the last ones, and not know it.
    .refine((watch) => watchedIn(watch).size <= WATCHED_MAX, { error: `${WATCHED_MAX} at most` })
    .default('')
    .describe(`ids of conversations, with commas, ${WATCHED_MAX} at most`),
})

/** What the desk reads: lists, one conversation, who is there, and the stream that keeps it true. */
export function addDeskRoutes(app: FastifyInstance, streams: EventStreams, desk: DeskRoutes): void {
  const { conversations, desks, feed, sessions, signs, roster, opened } = desk
  const read = { access: { permission: 'conversations.read' } } as const
  const name = namesOf(roster)

  /** @param secrets what must not be repeated of sensitive answers */
  const shownMessages = async (
    conversation: ConversationDocument,
    messages: readonly MessageDocument[],
    secrets: readonly string[],
  ) => {
    const replies = messages.flatMap(({ replyToProviderMessageId: id }) => (id === '' ? [] : [id]))
    const replyTo = await conversations.byProviderId([conversation._id], replies)
    return messages.map((message) =>
      messageOf(message, {
        name,
        contactName: conversation.contact.name,
        secrets,
        replyTo: replyTo.get(message.replyToProviderMessageId) ?? null,
      }),
    )
  }

  const rows = rowsFor(desk)

  app.get(
    '/api/conversations',
    {
      config: read,
      schema: {
        summary:
          'Conversations of a view, 50 a page: newest activity first, what waits longest first. What moves to the top while one pages is on no later page: a stream from the first answer’s `position` on tells of it.',
        querystring: listQuery,
        response: { 200: listed },
      },
    },
    async (request, reply) => {
      const { team, vendor, cursor, counted, ...asked } = queryOf(request, listQuery)
      const viewer = viewerOf(sightOf(request, roster))
      const after = placeBehind(cursor)
      const position = await feed.readPosition()
      const query = {
        ...asked,
        team: team === undefined ? undefined : teamOf(roster, team),
        vendor: vendor === undefined ? undefined : vendorOf(roster, vendor),
      }
      const [page, count] = await Promise.all([
        conversations.list(viewer, { ...query, after }),
        counted === undefined ? null : conversations.count(viewer, query),
      ])
      return reply.send({
        conversations: await rows(page.conversations, viewer.personId),
        cursor: page.next && cursorOf(page.next),
        count,
        position,
      })
    },
  )

  app.get<{ Params: { id: string } }>(
    '/api/conversations/:id',
    {
      config: read,
      schema: {
        summary: 'One conversation with what was said in it, oldest first, 50 a page from the end.',
        querystring: threadQuery,
        response: { 200: thread },
      },
    },
    async (request, reply) => {
      const position = await feed.readPosition()
      const conversation = await conversationSeen(desk, request)
      const { before } = queryOf(request, threadQuery)
      const id = conversation._id
      const hidden = secretsIn(conversations, [id])
      const [page, [row], draft, secrets] = await Promise.all([
        conversations.messages(id, before === undefined ? undefined : Number(before)),
        rows([conversation], signedInOf(request).id, hidden),
        desks.draft(id, signedInOf(request).id),
        hidden,
        opened(signedInOf(request), id),
      ])
      return reply.send({
        conversation: row,
        messages: await shownMessages(conversation, feed.newest(page.messages), secrets.get(id) ?? []),
        before: page.before === null ? null : String(page.before),
        draft,
        position,
      })
    },
  )

  app.get(
    '/api/workforce',
    {
      config: { access: { permission: 'conversations.supervise' } },
      schema: {
        summary: 'Who is there, what they have, and what waits in which queue: of the scope of the person.',
        response: { 200: workforceShape },
      },
    },
    (request, reply) => {
      const sight = sightOf(request, roster, 'conversations.supervise')
      const position = feed.position()
      const { agents, queues } = feed.pool.now()
      const seenQueues = queues.filter((queue) => sight.servesQueue(queue.name))
      return reply.send({
        agents: agents
          .filter(({ id }) => sight.seesAgent(id))
          .map((agent) => ({
            ...agent,
            name: name(agent.id) ?? agent.id,
            team: roster.people.get(agent.id)?.team ?? null,
            vendor: roster.people.get(agent.id)?.vendor ?? null,
          })),
        queues: seenQueues.map(
          ({ name: queue, waitingCount, longestWaitingSince, offeredCount, withAgentCount, isOpen }) => ({
            name: queue,
            waitingCount,
            longestWaitSeconds: secondsSince(longestWaitingSince),
            offeredCount,
            withAgentCount,
            isOpen,
          }),
        ),
        closeReasons: Object.fromEntries(seenQueues.map((queue) => [queue.name, queue.closeReasons])),
        position,
      })
    },
  )

  app.get(
    '/api/stream',
    {
      config: { ...read, stream: true },
      schema: {
        summary:
          'Server-sent events: ready, offer, offer_ended, conversation, message, presence, typing, read, refetch; Last-Event-ID resumes.',
        querystring: streamQuery,
        response: { 200: sentAs('text/event-stream') },
      },
    },
    async (request, reply) => {
      const { watch } = queryOf(request, streamQuery)
      const watched = watchedIn(watch)
      const sight = sightOf(request, roster)
      const onRecord = new Set<string>()
      /** By version of the stream. */
      const notSeenAt = new Map<string, number>()
      const header = request.headers['last-event-id']
      const lastEventId = await feed.given(typeof header === 'string' ? header : undefined)
      await mayBegin(feed, lastEventId)
      // What came into sight a moment ago is known to desks before the store has it: the stream would end for it again and again.
      if (watched.size > 0) await feed.readPosition()
      for (const conversation of await conversations.conversations([...watched])) {
        const { _id: id, seenVersion } = conversation
        if (sight.sees(conversation)) {
          await opened(signedInOf(request), id)
          onRecord.add(id)
        } else notSeenAt.set(id, seenVersion)
      }
      // Whoever comes back names what went to somebody else meanwhile, and tries no ids.
      if (notSeenAt.size > 0 && lastEventId === undefined) request.leaveTrace(NOT_SEEN)
      return streams.open(request, reply, (stream) => {
        // What came into sight since is told to whoever comes back, from where they were: by then it is on record. What went out of it before is not.
        const mayHear = ({ _id: id, seenVersion }: ConversationDocument): boolean => {
          if (onRecord.has(id)) return true
          if (seenVersion > (notSeenAt.get(id) ?? 0)) stream.end()
          return false
        }
        const close = feed.open(stream, lastEventId, feed.watcher(sight, { ids: watched, mayHear }))
        const leave = sessions.open(sight.personId)
        const deafen = signs.open({ stream, sight, watched })
        return () => {
          close()
          leave()
          deafen()
        }
      })
    },
  )
}

/** Conversations as rows for a person, with what is looked up for all of them at once. */
export function rowsFor({
  conversations,
  desks,
  roster,
}: Pick<DeskRoutes, 'conversations' | 'desks' | 'roster'>) {
  const name = namesOf(roster)
  return async (
    found: readonly ConversationDocument[],
    personId: string,
    hidden?: Promise<Secrets>,
  ): Promise<readonly Row[]> => {
    const ids = found.map(({ _id }) => _id)
    const [readUpTo, drafted, secrets, moods] = await Promise.all([
      desks.readUpTo(ids),
      desks.drafted(ids, personId),
      hidden ?? secretsIn(conversations, ids),
      conversations.moods(ids),
    ])
    return found.map((conversation) => {
      const { _id: id } = conversation
      const around = { name, secrets: secrets.get(id) ?? [], readUpTo: readUpTo.get(id) }
      const mood = moods.get(id)
      return {
        ...rowOf(conversation, around),
        hasDraft: drafted.has(id),
        mood: mood === undefined ? null : masking(around.secrets)(mood),
      }
    })
  }
}

const secondsSince = (time: string | null): number =>
  time === null ? 0 : Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1_000))
