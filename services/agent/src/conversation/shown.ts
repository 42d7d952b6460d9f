import {
  type StageName,
  asPhrase,
  clampMarks,
  maskCards,
  maskValues,
  readableText,
  valueOf,
  valuesIn,
} from '@parley/conversation'
import { type MediaBody, MessageBody } from '@parley/proto/content'
import { type Conversation, PREVIEW_CHARACTERS } from './conversation.ts'
import { type AuthorKind as StoredKind, type DeskMessage, MASK, type StoredBody } from './message.ts'
import { type Piece, pieceOf } from './piece.ts'

/** Who writes in the company's app is an agent whom nobody knows: what tools rely on has no other word for it. */
export type AuthorKind = Exclude<StoredKind, 'company'>

export const kindOf = (kind: StoredKind): AuthorKind => (kind === 'company' ? 'agent' : kind)
export const fromApp = (kind: StoredKind): { readonly isFromApp?: true } =>
  kind === 'company' ? { isFromApp: true } : {}

export type Name = (personId: string) => string | null

/** A conversation in a list, as the desk gets it. */
export interface Row {
  readonly id: string
  readonly contact: { readonly id: string; readonly name: string; readonly language: string | null }
  readonly stage: StageName
  readonly queue: string | null
  readonly owner: {
    readonly kind: 'bot' | 'queue' | 'agent'
    readonly id: string | null
    readonly name: string
  } | null
  readonly lastMessage?: {
    readonly author: AuthorKind
    readonly isFromApp?: true
    readonly text: string
    readonly at: string
  } | null
  readonly unreadCount: number
  readonly waitingSince: string | null
  readonly replyWindowEndsAt: string | null
  readonly openedAt: string
  readonly closedAt: string | null
  readonly closeReason: string | null
  readonly isOnHold: boolean
  /** From the agent who had it, or out of its queue; whose it is may give it back. */
  readonly isTakenOver: boolean
  /** The supervisor who closed it, or handed it on, over its owner's head. */
  readonly movedBy: { readonly id: string; readonly name: string } | null
  readonly snoozedUntil: string | null
  readonly continues: string | null
  /** Why people have it: requested, robot_failed, robot_timeout, transferred, connection_lost and the like. */
  readonly why: string | null
  /** Of whoever reads; a stream, which tells all the same, does not say it. */
  readonly hasDraft?: boolean
  /** As the customer answered, in their language; null: no flow asked. A stream does not say it. */
  readonly mood?: string | null
  readonly version: number
}

export interface Message extends Piece {
  readonly id: string
  /** Among the messages of its conversation. A change tells of it also where it stands further back than what one has read. */
  readonly place: number
  readonly author: { readonly kind: AuthorKind; readonly id: string | null; readonly name: string | null }
  readonly isFromApp?: true
  readonly text: string | null
  readonly status: DeskMessage['status']
  readonly occurredAt: string
  readonly recordedAt: string
  readonly isNote: boolean
  /** Said to a question whose answers are masked: the text is dots, or has dots in it, until it is revealed. */
  readonly isSensitive: boolean
  readonly isWhisper: boolean
  readonly mentions: readonly string[]
  readonly replyTo: string | null
  readonly failure: DeskMessage['failure']
  readonly reactions: readonly { readonly emoji: string; readonly by: AuthorKind }[]
  readonly edits: readonly { readonly text: string; readonly at: string }[]
  readonly deletedAt: string | null
  readonly media?: {
    readonly type: string
    readonly fileName: string | null
    /** What its sender wrote under it, which `text` has after a word for the file. */
    readonly caption: string | null
    /** Null while the file is being fetched. */
    readonly mimeType: string | null
    readonly bytes: number | null
    /** Why there is no file: see `MediaUnavailable`. */
    readonly problem: string | null
  }
  readonly version: number
}

interface Versioned {
  readonly _id: string
  readonly seenVersion: number
}

export interface AroundRow extends Pick<Around, 'name' | 'secrets'> {
  /** The version of the stream up to which its owner has read it. */
  readonly readUpTo: number | undefined
}

/** @param readUpTo as in `AroundRow` */
export const unreadCountOf = (
  { customerWroteAt, answeredAt }: Pick<Conversation, 'customerWroteAt' | 'answeredAt'>,
  readUpTo = 0,
): number => customerWroteAt.filter((version) => version > Math.max(readUpTo, answeredAt)).length

export function rowOf(conversation: Conversation & Versioned, { name, secrets, readUpTo }: AroundRow): Row {
  const { _id, contact, stage, queue, lastMessage, waitingSince, seenVersion } = conversation
  const { replyWindowEndsAt, openedAt, closedAt, closeReason, continues, why } = conversation
  const { isTakenOver, movedBy } = conversation
  return {
    id: _id,
    contact: contactOf(contact),
    stage: stage.name,
    queue,
    owner: ownerOf(conversation, name),
    lastMessage: lastMessage && {
      author: kindOf(lastMessage.author),
      ...fromApp(lastMessage.author),
      text: masking(secrets)(withoutHalves(lastMessage.text)),
      at: lastMessage.at,
    },
    unreadCount: unreadCountOf(conversation, readUpTo),
    waitingSince,
    replyWindowEndsAt,
    openedAt,
    closedAt,
    closeReason,
    isOnHold: stage.name === 'with_agent' && stage.isOnHold,
    isTakenOver,
    movedBy: movedBy ? { id: movedBy, name: name(movedBy) ?? movedBy } : null,
    snoozedUntil: stage.name === 'parked' ? stage.snoozedUntil : null,
    continues,
    why,
    version: seenVersion,
  }
}

