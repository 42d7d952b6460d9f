import {
  type CommandData,
  type ConversationCommand,
  type EventData,
  conversations,
  isLanguage,
} from '@parley/conversation'
import { COMMAND, type NewWords, type Refusal, deterministicId, refuse } from '@parley/kernel'
import type { Observation } from '@parley/proto/commands'
import { CommandEnvelope } from '@parley/proto/envelope'
import type { Decision } from './decision.ts'
import { close } from './ending.ts'
import { unanswered } from './evolve.ts'
import { isWithPeople, waitOf } from './handled.ts'
import {
  type Contact,
  type Conversation,
  type EarlyChange,
  type WaitingInput,
  type WithRobot,
  isRobotSilent,
  stillEarly,
} from './state.ts'
import { waitingSurvey } from './survey.ts'
import { takeFromRobot } from './turns.ts'

const PROFILE: readonly NewWords[] = [{ from: COMMAND, name: 'profile' }]

/** Registers the contact at its first sign of life; later, puts new names for it on record. */
export function observe(
  decision: Decision,
  channelAccountId: string,
  observed: Observation | undefined,
  conversationId: string,
  reason = 'observed',
): void {
  const { contact } = decision.state
  const { profileDigest = '', languageHint = '' } = observed ?? {}
  if (!contact.registered) {
    const language = isLanguage(languageHint) ? languageHint : 'en'
    decision.record(
      { type: 'ContactRegistered', data: { channelAccountId, language, profileDigest } },
      PROFILE,
      conversationId,
    )
  } else if (profileDigest !== '' && !contact.profileDigests.includes(profileDigest))
    decision.record({ type: 'ContactAliasesAdded', data: { reason, profileDigest } }, PROFILE, conversationId)
}

export function addContactAliases(decision: Decision, command: CommandData<'AddContactAliases'>): void {
  observe(decision, command.channelAccountId, command.observed, '', command.reason)
}

/** On record even for a contact that nothing is known of yet: what comes first must not decide who is written to under the number. */
export function releaseContactNumber(decision: Decision): void {
  decision.record({ type: 'ContactNumberReleased', data: {} }, PROFILE, '')
}

export function setMarketingPreference(
  decision: Decision,
  { channelAccountId, category, value, observed }: CommandData<'SetMarketingPreference'>,
): void {
  observe(decision, channelAccountId, observed, '')
  decision.record({ type: 'MarketingPreferenceChanged', data: { category, value } }, [], '')
}

/** Why: what somebody typed is no fact, and nothing for the customer, whose download holds the fact. */
const NOTE: readonly NewWords[] = [{ from: COMMAND, name: 'note' }]

export function blockContact(decision: Decision): Refusal | undefined {
  const { contact } = decision.state
  if (!contact.registered) return refuse('UNKNOWN_CONTACT')
  if (contact.blocked) return undefined
  decision.record(conversations.event('ContactBlocked', {}), NOTE)
  close(decision, 'blocked')
  return undefined
}

export function unblockContact(decision: Decision): void {
  if (decision.state.contact.blocked) decision.record(conversations.event('ContactUnblocked', {}), NOTE)
}

export function chooseContactLanguage(
  decision: Decision,
  { language }: CommandData<'ChooseContactLanguage'>,
): Refusal | undefined {
  const { contact } = decision.state
  if (!contact.registered) return refuse('UNKNOWN_CONTACT')
  if (!isLanguage(language)) return refuse('UNKNOWN_LANGUAGE', { language })
  if (contact.language !== language)
    decision.record({ type: 'ContactLanguageChosen', data: { language, chosenBy: 'agent' } })
  return undefined
}

/**
 * Two contacts are one. The greater id always becomes the smaller: that is the one order that each stream knows of every other, so however
 * merges cross they lead nowhere in a ring, and all who are one end as the smallest. A wish the other way is turned around.
 */
export function mergeContact(
  decision: Decision,
  { intoContactId }: CommandData<'MergeContact'>,
): Refusal | undefined {
  const { streamId } = decision.wish
  if (intoContactId === '' || intoContactId === streamId)
    return refuse('MERGE_INTO_ITSELF', { intoContactId })
  const { absorbed, optedOut, consentAt, blocked, profileFrom, language, languageChosenAt } =
    decision.state.contact
  const waiting = waitingSurvey(decision.state.contact)
  if (absorbed.includes(intoContactId)) return undefined
  if (intoContactId > streamId) {
    decision.record({ type: 'MergeTurnedAround', data: { fromContactId: intoContactId } }, [], '')
    return undefined
  }
  const people = peopleOf(decision)
  // Before the conversation closes: what its state no longer refers to is let go of.
  for (const input of leftToRobot(decision)) passOn(decision, intoContactId, saidAgain(decision, input))
  closeForMerge(decision)
  for (const early of stillEarly(decision.state.earlyChanges, decision.at))
    passOn(decision, intoContactId, changedAgain(decision, early))
  decision.record(
    {
      type: 'ContactMerged',
      data: {
        intoContactId,
        optedOut,
        blocked,
        language: languageChosenAt === null ? '' : language,
        languageChosenAt: languageChosenAt ?? undefined,
        consentAt: consentAt ?? undefined,
        surveyConversationId: waiting?.conversationId ?? '',
        surveyUntil: waiting?.until,
        ...people,
      },
    },
    profileFrom === '' ? [] : [{ from: profileFrom, name: 'profile' }],
    '',
  )
  return undefined
}

