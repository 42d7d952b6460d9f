import {
  MASK,
  type ConversationEvent,
  maskCards,
  messageIn,
  profileIn,
  readableText,
  shownIn,
} from '@parley/conversation'
import { clocksOf } from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'
import { type Conversation, foldConversation } from '../transcript/fold-conversation.ts'
import { wordsIn } from './words.ts'

/** A conversation as it is searched for. */
export interface Searched extends Conversation {
  readonly contactName: string
  /** All queues that it was in and agents who had it; the last of each stands last. */
  readonly queues: readonly string[]
  readonly agentIds: readonly string[]
  /** The customer's answer to the survey, 1 to 5; null: none. */
  readonly score: number | null
  readonly continuesConversationId: string
  readonly lastMessage: {
    readonly id: string
    readonly author: 'customer' | 'bot' | 'agent' | 'company' | 'system'
    readonly text: string
    readonly at: string
  } | null
  /** What the customer or the company's own app said, which may be edited and deleted. */
  readonly said: readonly Said[]
  /**
   * Words of robot and agents, each once, with spaces between: what they say stays said. A robot says the same menu a hundred times, and
   * the whole document is written each time.
   */
  readonly ours: string
  /** Words of sensitive answers: they are found nowhere in this conversation, whoever repeats them. */
  readonly hidden: readonly string[]
  /** What it is found by. */
  readonly words: readonly string[]
}

interface Said {
  readonly id: string
  /** As `wordsIn` gives them, in order, with spaces between: an array costs a store ten times as much. */
  readonly words: string
  /**
   * `unsure`: it was said to a sensitive question, and the turn that hears it has not told yet what it was. `in part`: the rest of it is
   * found, until it is edited; what is masked of it is among the hidden words.
   */
  readonly is: 'plain' | 'unsure' | 'sensitive' | 'in part'
}

/** Of very long conversations the last ones: a document of the store has an end (16 MB). */
const SAID_MAX = 1_000
const OUR_WORDS_MAX = 20_000
const PREVIEW_CHARACTERS = 160

export const SEARCHED_TYPES = [
  'ConversationOpened',
  'ContactLanguageChosen',
  'MessageReceived',
  'AppMessageSent',
  'MessageSendRequested',
  'MessageEdited',
  'MessageRevoked',
  'BotTurnCompleted',
  'HandoverRequested',
  'ConversationQueued',
  'ConversationOffered',
  'ConversationOfferEnded',
  'ConversationBegun',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationReturnedToRobot',
  'ConversationParked',
  'ConversationEnding',
  'ConversationClosed',
  'SurveyAnswered',
] as const satisfies readonly ConversationEvent['type'][]

export type SearchedFact = Extract<ConversationEvent, { type: (typeof SEARCHED_TYPES)[number] }>
export type SearchedEvent = SearchedFact & { readonly envelope: EventEnvelope }

