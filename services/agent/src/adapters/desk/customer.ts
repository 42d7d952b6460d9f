import { readableText } from '@parley/conversation'
import { auditPerson } from '@parley/audit'
import { MessageBody } from '@parley/proto/content'
import { HttpRefusal, type RecordAct, bodyOf } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { masking } from '../../conversation/shown.ts'
import type { MessageDocument } from '../read-models/conversation-documents.ts'
import { secretsIn } from '../read-models/conversation-store.ts'
import { type DeskRoutes, rowsFor } from './routes.ts'
import { rowShape } from './shapes.ts'
import { NOT_SEEN, conversationSeen, isOfUnseen, mayReveal, sightOf, whenAllIsRead } from './sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'

const searched = z.object({ text: z.string().trim().min(2).max(100) })
const card = z.object({
  number: z.string().nullable(),
  username: z.string().nullable(),
  /** That they are written in by now. */
  language: z.string().nullable(),
  earlier: z.array(rowShape),
  /** Since when; null: they are not. */
  optedOutAt: z.string().nullable(),
  blockedAt: z.string().nullable(),
  /** Which privacy notice reached them last, and who it says handles their messages. */
  notice: z.object({ shownAt: z.string(), processors: z.array(z.string()) }).nullable(),
  /** What the robot learnt in this conversation; a sensitive value is null until it is revealed. */
  learnt: z.array(z.object({ name: z.string(), value: z.string().nullable() })),
})
const revealed = z.union([
  z.strictObject({ messageId: z.string().max(100) }),
  z.strictObject({ learnt: z.string().max(100) }),
])

/** What is known of a customer beyond one conversation: who they are by name, number or words, and what came before. */
export function addDeskCustomer(
  app: FastifyInstance,
  {
    conversations,
    desks,
    roster,
    feed,
    opened,
    record,
  }: Pick<DeskRoutes, 'conversations' | 'desks' | 'roster' | 'feed' | 'opened'> & {
    readonly record: RecordAct
  },
): void {
  const access = { permission: 'conversations.read' } as const
  const rows = rowsFor({ conversations, desks, roster })

  // By POST, so that no name and no number stands in an address.
  app.post(
    '/api/search',
    {
      config: { access, isKeyed: false },
      schema: {
        summary:
          "Conversations by the customer's name or number, or by words of those that are or were the person's own; 50 at most, newest activity first.",
        body: searched,
        response: { 200: z.object({ conversations: z.array(rowShape) }) },
      },
    },
    async (request, reply) => {
      const { text } = bodyOf(request, searched)
      const sight = sightOf(request, roster)
      return reply.send({
        conversations: await rows(await conversations.search(sight, text), sight.personId),
      })
    },
  )

  app.get<{ Params: { id: string } }>(
    '/api/conversations/:id/customer',
    {
      config: { access },
      schema: {
        summary: 'Whom a conversation is with: by what they are reached, and what came before.',
        response: { 200: card },
      },
    },
    async (request, reply) => {
      const sight = sightOf(request, roster)
      // Whoever changed something of the customer reads what they changed.
      await feed.readPosition()
      const { _id: id, contact } = await conversationSeen({ conversations, feed, roster }, request)
      const [others, known, learnt, secrets] = await Promise.all([
        conversations.ofContact(sight, contact.id),
        conversations.contact(contact.id),
        conversations.learnt(id),
        secretsIn(conversations, [id]),
        opened(signedInOf(request), id),
      ])
      const masked = masking(secrets.get(id) ?? [])
      const { number, username, language, optedOutAt, blockedAt, notice } = known
      return reply.send({
        optedOutAt,
        blockedAt,
        notice: notice && { ...notice, processors: [...notice.processors] },
        learnt: learnt.map(({ name, value, isSensitive }) => ({
          name,
          value: isSensitive ? null : masked(value),
        })),
        number: number || null,
        username: username || null,
        language: language || null,
        earlier: await rows(
          others.filter(({ _id }) => _id !== id),
          sight.personId,
        ),
      })
    },
  )

  // By POST: it leaves a trace. Each time, for whoever looks once more has looked twice.
  app.post<{ Params: { id: string } }>(
    '/api/conversations/:id/reveal',
    {
      config: { access: { permission: 'conversations.answer' }, isKeyed: false },
      schema: {
        summary:
          'What a sensitive answer says, by its message or by what the robot learnt of it: for the owner and for supervisors, on record.',
        body: revealed,
        response: { 200: z.object({ text: z.string() }) },
      },
    },
    async (request, reply) => {
      await whenAllIsRead(feed)
      const conversation = await conversationSeen({ conversations, feed, roster }, request)
      const what = bodyOf(request, revealed)
      const person = signedInOf(request)
      if (!mayReveal(request, roster, conversation))
        throw new HttpRefusal(
          409,
          'NOT_THE_OWNER',
          'Only whoever has the conversation, or a supervisor, may.',
        )
      const [message] = 'messageId' in what ? await conversations.messagesById([what.messageId]) : []
      const text =
        'learnt' in what
          ? await sensitiveValue(conversations, conversation._id, what.learnt)
          : sensitiveText(conversation._id, message)
      if (text === undefined)
        throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing to reveal.', {
          ...((await isOfUnseen({ conversations, roster }, request, conversation._id, [message])) && {
            onRecordAs: NOT_SEEN,
          }),
        })
      await record({
        type: 'sensitive_revealed',
        person: auditPerson(person),
        subject: { kind: 'conversation', id: conversation._id },
        fields: 'messageId' in what ? { message: what.messageId } : { learnt: what.learnt },
      })
      return reply.send({ text })
    },
  )
}

/** Undefined: there is none, or it is none that is masked. */
async function sensitiveValue(
  conversations: Pick<DeskRoutes['conversations'], 'learnt'>,
  conversationId: string,
  learnt: string,
): Promise<string | undefined> {
  const found = (await conversations.learnt(conversationId)).find(({ name }) => name === learnt)
  return found?.isSensitive === true ? found.value : undefined
}

/** Undefined: as above. */
function sensitiveText(conversationId: string, message: MessageDocument | undefined): string | undefined {
  if (message?.conversationId !== conversationId || !message.isSensitive || message.deletedAt !== null)
    return undefined
  return readableText(MessageBody.fromJSON(message.body))
}