/** Who has it, or is to have it. What its agent had closed is theirs no more, though it might still be taken back. */
function peopleOf({
  state,
  policy,
  at,
}: Decision): Pick<EventData<'ContactMerged'>, 'peopleQueue' | 'peopleAgentId' | 'waitSoFar'> {
  const { conversation } = state
  if (conversation.stage === 'with_robot' && !isRobotSilent(state, at) && mustNotBeSaidAgain(conversation))
    return { peopleQueue: policy.defaultQueue, peopleAgentId: '', waitSoFar: undefined }
  if (!isWithPeople(conversation) || closingOf(conversation) !== null)
    return { peopleQueue: '', peopleAgentId: '', waitSoFar: undefined }
  const { queue, wait } = conversation
  const toldAt = wait.toldAt ?? undefined
  const toldOpensAt = wait.toldOpensAt ?? undefined
  const isTheirs = conversation.stage === 'with_agent' || conversation.stage === 'parked'
  return {
    peopleQueue: queue,
    peopleAgentId: isTheirs ? conversation.agentId : '',
    waitSoFar: { ...waitOf(conversation, at), toldAt, toldOpensAt },
  }
}

/** The robot may have acted on it already, or it is masked where it was asked for: people look at it, and nobody says it to a robot once more. */
function mustNotBeSaidAgain({ robot, inputs }: WithRobot): boolean {
  const given = robot.step === 'answering' ? robot.inputs : []
  return (
    (robot.step === 'answering' && robot.mayAct) ||
    [...given, ...inputs].some(({ isPerhapsSensitive }) => isPerhapsSensitive)
  )
}

/** Whoever writes in the app answers what is said there. */
function leftToRobot({ state, at }: Decision): readonly WaitingInput[] {
  return isRobotSilent(state, at) ? [] : unanswered(state.conversation)
}

const closingOf = (conversation: Conversation) => ('closing' in conversation ? conversation.closing : null)

/** A close that its agent had announced nobody takes back any more: it is closed for their reason. */
function closeForMerge(decision: Decision): void {
  const closing = closingOf(decision.state.conversation)
  if (closing === null) close(decision, 'merged')
  else close(decision, closing.reason, { kind: 'agent', id: closing.agentId })
}

/** What the customer said, to be heard under the other name. */
interface SaidAgain {
  readonly command: ConversationCommand
  readonly commandId: string
  readonly content: readonly NewWords[]
  /** By the customer's clock. */
  readonly at: string
}

/** What the robot has not answered is answered there: else who wrote a moment before two names proved to be one would be met with silence. */
function saidAgain({ state, wish }: Decision, input: WaitingInput): SaidAgain {
  const { messageId, providerMessageId, type, characters, replyTo, isCourtesy, words, at } = input
  const { profileFrom } = state.contact
  return {
    command: conversations.command('ReceiveMessage', {
      ...observedOf(state.contact),
      providerMessageId,
      type,
      replyToProviderMessageId: replyTo,
      characters,
      isCourtesy,
    }),
    commandId: deterministicId(wish.commandId, 'unanswered', messageId),
    // It may open a conversation there, which no other word would tell whom it is with.
    content: [...messageOf(words), ...(profileFrom === '' ? [] : [{ from: profileFrom, name: 'profile' }])],
    at,
  }
}

/** A change that waits for its message waits for it under the other name from now on: there the message will come, and would be read as it was. */
function changedAgain({ state, wish }: Decision, early: EarlyChange): SaidAgain {
  const { change, words, characters, consent, providerMessageId, target, at } = early
  const about = { ...observedOf(state.contact), providerMessageId, targetProviderMessageId: target }
  const command =
    change === 'deleted'
      ? conversations.command('RevokeMessage', about)
      : conversations.command('EditMessage', {
          ...about,
          hasMessage: true,
          characters,
          consent,
          consentVia: consent === '' ? '' : 'merge',
        })
  return {
    command,
    commandId: deterministicId(wish.commandId, 'early', target),
    content: messageOf(words),
    at,
  }
}

/** @param words the event that has them; empty: there are none */
const messageOf = (words: string): readonly NewWords[] =>
  words === '' ? [] : [{ from: words, name: 'message' }]

const observedOf = ({ channelAccountId, language }: Contact) => ({
  channelAccountId,
  observed: { profileDigest: '', languageHint: language },
})

