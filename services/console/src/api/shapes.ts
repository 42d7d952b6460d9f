import * as z from 'zod/mini'
import { Names } from '../state/names.ts'

/** What the API says: docs/reference/access.md, and `GET /api/openapi.json` in full. Fields that it does not promise are optional here, and the desk does without. */

const language = z.nullable(z.string())

export const STAGES = [
  'with_robot',
  'waiting',
  'offered',
  'with_agent',
  'parked',
  'ending',
  'closed',
] as const

const author = z.enum(['customer', 'bot', 'agent', 'system'])
/** Somebody of the company wrote it in its app; the channel does not tell who. */
const isFromApp = z.optional(z.boolean())

/** By whose name it is shown where they have none of their own. */
export const authorShown = (
  kind: z.infer<typeof author>,
  isFromApp?: boolean,
): z.infer<typeof author> | 'company' => (isFromApp === true ? 'company' : kind)

export const Row = z.object({
  id: z.string(),
  contact: z.object({ id: z.string(), name: z.string(), language }),
  stage: z.enum(STAGES),
  queue: z.nullable(z.string()),
  owner: z.nullable(
    z.object({ kind: z.enum(['bot', 'queue', 'agent']), id: z.nullable(z.string()), name: z.string() }),
  ),
  /** Absent in the last word that somebody gets of a conversation they lose. */
  lastMessage: z.optional(
    z.nullable(
      z.object({
        author,
        isFromApp,
        text: z.nullable(z.string()),
        at: z.string(),
      }),
    ),
  ),
  unreadCount: z.number(),
  waitingSince: z.nullable(z.string()),
  replyWindowEndsAt: z.nullable(z.string()),
  openedAt: z.string(),
  closedAt: z.nullable(z.string()),
  closeReason: z.nullable(z.string()),
  /** The conversation's stream version: what is older than what one has is ignored. */
  version: z.number(),
  isOnHold: z.optional(z.boolean()),
  /** From whoever had it: whose it is may give it back. */
  isTakenOver: z.optional(z.boolean()),
  movedBy: z.optional(z.nullable(z.object({ id: z.string(), name: z.string() }))),
  snoozedUntil: z.optional(z.nullable(z.string())),
  continues: z.optional(z.nullable(z.string())),
  hasDraft: z.optional(z.boolean()),
  /** As the customer answered, where the flow asked. */
  mood: z.optional(z.nullable(z.string())),
  /** Why people have it, by the rules' word for it. */
  why: z.optional(z.nullable(z.string())),
})
export type Row = z.infer<typeof Row>

const choice = z.object({ id: z.string(), title: z.string(), description: z.optional(z.string()) })

export const Message = z.object({
  id: z.string(),
  author: z.object({
    kind: author,
    id: z.nullable(z.string()),
    name: z.nullable(z.string()),
  }),
  isFromApp,
  type: z.string(),
  text: z.nullable(z.string()),
  status: z.nullable(z.enum(['queued', 'sent', 'delivered', 'read', 'failed', 'uncertain'])),
  occurredAt: z.string(),
  recordedAt: z.string(),
  isNote: z.boolean(),
  isWhisper: z.optional(z.boolean()),
  /** Its text is dots until it is revealed. */
  isSensitive: z.optional(z.boolean()),
  mentions: z.optional(z.array(z.string())),
  /** The higher, the later it stands in its conversation. */
  place: z.optional(z.number()),
  version: z.number(),
  media: z.optional(
    z.nullable(
      z.object({
        type: z.optional(z.string()),
        fileName: z.optional(z.nullable(z.string())),
        /** Absent where `text` is it. */
        caption: z.optional(z.nullable(z.string())),
        /** Null while the file is being fetched. */
        mimeType: z.optional(z.nullable(z.string())),
        bytes: z.optional(z.nullable(z.number())),
        /** Why there is no file to show. */
        problem: z.optional(z.nullable(z.string())),
      }),
    ),
  ),
  failure: z.optional(z.nullable(z.object({ code: z.string(), message: z.string() }))),
  replyTo: z.optional(z.nullable(z.string())),
  reactions: z.optional(z.array(z.object({ emoji: z.string(), by: z.string() }))),
  location: z.optional(
    z.nullable(
      z.object({
        latitude: z.number(),
        longitude: z.number(),
        name: z.optional(z.nullable(z.string())),
        address: z.optional(z.nullable(z.string())),
      }),
    ),
  ),
  contacts: z.optional(z.array(z.object({ name: z.string(), phones: z.array(z.string()) }))),
  choices: z.optional(z.array(choice)),
  /** Which choice of the message that it answers the customer took. */
  chosenId: z.optional(z.nullable(z.string())),
  edits: z.optional(z.array(z.object({ text: z.string(), at: z.string() }))),
  deletedAt: z.optional(z.nullable(z.string())),
})
export type Message = z.infer<typeof Message>

export const VIEWS = ['mine', 'waiting', 'all', 'closed'] as const
export type View = (typeof VIEWS)[number]

export const RowPage = z.object({
  conversations: z.array(Row),
  cursor: z.nullable(z.string()),
  position: z.string(),
})
export type RowPage = z.infer<typeof RowPage>
/** `count`: of all pages. */
export const CountedPage = z.extend(RowPage, { count: z.number() })

/** `counted`: how often the figure that was asked for counts it; 0: none was. */
const FoundRow = z.extend(Row, { counted: z.optional(z.number()) })
export type FoundRow = z.infer<typeof FoundRow>
export const FoundPage = z.extend(RowPage, {
  conversations: z.array(FoundRow),
  countedInAll: z.optional(z.number()),
  /** What a figure counted last may be missing. */
  isBehind: z.optional(z.boolean()),
})

