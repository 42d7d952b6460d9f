import { STAGES } from '@parley/conversation'
import { PRESENCES } from '@parley/workforce'
import { z } from 'zod'
import type { Message, Row } from '../../conversation/shown.ts'

const time = z.iso.datetime()
const text = z.string()
const author = z.enum(['customer', 'bot', 'agent', 'system'])
const isFromApp = z
  .literal(true)
  .exactOptional()
  .describe('somebody of the company wrote it in the WhatsApp Business app; the channel does not tell who')

export const rowStage = z.enum(STAGES)

export const rowShape = z.object({
  id: text,
  contact: z.object({ id: text, name: text, language: text.nullable() }),
  stage: rowStage,
  queue: text.nullable(),
  owner: z.object({ kind: z.enum(['bot', 'queue', 'agent']), id: text.nullable(), name: text }).nullable(),
  lastMessage: z.object({ author, isFromApp, text, at: time }).nullable(),
  unreadCount: z.int(),
  waitingSince: time.nullable(),
  replyWindowEndsAt: time.nullable(),
  openedAt: time,
  closedAt: time.nullable(),
  closeReason: text.nullable(),
  isOnHold: z.boolean(),
  isTakenOver: z.boolean(),
  movedBy: z.object({ id: text, name: text }).nullable(),
  snoozedUntil: time.nullable(),
  continues: text.nullable(),
  why: text.nullable(),
  hasDraft: z.boolean(),
  mood: text.nullable().describe('as the customer said, where the flow asked'),
  version: z.int(),
}) satisfies z.ZodType<Row>

const choice = z.object({ id: text, title: text, description: text.exactOptional() })

export const messageShape: z.ZodType<Message> = z.object({
  id: text,
  place: z.int().describe('the higher, the later it stands in its conversation'),
  author: z.object({ kind: author, id: text.nullable(), name: text.nullable() }),
  isFromApp,
  type: text,
  text: text.nullable(),
  status: z.enum(['queued', 'uncertain', 'sent', 'delivered', 'read', 'failed']).nullable(),
  occurredAt: time,
  recordedAt: time,
  isNote: z.boolean(),
  isSensitive: z.boolean(),
  isWhisper: z.boolean(),
  mentions: z.array(text),
  replyTo: text.nullable(),
  failure: z.object({ code: text, message: text }).nullable(),
  reactions: z.array(z.object({ emoji: text, by: author })),
  edits: z.array(z.object({ text, at: time })),
  deletedAt: time.nullable(),
  media: z
    .object({
      type: text,
      fileName: text.nullable(),
      caption: text.nullable(),
      mimeType: z.string().nullable(),
      bytes: z.int().nullable(),
      problem: z.string().nullable(),
    })
    .exactOptional(),
  choices: z.array(choice).exactOptional(),
  chosenId: text.exactOptional(),
  location: z
    .object({ latitude: z.number(), longitude: z.number(), name: text.nullable(), address: text.nullable() })
    .exactOptional(),
  contacts: z.array(z.object({ name: text, phones: z.array(text) })).exactOptional(),
  version: z.int(),
})

export const workforceShape = z.object({
  agents: z.array(
    z.object({
      id: text,
      name: text,
      team: text.nullable(),
      vendor: text.nullable(),
      status: z.enum(PRESENCES),
      since: time.nullable(),
      reason: text.nullable().describe('what they said why they are so'),
      reasonCode: text.nullable().describe('why the rules made them so, such as missed_offers'),
      load: z.int(),
      capacity: z.int(),
      skills: z.array(z.object({ name: text, level: z.int() })),
      queues: z.array(text),
      languages: z.array(text),
    }),
  ),
  queues: z.array(
    z.object({
      name: text,
      waitingCount: z.int(),
      longestWaitSeconds: z.int(),
      offeredCount: z.int(),
      withAgentCount: z.int(),
      isOpen: z.boolean(),
    }),
  ),
  closeReasons: z.record(text, z.array(text)),
  position: text,
})
