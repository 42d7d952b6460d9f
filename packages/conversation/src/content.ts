import { type Words, asBuffer, readable, wordsNamed } from '@parley/kernel'
import { AdReferral, ContactProfile, LearntValue, MessageBody, StoredFile } from '@parley/proto/content'

/** The words of a command or an event, as they are written into its content; see content.proto. */
export interface Said {
  readonly messages?: readonly MessageBody[]
  readonly profile?: ContactProfile | undefined
  readonly referral?: AdReferral | undefined
  /** Opaque to everyone but the responder. */
  readonly session?: string
  /** What the robot shows for sensitive answers, as it writes them. */
  readonly shown?: readonly string[]
  /** What the robot knows of the customer, for whoever takes over. */
  readonly learnt?: readonly LearntValue[]
  /** The provider's JSON. */
  readonly raw?: Uint8Array
  readonly url?: string
  /** Of the message that the event is about. */
  readonly file?: StoredFile
  /** For colleagues. */
  readonly note?: string
}

export function contentOf({
  messages = [],
  profile,
  referral,
  session,
  shown = [],
  learnt = [],
  raw,
  url,
  file,
  note,
}: Said): Words[] {
  return [
    ...messages.map((message) => words('message', MessageBody.encode(message).finish())),
    ...(profile === undefined ? [] : [words('profile', ContactProfile.encode(profile).finish())]),
    ...(referral === undefined ? [] : [words('referral', AdReferral.encode(referral).finish())]),
    ...(session === undefined ? [] : [words('session', Buffer.from(session))]),
    ...shown.map((value) => words('shown', Buffer.from(value))),
    ...learnt.map((value) => words('learnt', LearntValue.encode(value).finish())),
    ...(raw === undefined || raw.length === 0 ? [] : [words('raw', raw)]),
    ...(url === undefined ? [] : [words('url', Buffer.from(url))]),
    ...(file === undefined ? [] : [words('file', StoredFile.encode(file).finish())]),
    ...(note === undefined ? [] : [words('note', Buffer.from(note))]),
  ]
}

/** @throws {UnreadableRecord}, as the others do */
export function messagesIn(content: readonly Words[]): readonly MessageBody[] {
  return wordsNamed(content, 'message').map((bytes) =>
    readable('MessageBody', () => MessageBody.decode(bytes)),
  )
}

export function messageIn(content: readonly Words[]): MessageBody | undefined {
  return messagesIn(content)[0]
}

export function profileIn(content: readonly Words[]): ContactProfile | undefined {
  const [bytes] = wordsNamed(content, 'profile')
  return bytes === undefined ? undefined : readable('ContactProfile', () => ContactProfile.decode(bytes))
}

export function referralIn(content: readonly Words[]): AdReferral | undefined {
  const [bytes] = wordsNamed(content, 'referral')
  return bytes === undefined ? undefined : readable('AdReferral', () => AdReferral.decode(bytes))
}

export function fileIn(content: readonly Words[]): StoredFile | undefined {
  const [bytes] = wordsNamed(content, 'file')
  return bytes === undefined ? undefined : readable('StoredFile', () => StoredFile.decode(bytes))
}

export function sessionIn(content: readonly Words[]): string {
  return textIn(content, 'session')
}

/** What the robot shows for sensitive answers. */
export function shownIn(content: readonly Words[]): readonly string[] {
  return wordsNamed(content, 'shown').map((bytes) => asBuffer(bytes).toString('utf8'))
}

/** What the robot knew by then. */
export function learntIn(content: readonly Words[]): readonly LearntValue[] {
  return wordsNamed(content, 'learnt').map((bytes) =>
    readable('LearntValue', () => LearntValue.decode(bytes)),
  )
}

export function urlIn(content: readonly Words[]): string {
  return textIn(content, 'url')
}

export function noteIn(content: readonly Words[]): string {
  return textIn(content, 'note')
}

export function rawIn(content: readonly Words[]): Uint8Array {
  return wordsNamed(content, 'raw')[0] ?? new Uint8Array()
}

function textIn(content: readonly Words[], name: string): string {
  const [bytes] = wordsNamed(content, name)
  return bytes === undefined ? '' : asBuffer(bytes).toString('utf8')
}

function words(name: string, bytes: Uint8Array): Words {
  return { name, value: asBuffer(bytes) }
}

/** What goes out: the message, its link button filled with the url that came beside it. */
export function outgoingMessageIn(content: readonly Words[]): MessageBody | undefined {
  const message = messageIn(content)
  const url = urlIn(content)
  return url !== '' && message?.body?.$case === 'linkButton'
    ? { ...message, body: { $case: 'linkButton', value: { ...message.body.value, url } } }
    : message
}