export const ThreadPage = z.object({
  conversation: Row,
  messages: z.array(Message),
  before: z.nullable(z.string()),
  position: z.string(),
  draft: z.optional(z.nullable(z.string())),
})
export type ThreadPage = z.infer<typeof ThreadPage>

export const Customer = z.object({
  number: z.nullable(z.string()),
  username: z.nullable(z.string()),
  /** That they are written in by now; a row has the one of its time. */
  language: z.optional(language),
  /** Newest first. */
  earlier: z.array(Row),
  /** Since when; null: they are not. */
  optedOutAt: z.optional(z.nullable(z.string())),
  blockedAt: z.optional(z.nullable(z.string())),
  /** The privacy notice that reached them last, and who it says handles their messages. */
  notice: z.optional(z.nullable(z.object({ shownAt: z.string(), processors: z.array(z.string()) }))),
  /** What the robot learnt. Null: sensitive, and not revealed. */
  learnt: z.optional(z.array(z.object({ name: z.string(), value: z.nullable(z.string()) }))),
})
export type Customer = z.infer<typeof Customer>

/** What a rule has drawn; the cursor goes further back. */
export const Drawn = z.object({ conversations: z.array(Row), cursor: z.nullable(z.string()) })

export const Found = z.object({ conversations: z.array(Row) })

export const PRESENCE = ['available', 'finishing', 'busy', 'away', 'offline'] as const
export type Presence = (typeof PRESENCE)[number]

export const Template = z.object({
  name: z.string(),
  language: z.string(),
  /** With `{{1}}`, `{{2}}` … where parameters go. */
  text: z.string(),
})
export type Template = z.infer<typeof Template>

export const Templates = z.object({ templates: z.array(Template) })

export const QuickReply = z.object({
  name: z.string(),
  language: z.string(),
  /** With `{name}` for what is filled in. */
  text: z.string(),
})
export type QuickReply = z.infer<typeof QuickReply>

export const Me = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  team: z.nullable(z.string()),
  vendor: z.nullable(z.string()),
  permissions: z.array(z.string()),
  closeReasons: z.optional(z.record(z.string(), z.array(z.string()))),
  /** Null: no agent of the pool. */
  status: z.optional(z.nullable(z.enum(PRESENCE))),
  /** Why the rules made them so; null: they wished it. */
  reasonCode: z.optional(z.nullable(z.string())),
  colleagues: z.optional(
    z.array(z.object({ id: z.string(), name: z.string(), status: z.optional(z.enum(PRESENCE)) })),
  ),
  quickReplies: z.optional(z.array(QuickReply)),
  names: z.optional(Names),
  /** The name of each, by its id. */
  teams: z.optional(z.record(z.string(), z.string())),
  /** What a conversation may be given back to the robot for; steps in the order of the flow. */
  flows: z.optional(z.array(z.object({ name: z.string(), steps: z.array(z.string()) }))),
  /** The company's: its days are those of figures. */
  timeZone: z.optional(z.string()),
  awayReasons: z.optional(z.array(z.string())),
  /** Where the desk's stream begins. */
  position: z.optional(z.string()),
})
export type Me = z.infer<typeof Me>

export const Offer = z.object({
  offerId: z.string(),
  conversationId: z.string(),
  queue: z.string(),
  expiresAt: z.string(),
  waitingSince: z.string(),
  contact: z.object({ id: z.string(), name: z.string(), language }),
  /** Why people have it, by the rules' word for it. */
  why: z.optional(z.nullable(z.string())),
})
export type Offer = z.infer<typeof Offer>

export const OUTCOMES = ['accepted', 'declined', 'timed_out', 'withdrawn'] as const

/** Events of the stream, by name. */
export const EVENTS = {
  ready: z.object({ position: z.string() }),
  offer: Offer,
  offer_ended: z.object({
    offerId: z.string(),
    outcome: z.enum(OUTCOMES),
    /** Of a transfer: to whom it was offered, and which conversation. */
    agentId: z.optional(z.string()),
    conversationId: z.optional(z.string()),
  }),
  conversation: Row,
  message: z.object({ conversationId: z.string(), message: Message }),
  presence: z.object({
    agentId: z.string(),
    status: z.enum(PRESENCE),
    reasonCode: z.optional(z.string()),
  }),
  whisper: z.object({ conversationId: z.string(), from: z.string(), text: z.string(), at: z.string() }),
  typing: z.object({ conversationId: z.string(), agentId: z.string(), name: z.string() }),
  read: z.object({ conversationId: z.string(), unreadCount: z.number(), version: z.number() }),
  /** Another one is in force. */
  configuration: z.object({}),
  refetch: z.object({ reason: z.string() }),
} as const
export type EventName = keyof typeof EVENTS
export type DeskEvent = {
  [Name in EventName]: { readonly name: Name; readonly data: z.infer<(typeof EVENTS)[Name]> }
}[EventName]

export const Accepted = z.object({
  position: z.optional(z.string()),
  messageId: z.optional(z.string()),
  /** There is no decision yet: the same key asks again. */
  commandId: z.optional(z.string()),
  uploadId: z.optional(z.string()),
  /** Of the upload, as WhatsApp names it. */
  type: z.optional(z.string()),
  conversationId: z.optional(z.string()),
  evaluationId: z.optional(z.string()),
  score: z.optional(z.nullable(z.number())),
})
export const Revealed = z.object({ text: z.string() })
export type Accepted = z.infer<typeof Accepted>

export const TranscriptLink = z.object({ url: z.string() })

export const Reassigned = z.object({ moved: z.array(z.string()) })

export const Refusal = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.optional(z.unknown()),
})
