import {
  conversations,
  maskCards,
  maskCardsAcross,
  maskValues,
  MASK,
  messagesIn,
  noteIn,
  sessionIn,
  rawIn,
  valueOf,
  valuesIn,
} from '@parley/conversation'
import { UnreadableRecord, readEvent } from '@parley/kernel'
import { MessageBody } from '@parley/proto/content'
import type { EventEnvelope } from '@parley/proto/envelope'
import { entryWithWords, withWords, withoutWords } from './entry-words.ts'
import type { MessageEntry, StoredBody, TranscriptEntry } from './entry.ts'

export interface ConcealmentPolicy {
  /** Whether what the customer deleted is shown all the same. */
  readonly showRevoked: boolean
}

/**
 * What is on record of a conversation and is not shown: card numbers, answers that a flow marks as sensitive wherever they are
 * repeated, and what the customer deleted. Page, download, desk and gRPC show entries through it; records that hold such words are
 * for auditors, and stand as their hashes elsewhere.
 */
export interface Concealment {
  entry<Entry extends TranscriptEntry>(entry: Entry): Entry
  /** Whether a record holds words that are not shown. */
  covers(record: Uint8Array): boolean
}

/**
 * @param entries of the whole conversation: an answer is masked in what was said before and after it too
 * @param deletedElsewhere as `Transcript` has them
 */
export function concealmentOf(
  entries: readonly TranscriptEntry[],
  { showRevoked }: ConcealmentPolicy,
  deletedElsewhere: readonly string[] = [],
): Concealment {
  const messages = entries.filter((entry) => entry.kind === 'message')
  const lines = entries.flatMap((entry) => (entry.kind === 'system' ? [entry.line] : []))
  // Of messages that this record does not know, or did not know by then.
  const deletedHere = lines.flatMap((line) =>
    line.name === 'unknown_message_revoked' ? [line.targetProviderMessageId] : [],
  )
  const deletedTargets = named(showRevoked ? [] : [...deletedHere, ...deletedElsewhere])
  const isDeleted = (entry: MessageEntry) =>
    (entry.revoked !== null && !showRevoked) || deletedTargets.has(entry.providerMessageId)
  const sensitive = messages.filter((entry) => entry.sensitive)
  const ours = messages.filter(({ author }) => author !== 'customer')
  const secrets = sensitive.map((entry) => unlessUnreadable(() => secretsIn(entry, ours)))
  const values = [...new Set(secrets.flatMap((found) => found ?? []))]
  const hidden = messages.filter((entry) => entry.sensitive || isDeleted(entry))
  const inParts = cardsInParts(messages)
  const hiddenIds: ReadonlySet<string> = new Set([...hidden.map(({ _id }) => _id), ...inParts.keys()])
  const hiddenTargets = named([
    ...deletedTargets,
    ...hidden.map(({ providerMessageId }) => providerMessageId),
  ])
  const firstHidden = Math.min(...hidden.map(({ streamVersion }) => streamVersion))
  // Where one of them cannot be read, nobody knows what must not be repeated: then nothing is.
  const mask = secrets.includes(undefined)
    ? () => MASK
    : (text: string) => maskCards(maskValues(text, values))

  const concealed = <Entry extends TranscriptEntry>(entry: Entry): Entry => {
    if (entry.kind === 'system' && entry.line.name === 'unknown_message_edited') {
      const { line } = entry
      if (hiddenTargets.has(line.targetProviderMessageId))
        return { ...entry, line: { ...line, body: textBody('') } }
    }
    if (entry.kind !== 'message') return entryWithWords(entry, mask)
    if (isDeleted(entry)) return { ...entry, body: textBody(''), edits: [], file: null }
    if (!entry.sensitive || entry.sensitiveInPart) {
      const part = inParts.get(entry._id)
      return entryWithWords(part === undefined ? entry : { ...entry, body: textBody(part) }, mask)
    }
    const edits = entry.edits.map((edit) => ({ ...edit, before: textBody(MASK) }))
    return { ...entry, body: textBody(MASK), edits, file: null }
  }

  return {
    entry: (entry) => unlessUnreadable(() => concealed(entry)) ?? withoutWords(entry),
    covers(record) {
      const envelope = unlessUnreadable(() => readEvent(record).envelope)
      if (envelope === undefined) return true
      // What a robot keeps from turn to turn repeats the answers in a form of its own.
      if (BOT_TURNS.has(envelope.type) && envelope.streamVersion > firstHidden) return true
      const { ids, target } = messagesOf(envelope)
      if (ids.some((id) => hiddenIds.has(id)) || hiddenTargets.has(target)) return true
      return wordsOf(envelope).some((words) => mask(words) !== words)
    },
  }
}