/** Pure. An event of a conversation that never opened here changes nothing. */
export function foldSearched(before: Searched | undefined, event: SearchedEvent): Searched | undefined {
  if (event.type === 'SurveyAnswered') return before && { ...before, score: event.data.score }
  const header = foldConversation(before, event)
  if (header === undefined) return undefined
  const { envelope } = event
  const searched: Searched = {
    ...NOTHING,
    ...before,
    ...header,
  }
  switch (event.type) {
    case 'ConversationOpened':
      return { ...named(searched, envelope), continuesConversationId: event.data.continuesConversationId }
    case 'MessageReceived': {
      if (event.data.isNote) return searched
      return saying(
        named(searched, envelope),
        envelope,
        event.data.messageId,
        event.data.perhapsSensitive ? 'unsure' : 'plain',
      )
    }
    case 'AppMessageSent':
      return saying(searched, envelope, event.data.messageId, 'plain')
    case 'MessageSendRequested': {
      const text = textOf(envelope)
      const words = new Set([...wordsOf(searched.ours), ...wordsIn(text)])
      return found({
        ...searched,
        ours: [...words].slice(-OUR_WORDS_MAX).join(' '),
        lastMessage: lastMessageOf(envelope, event.data.messageId, preview(text)),
      })
    }
    case 'MessageEdited': {
      const { targetMessageId: id, hasMessage, isOutdated } = event.data
      const text = textOf(envelope)
      if (!hasMessage) return searched
      const words = wordsIn(text)
      const { lastMessage } = searched
      const was = searched.said.find((one) => one.id === id)?.is ?? 'plain'
      // Which of the new words are sensitive nobody says: as the record does, all of them are masked.
      const is = was === 'in part' ? 'sensitive' : was
      const hidden = is === 'sensitive' ? [...searched.hidden, ...words] : searched.hidden
      if (isOutdated) return found({ ...searched, hidden })
      return found({
        ...searched,
        hidden,
        said: searched.said.map((one) => (one.id === id ? { ...one, is, words: words.join(' ') } : one)),
        lastMessage:
          lastMessage?.id === id
            ? { ...lastMessage, text: is === 'plain' ? preview(text) : MASK }
            : lastMessage,
      })
    }
    case 'MessageRevoked': {
      const { targetMessageId: id } = event.data
      const { lastMessage } = searched
      return found({
        ...searched,
        said: searched.said.filter((one) => one.id !== id),
        lastMessage: lastMessage?.id === id ? { ...lastMessage, text: '' } : lastMessage,
      })
    }
    case 'BotTurnCompleted': {
      const { sensitiveMessageIds, plainMessageIds, partlySensitiveMessageIds } = event.data
      if (sensitiveMessageIds.length + plainMessageIds.length === 0) return searched
      const said = searched.said.map((one): Said => {
        if (plainMessageIds.includes(one.id)) return { ...one, is: 'plain' }
        if (!sensitiveMessageIds.includes(one.id)) return one
        // What was hidden as a whole stays so.
        const isInPart =
          partlySensitiveMessageIds.includes(one.id) && (one.is === 'plain' || one.is === 'in part')
        return { ...one, is: isInPart ? 'in part' : 'sensitive' }
      })
      const answers = said.filter(({ id, is }) => is === 'sensitive' && sensitiveMessageIds.includes(id))
      const shown = shownIn(envelope.content).flatMap(wordsIn)
      const { lastMessage } = searched
      return found({
        ...searched,
        said,
        lastMessage:
          lastMessage !== null && sensitiveMessageIds.includes(lastMessage.id)
            ? { ...lastMessage, text: MASK }
            : lastMessage,
        hidden: [...searched.hidden, ...answers.flatMap(({ words }) => wordsOf(words)), ...shown],
      })
    }
    case 'HandoverRequested':
    case 'ConversationQueued':
    case 'ConversationRequeued':
      return { ...searched, queues: withLast(searched.queues, event.data.queue) }
    case 'ConversationBegun':
    case 'ConversationAssigned':
      return {
        ...named(searched, envelope),
        queues: withLast(searched.queues, event.data.queue),
        agentIds: withLast(searched.agentIds, event.data.agentId),
      }
    default:
      return searched
  }
}

function named(searched: Searched, { content }: EventEnvelope): Searched {
  const name = profileIn(content)?.name ?? ''
  return name === '' ? searched : { ...searched, contactName: name }
}

const NOTHING = {
  contactName: '',
  queues: [],
  agentIds: [],
  score: null,
  continuesConversationId: '',
  lastMessage: null,
  said: [],
  ours: '',
  hidden: [],
  words: [],
} as const

function saying(searched: Searched, envelope: EventEnvelope, id: string, is: Said['is']): Searched {
  const text = textOf(envelope)
  return found({
    ...searched,
    said: [...searched.said, { id, words: wordsIn(text).join(' '), is }].slice(-SAID_MAX),
    // Nobody knows yet whether what is not plain may be shown.
    lastMessage: lastMessageOf(envelope, id, is === 'plain' ? preview(text) : MASK),
  })
}

function lastMessageOf(envelope: EventEnvelope, id: string, text: string): Searched['lastMessage'] {
  return { id, author: authorOf(envelope), text, at: clocksOf(envelope).occurredAt }
}

/** What is hidden is found neither as a word nor, of a number, as a part or in another grouping of its digits. */
function found(searched: Searched): Searched {
  const hidden = [...new Set(searched.hidden)]
  const words = new Set([
    ...wordsIn(searched.contactName),
    ...wordsOf(searched.ours),
    ...searched.said.flatMap(({ words, is }) => (is === 'plain' || is === 'in part' ? wordsOf(words) : [])),
  ])
  return { ...searched, hidden, words: [...words].filter((word) => !isHidden(word, hidden)) }
}

/** Whether a word repeats something of a sensitive answer. */
export function isHidden(word: string, hidden: readonly string[]): boolean {
  if (hidden.length === 0) return false
  const isNumber = HAS_DIGIT.test(word)
  return hidden.some(
    (one) => one === word || (isNumber && HAS_DIGIT.test(one) && (one.includes(word) || word.includes(one))),
  )
}

const HAS_DIGIT = /\p{N}/u

function textOf({ content }: EventEnvelope): string {
  const message = messageIn(content)
  return message === undefined ? '' : maskCards(readableText(message))
}

const wordsOf = (joined: string) => (joined === '' ? [] : joined.split(' '))

const preview = (text: string) => text.slice(0, PREVIEW_CHARACTERS)

function authorOf({ actor }: EventEnvelope): NonNullable<Searched['lastMessage']>['author'] {
  switch (actor?.kind) {
    case 'customer':
    case 'bot':
    case 'agent':
    case 'company':
      return actor.kind
    default:
      return 'system'
  }
}

function withLast(all: readonly string[], one: string): readonly string[] {
  return one === '' ? all : [...all.filter((other) => other !== one), one]
}
