// For tests and the bench: conversations of one contact, told as customers, robots and the channel would.
import {
  type CommandData,
  type ConversationCommand,
  type ConversationEvent,
  consentWishOf,
  contentOf,
  conversations,
  isCourtesy,
  languageByCountry,
  surveyAnswerOf,
  waitWishOf,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import {
  type Actor,
  type ActorKind,
  type Adoption,
  type CommonEvent,
  type DataOf,
  type Partially,
  deterministicId,
  emptyStream,
  evolveStream,
  policyAt,
  policyBytes,
  readEvent,
  readPolicy,
  sha256,
} from '@parley/kernel'
import type { BotAction, Observation } from '@parley/proto/commands'
import { ContactProfile, type LearntValue, MessageBody } from '@parley/proto/content'
import { type Circumstances, type Scenario, type Sketch, readEventOf, scenario } from '@parley/testkit'
import { conversationDecider } from '../src/conversation/decider.ts'
import {
  type ConversationPolicy,
  type SurveyTexts,
  type WaitingTexts,
  wordingOf,
} from '../src/conversation/policy.ts'
import { type ContactState, openConversationId } from '../src/conversation/state.ts'
import { after } from '../src/conversation/window.ts'

function waitingTexts(language: string): WaitingTexts {
  return {
    notice: `${language}: {now}`,
    closed: `${language}: write to you?`,
    callBackButton: 'yes',
    leaveButton: 'no',
    callBackNoted: `${language}: we will`,
  }
}

function surveyTexts(language: string): SurveyTexts {
  return {
    question: `${language}: how was it?`,
    good: 'good',
    fair: 'fair',
    poor: 'poor',
    reasonQuestion: `${language}: why?`,
    slow: 'slow',
    unsolved: 'unsolved',
    unfriendly: 'unfriendly',
    thanks: `${language}: thanks`,
  }
}

export function testPolicy(words = 'Who reads along'): ConversationPolicy {
  const text = { pt: `pt: ${words}`, en: `en: ${words}`, bn: `bn: ${words}` }
  return {
    botTurnTimeoutSeconds: 45,
    silenceTimeoutSeconds: 1800,
    endingTimeoutSeconds: 60,
    defaultQueue: 'general',
    afterUnsentAnswer: 'hand_over',
    notice: { version: wordingOf(words), processors: ['Meta', 'Hosting'], text },
    clock: {
      offsets: [{ from: undefined, minutes: -180 }],
      zoneName: { pt: 'horário de Brasília', en: 'Brasilia time', bn: 'ব্রাসিলিয়া সময়' },
    },
    robotSilenceSeconds: 1800,
    appAnswersByItselfSeconds: 0,
    robotReturns: { pt: 'pt: robot', en: 'en: robot', bn: 'bn: robot' },
    waiting: { pt: waitingTexts('pt'), en: waitingTexts('en'), bn: waitingTexts('bn') },
    callBackTemplate: null,
    survey: {
      answerSeconds: 48 * 3600,
      template: null,
      texts: { pt: surveyTexts('pt'), en: surveyTexts('en'), bn: surveyTexts('bn') },
    },
    stopNotice: { pt: 'pt: stopped', en: 'en: stopped', bn: 'bn: stopped' },
    tooLateNotice: { pt: 'pt: too late', en: 'en: too late', bn: 'bn: too late' },
    link: {
      pt: { text: 'pt: record', displayText: 'Abrir' },
      en: { text: 'en: record', displayText: 'Open' },
      bn: { text: 'bn: record', displayText: 'খুলুন' },
    },
  }
}

export const BEGIN = '2026-03-02T12:00:00.000Z'
export const CONTACT = 'a5f1c0de-0000-4000-8000-000000000001'
/** It may merge into that one. */
export const ELDER = 'a0e1de40-0000-4000-8000-000000000001'

/** A command with what surrounds it; the clock is the story's. */
export type Wish = Sketch<ConversationCommand> & Omit<Circumstances, 'at'>
export type Told = ReadEvent<ConversationEvent | CommonEvent>

/** One contact's stream. Each `when` is checked as `scenario` checks it. */
export class Story {
  readonly events: Told[] = []
  readonly #scenario: Scenario<ContactState, ConversationCommand, ConversationEvent, ConversationPolicy>
  /** Which policy holds from which wish on, as the log has them. */
  readonly #adoptions: Adoption[] = []
  readonly #wishes: { readonly wish: Wish; readonly at: string }[] = []
  #at = BEGIN

  constructor(policy = testPolicy()) {
    this.#scenario = scenario(conversationDecider, { streamId: CONTACT, at: BEGIN })
    this.under(policy)
  }

  get state(): ContactState {
    return this.#scenario.state
  }

  get at(): string {
    return this.#at
  }

  get conversationId(): string {
    return openConversationId(this.state.conversation)
  }

  under(policy: ConversationPolicy): this {
    const data = policyBytes(policy)
    this.#adoptions.push({ from: this.#wishes.length, hash: data.hash, policy: readPolicy(data) })
    this.#scenario.under(policy)
    return this
  }

  later(seconds: number): this {
    this.#at = after(this.#at, seconds)
    return this
  }

  /** Decides and appends; returns what was stated. */
  when(wish: Wish): readonly Told[] {
    this.#wishes.push({ wish, at: this.#at })
    const { type, data, ...circumstances } = wish
    const actor: Actor = { kind: 'channel', id: 'whatsapp' }
    this.#scenario.when({ type, data } as Sketch<ConversationCommand>, {
      actor,
      ...circumstances,
      at: this.#at,
    })
    const decided = this.#scenario.decided.map((event) =>
      readEventOf(conversations.readEvent(event.envelope), event),
    )
    this.events.push(...decided)
    return decided
  }

  /** The same wishes at the same times, decided anew by the policies that the log holds for their places, or by one for all. */
  retold({ policy, isWordless = false }: { policy?: ConversationPolicy; isWordless?: boolean } = {}): Story {
    const again = new Story()
    for (const [place, { wish, at }] of this.#wishes.entries()) {
      again.under(policy ?? (policyAt(this.#adoptions, BigInt(place)) as ConversationPolicy))
      again.#at = at
      again.when(isWordless ? { ...wish, content: [] } : wish)
    }
    return again
  }

  /** The state that a reader gets who knows nothing but the bytes in the log, by way of a snapshot after `snapshotAt` events. */
  folded(snapshotAt = 0): ContactState {
    let stream = emptyStream(conversationDecider, CONTACT)
    for (const [index, { raw }] of this.events.entries()) {
      stream = evolveStream(conversationDecider, stream, readEvent(raw), BigInt(index))
      if (index + 1 === snapshotAt)
        stream = { ...stream, state: JSON.parse(JSON.stringify(stream.state)) as ContactState }
    }
    return stream.state
  }
}

export function by(kind: ActorKind, id: string = kind): Actor {
  return { kind, id }
}

/** As the gateway works it out. */
export function observed(profile: ContactProfile): Observation {
  return {
    profileDigest: sha256(ContactProfile.encode(profile).finish()).toString('hex', 0, 8),
    languageHint: languageByCountry(profile),
  }
}

export function textBody(text: string): MessageBody {
  return MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
}

export interface Saying extends Partially<CommandData<'ReceiveMessage'>> {
  readonly occurredAt?: string
  readonly commandId?: string
  readonly profile?: Partial<ContactProfile>
  readonly message?: MessageBody
}

const ANA = { waId: '5511999990000', name: 'Ana' }

/** As the gateway works it out. */
function consentIn(message: MessageBody): { consent: string; consentVia: string } {
  const { wish = '', via = '' } = consentWishOf(message) ?? {}
  return wish === 'stop_marketing' ? { consent: '', consentVia: '' } : { consent: wish, consentVia: via }
}

let wamids = 0
export function says(text: string, more: Saying = {}): Wish {
  const { occurredAt, commandId, profile: names = ANA, message = textBody(text), ...fields } = more
  const providerMessageId = fields.providerMessageId ?? `wamid.${wamids++}`
  const profile = ContactProfile.fromPartial(names)
  const judged = surveyAnswerOf(message)
  return {
    type: 'ReceiveMessage',
    data: {
      channelAccountId: 'account',
      type: 'text',
      ...consentIn(message),
      isCourtesy: isCourtesy(message),
      waitWish: waitWishOf(message),
      surveyScore: judged.score,
      surveyReason: judged.reason,
      surveyConversationId: judged.conversationId,
      characters: text.length,
      observed: observed(profile),
      ...fields,
      providerMessageId,
    },
    content: contentOf({ messages: [message], profile }),
    actor: by('customer'),
    commandId: commandId ?? deterministicId('inbound', 'account', providerMessageId),
    ...(occurredAt === undefined ? {} : { occurredAt }),
  }
}

/** What the channel says about the customer. */
export function notes(kind: string, more: Saying = {}): Wish {
  const message = MessageBody.fromPartial({ body: { $case: 'note', value: { kind, text: kind } } })
  return says('', { type: 'system', isNote: true, message, ...more })
}

function about(target: string) {
  return {
    channelAccountId: 'account',
    providerMessageId: `about.${target}`,
    targetProviderMessageId: target,
  }
}

export function edits(target: string, text: string): Wish {
  return {
    type: 'EditMessage',
    data: { ...about(target), hasMessage: true, characters: text.length, ...consentIn(textBody(text)) },
    content: contentOf({ messages: [textBody(text)] }),
  }
}

export function revokes(target: string): Wish {
  return { type: 'RevokeMessage', data: about(target) }
}

export function reacts(target: string): Wish {
  const value = { emoji: '👍', targetProviderMessageId: target }
  return {
    type: 'ReactToMessage',
    data: about(target),
    content: contentOf({ messages: [MessageBody.fromPartial({ body: { $case: 'reaction', value } })] }),
  }
}

/** Somebody of the company, in the app. */
export function writesInApp(
  text: string,
  more: { occurredAt?: string; providerMessageId?: string } = {},
): Wish {
  const providerMessageId = more.providerMessageId ?? `wamid.app.${wamids++}`
  return {
    type: 'RecordAppMessage',
    data: {
      channelAccountId: 'account',
      providerMessageId,
      type: 'text',
      observed: observed(ContactProfile.fromPartial(ANA)),
    },
    content: contentOf({ messages: [textBody(text)], profile: ContactProfile.fromPartial(ANA) }),
    actor: by('company', 'whatsapp_business_app'),
    commandId: deterministicId('echo', 'account', providerMessageId),
    ...(more.occurredAt === undefined ? {} : { occurredAt: more.occurredAt }),
  }
}

export function isSent(messageId: string, providerMessageId = `wamid.of.${messageId}`): Wish {
  return {
    type: 'RecordMessageSent',
    data: { messageId, providerMessageId },
    commandId: deterministicId('sent', messageId),
  }
}

export function isFailed(messageId: string): Wish {
  return {
    type: 'RecordMessageFailed',
    data: { messageId, providerCode: 131_026, providerTitle: 'Undeliverable' },
    commandId: deterministicId('failed', messageId),
  }
}

export function isUncertain(messageId: string): Wish {
  return {
    type: 'RecordMessageUncertain',
    data: { messageId },
    commandId: deterministicId('uncertain', messageId),
  }
}

export function isResent(messageId: string): Wish {
  return {
    type: 'RecordMessageResent',
    data: { messageId, attempt: 2 },
    commandId: deterministicId('resent', messageId),
  }
}

export function receipt(
  messageId: string,
  status: string,
  providerMessageId = `wamid.of.${messageId}`,
): Wish {
  return { type: 'RecordDeliveryStatus', data: { messageId, status, providerMessageId } }
}

/** Something a robot does; `message` is what it says with it, `action` gets that message's number in the answer. */
export interface Act {
  readonly message?: MessageBody
  action(nth: number): NonNullable<BotAction['action']>
}

export function completes(
  conversationId: string,
  turn: number,
  acts: readonly Act[],
  session = '',
  told: Partially<CommandData<'CompleteBotTurn'>> = {},
  shown: readonly string[] = [],
  learnt: readonly LearntValue[] = [],
): Wish {
  const messages: MessageBody[] = []
  const actions = acts.map(({ message, action }) => ({
    action: action(message === undefined ? messages.length : messages.push(message) - 1),
  }))
  return {
    type: 'CompleteBotTurn',
    data: {
      turn,
      responder: 'flow',
      flow: 'bank',
      flowVersion: '1',
      actions,
      sessionCharacters: session.length,
      shownValues: shown.length,
      learntValues: learnt.length,
      ...told,
    },
    content: contentOf({ messages, session, shown, learnt }),
    actor: by('bot', 'flow'),
    correlationId: conversationId,
  }
}

export function fails(conversationId: string, turn: number): Wish {
  return {
    type: 'FailBotTurn',
    data: { turn, code: 'RESPONDER_DOWN' },
    actor: by('bot', 'flow'),
    correlationId: conversationId,
  }
}

export function expires(kind: string, reference: string, dueAt = BEGIN): Wish {
  return {
    type: 'ExpireDeadline',
    data: { kind, reference, dueAt },
    actor: by('system', 'deadlines'),
    commandId: deterministicId(`deadline ${kind}`, reference),
  }
}

export function issuesLink(conversationId: string, forEnding = true): Wish {
  return {
    type: 'RecordTranscriptLinkIssued',
    data: { conversationId, linkId: 'link', expiresAt: '2027-01-01T00:00:00.000Z', forEnding },
    content: contentOf({ url: 'https://example.test/t/token' }),
    actor: by('system', 'archive'),
    correlationId: conversationId,
  }
}

/** The pool says where the conversation stands. */
export function placed(
  { state: { conversation } }: Story,
  more: Partially<CommandData<'RecordQueued'>> = {},
): Wish {
  const { id: conversationId, revision } = conversation as { id: string; revision: number }
  const data = {
    conversationId,
    queue: 'cards',
    position: 1,
    expectedWaitSeconds: 0,
    revision: revision + 1,
    ...more,
  }
  return { type: 'RecordQueued', data, actor: by('system', 'workforce') }
}

export const blocks: Wish = { type: 'BlockContact', data: {} }
export const unblocks: Wish = { type: 'UnblockContact', data: {} }

export function merges(intoContactId = ELDER): Wish {
  return { type: 'MergeContact', data: { intoContactId } }
}

export function say(text: string): Act {
  return saying(textBody(text), 'text')
}

export const sayTemplate: Act = saying(
  MessageBody.fromPartial({ body: { $case: 'template', value: { name: 'hello', language: 'pt_BR' } } }),
  'template',
)

/** A message of a kind that only customers write: its type is empty. */
export const sayNonsense: Act = saying(MessageBody.fromPartial({}), '')

function saying(body: MessageBody, type: string): Act {
  return { message: body, action: (message) => ({ $case: 'say', value: { message, type } }) }
}

export const endWithoutLink: Act = {
  action: () => ({ $case: 'end', value: { sendsLink: false, message: undefined } }),
}

export const endWithLink: Act = {
  message: MessageBody.fromPartial({
    body: { $case: 'linkButton', value: { text: 'Your record', displayText: 'Open' } },
  }),
  action: (message) => ({ $case: 'end', value: { sendsLink: true, message } }),
}

/** The link in the company's words. */
export const endWithCompanyLink: Act = {
  action: () => ({ $case: 'end', value: { sendsLink: true, message: undefined } }),
}

export const handOver: Act = { action: () => ({ $case: 'handOver', value: { queue: 'cards' } }) }

export function chooses(language: string): Act {
  return { action: () => ({ $case: 'chooseLanguage', value: { language } }) }
}

export function typesOf(events: readonly Told[]): readonly Told['type'][] {
  return events.map(({ type }) => type)
}

/** The facts of all events of this type, in order. */
export function factsOf<Type extends Told['type']>(
  events: readonly Told[],
  wanted: Type,
): readonly DataOf<ConversationEvent | CommonEvent, Type>[] {
  return events.flatMap(({ type, data }) =>
    type === wanted ? [data as DataOf<ConversationEvent | CommonEvent, Type>] : [],
  )
}

/** Messages that were asked for and that nobody has reported on yet. */
export function queued(story: Story): readonly string[] {
  return story.state.messages.flatMap((message) =>
    message.by === 'us' && message.status === 'queued' ? [message.id] : [],
  )
}

export function sendAll(story: Story): void {
  for (const id of queued(story)) story.when(isSent(id))
}

/** A contact who knows who reads along, and whose first words were answered: the robot listens. */
export function served(story = new Story()): Story {
  story.when(says('oi'))
  sendAll(story)
  story.when(completes(story.conversationId, 1, [say('Olá!')]))
  sendAll(story)
  return story
}