/** What is shown of messages that only together are a card's number, by id: customers send it group by group, as they are asked for one. */
function cardsInParts(messages: readonly MessageEntry[]): ReadonlyMap<string, string> {
  const said = messages
    .filter(({ author }) => author === 'customer')
    .map((entry) => ({ id: entry._id, text: unlessUnreadable(() => textIn(entry)) ?? '' }))
  const masked = maskCardsAcross(said.map(({ text }) => text))
  return new Map(
    said.flatMap(({ id, text }, at) => (masked[at] === text ? [] : [[id, masked[at]!] as const])),
  )
}

function textIn({ body }: MessageEntry): string | undefined {
  const said = MessageBody.fromJSON(body).body
  return said?.$case === 'text' ? said.value.text : undefined
}

/** Of what is on record as nobody expects it. */
function unlessUnreadable<Read>(read: () => Read): Read | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Ids of the provider's: what has none yet is not meant. */
const named = (ids: readonly string[]): ReadonlySet<string> => new Set(ids.filter((id) => id !== ''))

const BOT_TURNS: ReadonlySet<string> = new Set(['BotTurnRequested', 'BotTurnCompleted'])

const textBody = (text: string): StoredBody =>
  MessageBody.toJSON(MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })) as StoredBody

/** A customer may answer with words of ours (`atendente`, `não`): those are no secret, and would be masked all over. */
const SECRET_WORD_CHARACTERS_MIN = 4

function secretsIn(answer: MessageEntry, ours: readonly MessageEntry[]): readonly string[] {
  const saidBefore = ours
    .filter(({ streamVersion }) => streamVersion < answer.streamVersion)
    .flatMap((entry) => unlessUnreadable(() => saidIn(entry)) ?? [])
  const said = answer.sensitiveInPart ? [] : saidIn(answer)
  return [...said.flatMap(valuesIn), ...answer.shownAs.flatMap(valueOf)].filter(
    (value) =>
      /[\p{N}@]/u.test(value) ||
      (value.length >= SECRET_WORD_CHARACTERS_MIN &&
        saidBefore.every((said) => maskValues(said, [value]) === said)),
  )
}

function saidIn({ body, edits }: MessageEntry): readonly string[] {
  const said: string[] = []
  for (const each of [body, ...edits.map(({ before }) => before)])
    withWords(each, (words) => {
      said.push(words)
      return words
    })
  return said
}

const OF_MESSAGES: ReadonlySet<string> = new Set(['MessageReceived', 'MessageEdited', 'MediaStored'])

/** The customer's messages whose words the record holds: by our ids, and of an edit by the provider's, which it has before we know the message. */
function messagesOf(envelope: EventEnvelope): { readonly ids: readonly string[]; readonly target: string } {
  const none = { ids: [], target: '' }
  if (!OF_MESSAGES.has(envelope.type)) return none
  try {
    const event = conversations.readEvent(envelope)
    if (event.type === 'MessageReceived') {
      const { messageId, providerMessageId } = event.data
      return { ids: [messageId], target: providerMessageId }
    }
    if (event.type === 'MediaStored') return { ids: [event.data.messageId], target: '' }
    if (event.type !== 'MessageEdited') return none
    const { targetMessageId, targetProviderMessageId } = event.data
    return { ids: [targetMessageId], target: targetProviderMessageId }
  } catch (error) {
    if (error instanceof UnreadableRecord) return none
    throw error
  }
}

function wordsOf({ content }: EventEnvelope): readonly string[] {
  const words = [sessionIn(content), noteIn(content), Buffer.from(rawIn(content)).toString('utf8')]
  try {
    for (const message of messagesIn(content))
      withWords(MessageBody.toJSON(message) as StoredBody, (said) => {
        words.push(said)
        return said
      })
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error
  }
  return words
}