function passOn(decision: Decision, intoContactId: string, said: SaidAgain): void {
  const { streamId } = decision.wish
  const { commandId, content } = said
  const command = conversations.commandEnvelope({
    ...said.command,
    commandId,
    streamId,
    occurredAt: said.at,
    actor: { kind: 'customer', id: streamId },
  })
  decision.conclude(
    {
      type: 'CommandRedirected',
      data: {
        intoContactId,
        commandType: command.type,
        command: Buffer.from(CommandEnvelope.encode(command).finish()),
      },
    },
    content,
    '',
  )
}

/** What the customer asked for under one name holds under all of them. */
export function absorbContact(
  decision: Decision,
  command: CommandData<'AbsorbContact'>,
): Refusal | undefined {
  const { fromContactId, optedOut, consentAt, blocked, language, languageChosenAt } = command
  if (fromContactId === decision.wish.streamId)
    return refuse('MERGE_INTO_ITSELF', { intoContactId: fromContactId })
  const before = decision.state.contact
  if (before.absorbed.includes(fromContactId)) return undefined
  const holds = lastWord(before, { optedOut, consentAt: consentAt ?? null })
  decision.record(
    {
      type: 'ContactAbsorbed',
      data: {
        fromContactId,
        optedOut: optedOut && holds.optedOut,
        consentAt: holds.consentAt ?? undefined,
        blocked,
        language,
        languageChosenAt,
        surveyConversationId: command.surveyConversationId,
        surveyUntil: command.surveyUntil,
      },
    },
    PROFILE,
  )
  if (before.optedOut && !holds.optedOut)
    decision.conclude({ type: 'ContactOptedIn', data: { via: 'merge', messageId: '' } })
  const { contact } = decision.state
  // Said by the event that says so at any other time: the pool and every reader go by it, and would offer it to who does not speak it.
  if (contact.language !== before.language)
    decision.conclude({
      type: 'ContactLanguageChosen',
      data: { language: contact.language, chosenBy: 'merge' },
    })
  if (contact.optedOut && optedOut) close(decision, 'opted_out')
  if (contact.blocked && blocked) close(decision, 'blocked')
  goOnWithPeople(decision, command)
  return undefined
}

/**
 * What people had under the other name, or what waited for them there, goes on with them: else whoever waited would be forgotten, and whoever
 * was being served would begin anew with the robot, because two names proved to be one.
 */
function goOnWithPeople(decision: Decision, command: CommandData<'AbsorbContact'>): void {
  const { contact, conversation } = decision.state
  const { channelAccountId, language, profileFrom, lastMessageAt } = contact
  if (command.peopleQueue === '' || !contact.registered || contact.optedOut || contact.blocked) return
  // Its end would be waited for by whoever waits for people.
  if (conversation.stage === 'ending') close(decision, conversation.reason)
  if (decision.state.conversation.stage === 'none') {
    const conversationId = decision.newConversationId()
    decision.conclude(
      conversations.event('ConversationOpened', {
        conversationId,
        channelAccountId,
        language,
        lastMessageAt: lastMessageAt ?? undefined,
        crossedCount: decision.state.conversation.crossed.length,
      }),
      // Whoever shows it before the customer wrote in it has no other word that tells whom it is with.
      profileFrom === '' ? [] : [{ from: profileFrom, name: 'profile' }],
      conversationId,
    )
  }
  takeFromRobot(decision, command)
  promiseToo(decision, command)
}

/** Under whichever name they were promised to be written to when the queue opens, they are; whoever reads this conversation sees it here. */
function promiseToo(decision: Decision, { waitSoFar }: CommandData<'AbsorbContact'>): void {
  const { conversation } = decision.state
  if (waitSoFar?.callsBack !== true || !('callsBack' in conversation) || conversation.callsBack) return
  const { id: conversationId } = conversation
  decision.conclude({ type: 'CallBackChosen', data: { conversationId, messageId: '' } })
}

type Consent = Pick<Contact, 'optedOut' | 'consentAt'>

/** What they said later, under whichever name; of two words at one time, the stop. A stop whose time is not known holds. */
const lastWord = (one: Consent, other: Consent): Consent => {
  const [at, otherAt] = [saidAt(one), saidAt(other)]
  return at > otherAt || (at === otherAt && one.optedOut) ? one : other
}

const saidAt = ({ optedOut, consentAt }: Consent): number =>
  consentAt === null ? (optedOut ? Infinity : -Infinity) : Date.parse(consentAt)

/** A wish for a contact that proved to be another one: the gateway says it again to that one. */
export function redirect(decision: Decision, intoContactId: string): void {
  const { wish } = decision
  decision.conclude(
    {
      type: 'CommandRedirected',
      data: { intoContactId, commandType: wish.type, command: wish.withoutWords() },
    },
    'all',
    '',
  )
}
