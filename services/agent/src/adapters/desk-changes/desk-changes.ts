import { type Permission, type Roster } from '@parley/people'
import { type Changes, type Outcome, bodyOf } from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { UNKNOWN_CONTACT } from '../../conversation/contact.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import type { DeskFeed } from '../desk/feed.ts'
import { conversationSeen, noConversation, notThere, sightOf, upToDate } from '../desk/sight.ts'
import type { DeskSigns } from '../desk/signs.ts'
import type { DeskStore } from '../desk/store.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import type { PoolStore } from '../read-models/pool-store.ts'
import type { UploadStore } from '../media/upload-store.ts'
import type { Channel } from './channel.ts'
import { refusalWords } from './refusal-words.ts'
import { type Ruling, Wish, type Wishes } from './wishes.ts'

export interface DeskChanges {
  readonly changes: Pick<Changes, 'answer'>
  readonly wishes: Pick<Wishes, 'say' | 'known'>
  readonly conversations: Pick<
    ConversationStore,
    'conversations' | 'messagesById' | 'messages' | 'ofContact' | 'contact' | 'presentContactId'
  >
  readonly desks: Pick<DeskStore, 'setDraft' | 'setRead'>
  readonly feed: Pick<DeskFeed, 'position' | 'readPosition' | 'pool'>
  readonly offers: Pick<PoolStore, 'offeredTo'>
  readonly roster: Roster
  readonly channel: Channel
  readonly signs: Pick<DeskSigns, 'typed' | 'read'>
  readonly uploads: Pick<UploadStore, 'find'>
}

export const decided = z.looseObject({ position: z.string() })
export const decidedMessage = z.looseObject({ position: z.string(), messageId: z.string() })
export const nothing = z.object({})

/** What is decided, or refused, as the answer to a change. */
export function outcomeOf(
  { refusal, position }: Ruling,
  more: Readonly<Record<string, unknown>> = {},
): Outcome {
  return refusal === null
    ? { kind: 'decided', answer: { position, ...more } }
    : refused(refusal.code, refusal.fields)
}

export function refused(code: string, fields: Readonly<Record<string, string>> = {}): Outcome {
  return { kind: 'refused', code, message: refusalWords(code), fields }
}

interface Described {
  readonly permission: Permission
  readonly summary: string
  readonly answer?: z.ZodType
}

interface Params {
  readonly offerId?: string
  readonly contactId?: string
}

/** A change that names no conversation. */
export function addChange<Body extends z.ZodType>(
  app: FastifyInstance,
  { changes, wishes }: Pick<DeskChanges, 'changes' | 'wishes'>,
  method: 'POST' | 'PUT',
  url: string,
  {
    permission,
    summary,
    body,
    answer = decided,
    scope,
    act,
  }: Described & {
    readonly body: Body
    /** @throws {HttpRefusal} 404 */
    scope(request: FastifyRequest, params: Params): Promise<void>
    act(body: z.output<Body>, wish: Wish, params: Params): Promise<Outcome>
  },
): void {
  app.route<{ Params: Params }>({
    method,
    url,
    config: { access: { permission }, isKeyed: true },
    schema: { summary, body, response: { 200: answer } },
    handler: (request, reply) =>
      changes.answer(request, reply, {
        body,
        scope: () => scope(request, request.params),
        act: (sent, commandId, signal, isAgain) =>
          act(sent, new Wish(wishes, signedInOf(request).id, commandId, { signal, isAgain }), request.params),
      }),
  })
}

/**
 * A change that concerns the customer whom the path names, of whom the person sees a conversation. It is said of the contact that they are
 * known by now: the one that they were before keeps a number that may be a stranger's today, and rules on nothing any more.
 */
export function addContactChange<Body extends z.ZodType>(
  app: FastifyInstance,
  desk: DeskChanges,
  method: 'POST' | 'PUT',
  name: string,
  {
    act,
    ...change
  }: Described & {
    readonly body: Body
    act(body: z.output<Body>, wish: Wish, contactId: string): Promise<Outcome>
  },
): void {
  const { conversations, roster } = desk
  addChange(app, desk, method, `/api/contacts/:contactId/${name}`, {
    ...change,
    async scope(request, { contactId = '' }) {
      const sight = sightOf(request, roster, change.permission)
      const isSeen = async () =>
        (await conversations.ofContact(sight, contactId)).length > 0 ? true : undefined
      if ((await isSeen()) ?? (await upToDate(desk.feed, isSeen))) return
      throw notThere('contact', (await conversations.contact(contactId)) !== UNKNOWN_CONTACT)
    },
    act: async (body, wish, { contactId = '' }) =>
      act(body, wish, await conversations.presentContactId(contactId)),
  })
}

/** Of a person, on a route whose path names a conversation. */
export type ConversationRequest = FastifyRequest<{ Params: { id: string } }>

export interface ConversationChange<Body extends z.ZodType> extends Described {
  readonly body: Body
  act(
    body: z.output<Body>,
    wish: Wish,
    conversation: ConversationDocument,
    request: ConversationRequest,
  ): Promise<Outcome>
}

/** `POST /api/conversations/:id/<name>`: of a conversation that the person sees. */
export function addConversationChange<Body extends z.ZodType>(
  app: FastifyInstance,
  desk: DeskChanges,
  name: string,
  { permission, summary, body, answer = decided, act }: ConversationChange<Body>,
): void {
  const { changes, wishes } = desk
  app.post<{ Params: { id: string } }>(
    `/api/conversations/:id/${name}`,
    {
      config: { access: { permission }, isKeyed: true },
      schema: { summary, body, response: { 200: answer } },
    },
    (request, reply) => {
      let conversation: ConversationDocument | undefined
      return changes.answer(request, reply, {
        body,
        async scope() {
          conversation = await conversationSeen(desk, request)
        },
        async act(sent, commandId, signal, isAgain) {
          conversation ??= await known(desk, request.params.id)
          const wish = new Wish(wishes, signedInOf(request).id, commandId, { signal, isAgain })
          return act(sent, wish, conversation, request)
        },
      })
    },
  )
}

/** What desks keep and nobody decides: said twice it does no more than said once, and it answers 204. */
export function addConversationNote<Body extends z.ZodType>(
  app: FastifyInstance,
  desk: DeskChanges,
  method: 'POST' | 'PUT',
  name: string,
  {
    summary,
    body,
    act,
  }: {
    readonly summary: string
    readonly body: Body
    act(
      body: z.output<Body>,
      personId: string,
      conversation: ConversationDocument,
      request: ConversationRequest,
    ): Promise<void>
  },
): void {
  const permission = 'conversations.answer'
  app.route<{ Params: { id: string } }>({
    method,
    url: `/api/conversations/:id/${name}`,
    config: { access: { permission }, isKeyed: false },
    schema: { summary, body, response: { 204: z.null() } },
    async handler(request, reply) {
      const conversation = await conversationSeen(desk, request)
      await request.stillSignedIn()
      await act(bodyOf(request, body), signedInOf(request).id, conversation, request)
      return reply.code(204).send()
    },
  })
}

async function known({ conversations }: DeskChanges, id: string): Promise<ConversationDocument> {
  const [conversation] = await conversations.conversations([id])
  if (conversation === undefined) throw noConversation()
  return conversation
}
