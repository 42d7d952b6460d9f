import { contentOf, conversations, sendableType } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import type { Outcome } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ConversationDocument, MessageDocument } from '../read-models/conversation-documents.ts'
import { NOT_SEEN, isOfUnseen, upToDate } from '../desk/sight.ts'
import type { Upload } from '../media/upload-store.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { saysSomething } from './says-something.ts'
import { filled, templateUse } from './templates.ts'
import {
  type ConversationRequest,
  type DeskChanges,
  addConversationChange,
  decidedMessage,
  outcomeOf,
  refused,
} from './desk-changes.ts'

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages */
const TEXT_CHARACTERS_MAX = 4_096

export const messageText = saysSomething(z.string().max(TEXT_CHARACTERS_MAX))

export const textBody = (text: string): MessageBody =>
  MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })

const body = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: messageText,
    replyTo: z.string().max(100).optional(),
  }),
  z.object({ type: z.literal('template'), ...templateUse }),
  z.object({
    type: z.literal('media'),
    uploadId: z.string().min(1).max(100),
    caption: z.string().max(1_024).optional(),
    replyTo: z.string().max(100).optional(),
  }),
])

/** What the owner says to the customer. */
export function addMessages(app: FastifyInstance, desk: DeskChanges): void {
  addConversationChange(app, desk, 'messages', {
    permission: 'conversations.answer',
    summary: 'Says something to the customer: a text, an approved template, a file that was uploaded.',
    body,
    answer: decidedMessage,
    async act(sent, wish, conversation, request) {
      const replyTo = 'replyTo' in sent ? sent.replyTo : undefined
      const providerMessageId =
        replyTo === undefined ? '' : await providerIdOf(desk, request, conversation, replyTo)
      if (providerMessageId === undefined) return refused('REPLY_TO_UNKNOWN', { replyTo: replyTo ?? '' })
      const message = await saidBy(desk, sent, request, conversation)
      if ('kind' in message) return message
      const ruling = await wish.toConversation(
        conversation,
        conversations.command('SendAgentMessage', {
          conversationId: conversation._id,
          agentId: wish.personId,
          type: sendableType(message),
          replyToProviderMessageId: providerMessageId,
        }),
        { content: contentOf({ messages: [message] }) },
      )
      return outcomeOf(ruling, { messageId: ruling.messageId })
    },
  })
}

/** What goes to the customer, or why it cannot. */
async function saidBy(
  desk: DeskChanges,
  sent: z.output<typeof body>,
  request: ConversationRequest,
  conversation: ConversationDocument,
): Promise<MessageBody | Outcome> {
  switch (sent.type) {
    case 'text':
      return textBody(sent.text)
    case 'template':
      return filled(desk, conversation.contact.id, sent)
    case 'media': {
      const { uploadId, caption = '' } = sent
      const upload = await desk.uploads.find(signedInOf(request).id, uploadId)
      if (upload === 'of another') request.leaveTrace(NOT_SEEN)
      return typeof upload === 'object' ? fileBody(upload, caption) : refused('UPLOAD_UNKNOWN', { uploadId })
    }
  }
}

/** Sound and stickers have no caption at WhatsApp: what was typed would vanish. */
const WITHOUT_CAPTION: ReadonlySet<string> = new Set(['audio', 'sticker'])

export function fileBody({ type, file, filename }: Upload, caption: string): MessageBody | Outcome {
  if (caption !== '' && WITHOUT_CAPTION.has(type)) return refused('CAPTION_NOT_TAKEN', { type })
  const { mimeType } = file
  return MessageBody.fromPartial({
    body: { $case: 'media', value: { type, mimeType, caption, filename, stored: file } },
  })
}

/** The channel's own id of a message of this conversation; undefined for none, or one that the channel does not know yet. */
async function providerIdOf(
  desk: DeskChanges,
  request: ConversationRequest,
  { _id: conversationId }: ConversationDocument,
  messageId: string,
): Promise<string | undefined> {
  // One of another conversation is none of this one, however long anybody waits.
  const look = async (): Promise<MessageDocument | undefined> => {
    const [message] = await desk.conversations.messagesById([messageId])
    return message?.conversationId === conversationId && message.providerMessageId === ''
      ? undefined
      : message
  }
  const message = (await look()) ?? (await upToDate(desk.feed, look))
  if (message?.conversationId === conversationId) return message.providerMessageId
  if (await isOfUnseen(desk, request, conversationId, [message])) request.leaveTrace(NOT_SEEN)
  return undefined
}