/** Whoever it is names themselves: no line of theirs, and no sign that turns what is read, goes on into others' words. */
export const contactOf = ({ id, name, language }: Conversation['contact']): Row['contact'] => ({
  id,
  name: asPhrase(name),
  language: language || null,
})

/** A preview is cut before it is masked, and half of a number or of a word is not known for what the whole is. */
function withoutHalves(preview: string): string {
  if (preview.length < PREVIEW_CHARACTERS) return preview
  return `${preview.replace(/\s*(?:\p{N}[^\p{L}]*|\S{1,60}|)$/u, '')}…`
}

function ownerOf({ stage, agentId }: Conversation, name: Name): Row['owner'] {
  if (agentId !== null) return { kind: 'agent', id: agentId, name: name(agentId) ?? agentId }
  if (stage.name === 'with_robot') return { kind: 'bot', id: null, name: 'bot' }
  if (stage.name === 'waiting' || stage.name === 'offered')
    return { kind: 'queue', id: stage.queue, name: stage.queue }
  return null
}

export interface Around {
  readonly name: Name
  readonly contactName: string
  /** Values of sensitive answers: masked wherever they are repeated. */
  readonly secrets: readonly string[]
  /** The message that it answers, where it is known. */
  readonly replyTo: string | null
}

export function messageOf(
  message: DeskMessage & Versioned,
  { name, contactName, secrets, replyTo }: Around,
): Message {
  const { _id, author, type, status, occurredAt, recordedAt, isNote, isWhisper, mentions, seenVersion } =
    message
  const { begunAt: place, deletedAt, isSensitive, failure, reactions } = message
  const masked = masking(secrets)
  // By its own values too: a list of the conversation's may be older than it.
  const ofItself = message.isSensitiveInPart ? masking([...secrets, ...secretsOf(message)]) : undefined
  const shown = (body: StoredBody) =>
    isSensitive && ofItself === undefined
      ? MASK
      : (ofItself ?? masked)(readableText(MessageBody.fromJSON(body)))
  const { body } = MessageBody.fromJSON(message.body)
  const isShown = deletedAt === null && !isSensitive
  return {
    id: _id,
    place,
    author: {
      kind: kindOf(author.kind),
      id: author.id,
      name: author.kind === 'customer' ? asPhrase(contactName) : author.id === null ? null : name(author.id),
    },
    ...fromApp(author.kind),
    ...(isShown ? pieceOf({ body }, type, masked) : { type: isNote ? 'note' : 'text' }),
    text: deletedAt === null ? shown(message.body) : null,
    status,
    occurredAt,
    recordedAt,
    isNote,
    isSensitive,
    isWhisper,
    mentions,
    replyTo,
    failure,
    reactions: reactions.map(({ emoji, by }) => ({ emoji, by: kindOf(by) })),
    edits:
      deletedAt === null ? message.edits.map(({ body: before, at }) => ({ text: shown(before), at })) : [],
    deletedAt,
    ...(body?.$case === 'media' && deletedAt === null
      ? { media: mediaOf(body.value, message.file, isSensitive ? () => MASK : masked) }
      : {}),
    version: seenVersion,
  }
}

function mediaOf(
  { type, filename, caption }: MediaBody,
  file: DeskMessage['file'],
  masked: (words: string) => string,
): NonNullable<Message['media']> {
  const stored = file !== null && 'sha256' in file ? file : null
  return {
    type,
    // Signs that turn the direction show `exe.pdf` where `fdp.exe` is written.
    fileName: filename === '' ? null : masked(filename.replaceAll(/\p{Bidi_Control}/gu, '')),
    caption: caption === '' ? null : masked(caption),
    mimeType: stored?.mimeType ?? null,
    bytes: stored?.bytes ?? null,
    problem: file !== null && 'unavailable' in file ? file.unavailable : null,
  }
}

/** What people see of words: without numbers of cards, without what must not be repeated, and no letter that grows over its neighbours' words. */
export const masking =
  (secrets: readonly string[]) =>
  (words: string): string =>
    clampMarks(maskCards(maskValues(words, secrets)))

/**
 * What must not be repeated of a sensitive answer, before and after edits: as it was written, and as the robot shows it. Nothing of what no
 * robot heard: that was perhaps a word to us, such as a name, which is masked itself and nowhere else.
 */
export function secretsOf({
  body,
  edits,
  isSensitive,
  isSensitiveInPart = false,
  shownAs,
}: DeskMessage): readonly string[] {
  if (!isSensitive || shownAs === undefined) return []
  const bodies = isSensitiveInPart ? [] : [body, ...edits.map((edit) => edit.body)]
  const said = bodies.map((each) => readableText(MessageBody.fromJSON(each)))
  return [...said.flatMap(valuesIn), ...shownAs.flatMap(valueOf)].filter(
    (value) => /[\p{N}@]/u.test(value) || value.length >= SECRET_WORD_CHARACTERS_MIN,
  )
}

/** A customer may answer with a word like `não`, which is no secret and would be masked all over. */
const SECRET_WORD_CHARACTERS_MIN = 4
