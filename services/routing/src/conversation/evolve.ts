import type { ConversationEvent, EventData } from '@parley/conversation'
import { unreachable } from '@parley/kernel'
import { evolveHandling, isHandlingFact, isWithPeople } from './handled.ts'
import { evolveOurMessages, isOurMessagesFact } from './our-messages.ts'
import { UNTOLD } from './people-stages.ts'
import { turnsSent } from './seen.ts'
import { justAsked, lastAsked } from './survey-stages.ts'
import {
  ALIASES_MAX,
  LISTENING,
  EARLY_CHANGES_MAX,
  type Contact,
  type ContactState,
  type Conversation,
  type EarlyChange,
  type RememberedMessage,
  type WaitingInput,
  earlyChangeOf,
  isOutdated,
  messageByProviderId,
  openConversationId,
  remembering,
  stillEarly,
  withRobot,
} from './state.ts'
import { customerTime, later } from './window.ts'
import { viewed } from './views.ts'

/** An event as far as these rules look at it. */
export type ConversationFact = ConversationEvent & {
  readonly eventId: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly correlationId: string
}

export function evolve(state: ContactState, fact: ConversationFact): ContactState {
  if (isHandlingFact(fact)) return evolveHandling(state, fact)
  if (isOurMessagesFact(fact)) return evolveOurMessages(state, fact)
  switch (fact.type) {
    case 'ContactRegistered': {
      const { channelAccountId, language, profileDigest } = fact.data
      const contact = withProfile(state.contact, profileDigest, fact.eventId)
      return { ...state, contact: { ...contact, registered: true, channelAccountId, language } }
    }
    case 'ContactAliasesAdded':
      return { ...state, contact: withProfile(state.contact, fact.data.profileDigest, fact.eventId) }
    // The names that were known had the number among them: should it come back, that is news.
    case 'ContactNumberReleased':
      return { ...state, contact: { ...state.contact, profileDigests: [] } }
    case 'ContactMerged':
      return { ...state, conversation: { stage: 'merged', into: fact.data.intoContactId }, earlyChanges: [] }
    case 'ContactAbsorbed': {
      const {
        fromContactId,
        optedOut,
        consentAt = null,
        blocked,
        language,
        languageChosenAt = null,
        surveyConversationId,
        surveyUntil,
      } = fact.data
      const { contact } = state
      const waiting = surveyUntil === undefined ? null : justAsked(surveyConversationId, surveyUntil)
      const isChosenLater =
        languageChosenAt !== null && later(contact.languageChosenAt, languageChosenAt) === languageChosenAt
      return {
        ...state,
        contact: {
          ...contact,
          profileFrom: contact.profileFrom || fact.eventId,
          optedOut: contact.optedOut || optedOut,
          consentAt,
          // Whoever said stop under the other name was told under that name.
          startTold: optedOut && !contact.optedOut ? fromContactId : contact.startTold,
          blocked: contact.blocked || blocked,
          ...(isChosenLater ? { language, languageChosenAt } : {}),
          absorbed: withNewest(contact.absorbed, fromContactId),
          surveyElsewhere: lastAsked(contact.surveyElsewhere, waiting),
        },
      }
    }
    case 'ContactLanguageChosen': {
      const { language, chosenBy } = fact.data
      // They chose it under the other name, at the time that came with it.
      const languageChosenAt = chosenBy === 'merge' ? state.contact.languageChosenAt : fact.recordedAt
      return { ...state, contact: { ...state.contact, language, languageChosenAt } }
    }
    case 'ContactOptedOut':
      return { ...state, contact: { ...state.contact, optedOut: true, startTold: '' } }
    case 'ContactOptedIn':
      return { ...state, contact: { ...state.contact, optedOut: false, startTold: '' } }
    case 'ContactBlocked':
      return { ...state, contact: { ...state.contact, blocked: true } }
    case 'ContactUnblocked':
      return { ...state, contact: { ...state.contact, blocked: false } }

    case 'ConversationOpened':
      return {
        ...state,
        conversation: {
          stage: 'with_robot',
          id: fact.data.conversationId,
          robot: LISTENING,
          inputs: state.conversation.stage === 'none' ? state.conversation.crossed : [],
          turns: 0,
          answered: 0,
          sessionFrom: '',
          silenceReference: fact.eventId,
          revision: 0,
          wait: UNTOLD,
          isLeftToApp: false,
          asksSensitive: false,
          goesOnAt: null,
        },
      }
    case 'AppMessageSent':
      return writtenInApp(state, fact)
    case 'RobotResumed':
      return withRobot({ ...state, contact: { ...state.contact, robotSilence: null } }, (conversation) => ({
        ...conversation,
        silenceReference: fact.eventId,
      }))
    case 'MessageReceived': {
      const { messageId, providerMessageId, type, isNote, characters, isSurveyAnswer } = fact.data
      const messages = remembering(state.messages, {
        by: 'customer',
        id: messageId,
        providerMessageId,
        conversationId: fact.correlationId,
        isUsed: false,
        changed: null,
      })
      const earlyChanges = stillEarly(state.earlyChanges, fact.recordedAt)
      if (isNote) return { ...state, messages, earlyChanges }
      const at = customerTime(fact.occurredAt, fact.recordedAt)
      const contact = {
        ...withConsent(state.contact, fact.data.consent, at),
        lastMessageAt: later(state.contact.lastMessageAt, at),
      }
      if (isSurveyAnswer) return { ...state, contact, messages, earlyChanges }
      const { replyToProviderMessageId: replyTo, perhapsSensitive, isCourtesy, consent } = fact.data
      const listened = heard(state, consent, {
        messageId,
        providerMessageId,
        type,
        change: '',
        words: fact.eventId,
        characters,
        at,
        replyTo,
        isPerhapsSensitive: perhapsSensitive,
        isCourtesy,
      })
      return {
        ...state,
        contact,
        conversation:
          listened.stage === 'with_robot' ? { ...listened, silenceReference: fact.eventId } : listened,
        messages,
        earlyChanges,
      }
    }
    case 'MessageEdited': {
      const { characters, hasMessage, consent, isOutdated: isLate } = fact.data
      const at = customerTime(fact.occurredAt, fact.recordedAt)
      const heardOf = { ...state, contact: withConsent(state.contact, consent, at) }
      if (!hasMessage || isLate) return heardOf
      const edited = { change: 'edited', words: fact.eventId, characters } as const
      // A stop is no input of the robot's, but what the message says now all the same.
      if (consent === 'stop') return marked(heardOf, fact, edited)
      return changed(heardOf, fact, edited)
    }
    case 'MessageRevoked':
      return changed(state, fact, { change: 'deleted', words: '', characters: 0 })

    case 'PrivacyNoticeShown': {
      const { noticeVersion, messageId } = fact.data
      const { contact, conversation } = state
      return {
        ...state,
        contact: { ...contact, shownNotice: { version: noticeVersion, messageId } },
        conversation:
          conversation.stage === 'with_robot' && conversation.robot.step === 'awaiting_notice'
            ? { ...conversation, robot: LISTENING }
            : conversation,
      }
    }

    case 'BotTurnRequested': {
      const { turn, mayAct } = fact.data
      return withRobot(state, (conversation) => ({
        ...conversation,
        robot: {
          step: 'answering',
          turn,
          requestId: fact.eventId,
          inputs: conversation.inputs,
          goesOnAt: conversation.goesOnAt,
          mayAct,
        },
        inputs: [],
        turns: turn,
        goesOnAt: null,
      }))
    }
    case 'BotTurnCompleted': {
      const { turn: answered, responder, usedMessageIds, asksSensitive } = fact.data
      const isUsed = (id: string) => usedMessageIds.includes(id)
      // A note of the channel is in no conversation, and nothing is done with it.
      const isOfThis = ({ conversationId }: RememberedMessage) => conversationId === fact.correlationId
      const used = withRobot(state, (conversation) => ({
        ...conversation,
        answered,
        robot: { ...LISTENING, responder, isDone: usedMessageIds.length > 0 },
        // It came too late, which the customer is told; the robot has no more use for it.
        inputs: conversation.inputs.filter(({ change, messageId }) => change === '' || !isUsed(messageId)),
        sessionFrom: fact.eventId,
        silenceReference: fact.eventId,
        asksSensitive,
      }))
      return usedMessageIds.length === 0
        ? used
        : {
            ...used,
            messages: used.messages.map((message) =>
              message.by === 'customer' && isUsed(message.id) && isOfThis(message)
                ? { ...message, isUsed: true }
                : message,
            ),
          }
    }
    case 'BotTurnFailed': {
      const { reason } = fact.data
      return withRobot(state, (conversation) => {
        const { robot } = conversation
        const isTakenBack = reason === 'overtaken' || reason === 'held_back'
        if (!isTakenBack || robot.step !== 'answering') return { ...conversation, robot: LISTENING }
        const inputs = takenBack(robot.inputs, conversation.inputs)
        const { goesOnAt } = robot
        // Where all of it was deleted, the next turn is about something else.
        const isAskedAgain = inputs.some(({ change }) => change !== 'deleted') || goesOnAt !== null
        const isHeldBack = reason === 'held_back' && isAskedAgain
        return { ...conversation, robot: { ...LISTENING, isHeldBack }, inputs, goesOnAt }
      })
    }
    case 'HandoverRequested': {
      const { queue, revision, waitSoFar } = fact.data
      const { since = fact.recordedAt, toldAt, toldOpensAt = null } = waitSoFar ?? {}
      const { isAtHead = false, isSilent = false } = waitSoFar ?? {}
      return withRobot(state, ({ id, turns, wait }) => ({
        stage: 'waiting',
        id,
        queue,
        wait:
          toldAt !== undefined && later(wait.toldAt, toldAt) === toldAt
            ? { ...UNTOLD, opensAt: toldOpensAt, toldAt, toldOpensAt }
            : wait,
        since,
        isAtHead,
        callsBack: false,
        isSilent,
        revision,
        turns,
      }))
    }
    case 'ConversationEnding': {
      const { reason, sendsLink, revision } = fact.data
      const { conversation } = state
      if (conversation.stage !== 'with_robot' && !isWithPeople(conversation)) return state
      return {
        ...state,
        conversation: {
          stage: 'ending',
          id: conversation.id,
          reason,
          reference: fact.eventId,
          awaits: sendsLink ? { what: 'link', words: fact.eventId } : { what: 'messages_sent' },
          revision,
          isAgents: conversation.stage === 'with_agent' || conversation.stage === 'parked',
          isDone:
            conversation.stage === 'with_robot' &&
            conversation.robot.step === 'listening' &&
            conversation.robot.isDone,
          crossed: crossing(conversation),
        },
      }
    }
    case 'ConversationClosed': {
      const { contact, conversation } = state
      if (openConversationId(conversation) !== fact.data.conversationId || conversation.stage === 'merged')
        return state
      return {
        ...state,
        contact: { ...contact, lastAgent: endedBy(contact, conversation, fact) },
        conversation: {
          stage: 'none',
          last: { id: fact.data.conversationId, closedAt: fact.recordedAt },
          crossed: contact.optedOut || contact.blocked ? [] : crossing(conversation),
        },
      }
    }

    case 'SurveyDue': {
      const { conversationId, reason } = fact.data
      return withSurvey(state, { step: 'due', conversationId, reason })
    }
    case 'SurveyAsked': {
      const { conversationId, until = fact.recordedAt } = fact.data
      return withSurvey(state, justAsked(conversationId, until))
    }
    case 'SurveyAnswered': {
      const { survey } = state.contact
      return survey?.step === 'asked' ? withSurvey(state, { ...survey, score: fact.data.score }) : state
    }
    case 'SurveyReasonGiven': {
      const { survey } = state.contact
      return survey?.step === 'asked' ? withSurvey(state, { ...survey, hasReason: true }) : state
    }

    case 'SurveyAnswerPassedOn': {
      const { contact } = state
      const { conversationId, score } = fact.data
      const { surveyElsewhere: elsewhere } = contact
      if (elsewhere?.conversationId !== conversationId || elsewhere.score !== 0) return state
      return { ...state, contact: { ...contact, surveyElsewhere: { ...elsewhere, score } } }
    }

    case 'MarketingPreferenceChanged':
    case 'MergeTurnedAround':
    case 'CommandRedirected':
    case 'MessageReacted':
    case 'MediaStored':
    case 'MediaUnavailable':
    case 'TranscriptLinkIssued':
    case 'TranscriptLinkRevoked':
      return state
    case 'TranscriptViewed':
      return viewed(state, fact)
    default:
      return unreachable(fact)
  }
}

function withSurvey(state: ContactState, survey: Contact['survey']): ContactState {
  return { ...state, contact: { ...state.contact, survey } }
}

/** What the customer, the company or the contact's other name ended is not taken up again. */
function endedBy(
  { lastAgent }: Contact,
  conversation: Conversation,
  { data, recordedAt }: { readonly data: EventData<'ConversationClosed'>; readonly recordedAt: string },
): Contact['lastAgent'] {
  if (lastAgent?.conversationId !== data.conversationId) return lastAgent
  if (['opted_out', 'blocked', 'merged'].includes(data.reason)) return lastAgent
  const { stage } = conversation
  const isAgents =
    stage === 'with_agent' || stage === 'parked' || (stage === 'ending' && conversation.isAgents)
  return isAgents ? { ...lastAgent, endedAt: recordedAt } : lastAgent
}

/** With what a turn was given that runs: its answer comes too late. Not where it may have acted on it: it would act twice. */
export function unanswered(conversation: Conversation): readonly WaitingInput[] {
  if (conversation.stage !== 'with_robot') return crossing(conversation)
  const { robot, inputs } = conversation
  const given = robot.step === 'answering' && !robot.mayAct ? robot.inputs : []
  return crossing({ ...conversation, inputs: takenBack(given, inputs) })
}

/**
 * What nobody answered when a conversation ends: thanks want no answer, and a change has nothing left to change. What may be sensitive is
 * masked in the conversation that asked for it, so its words are not repeated in another one.
 */
function crossing(conversation: Conversation): readonly WaitingInput[] {
  if (conversation.stage === 'ending') return conversation.crossed
  if (conversation.stage !== 'with_robot') return []
  return conversation.inputs
    .filter(
      ({ change, isCourtesy, isPerhapsSensitive }) => change === '' && !isCourtesy && !isPerhapsSensitive,
    )
    .map((input) => ({ ...input, askedTurn: 0, sentTurn: 0 }))
}

/**
 * Whom nothing may be sent has no input for the robot either: it is on record, and that is all. Nor is a stop one: it ends the conversation, or
 * what was said since ended it.
 */
function heard(
  state: ContactState,
  consent: string,
  input: Omit<WaitingInput, 'askedTurn' | 'sentTurn'>,
): Conversation {
  const { contact, conversation } = state
  if (contact.optedOut || contact.blocked || consent === 'stop') return conversation
  if (conversation.stage === 'ending' && !input.isCourtesy)
    return { ...conversation, crossed: [...conversation.crossed, { ...input, askedTurn: 0, sentTurn: 0 }] }
  if ('isSilent' in conversation) return { ...conversation, isSilent: false }
  if (conversation.stage !== 'with_robot') return conversation
  const askedTurn = conversation.answered
  const sentTurn = turnsSent(state, conversation)
  return { ...conversation, inputs: [...conversation.inputs, { ...input, askedTurn, sentTurn }] }
}

type ChangeFact = Pick<ConversationFact, 'occurredAt' | 'recordedAt'> & {
  readonly data: {
    readonly targetMessageId: string
    readonly targetProviderMessageId: string
    readonly providerMessageId: string
    readonly consent?: string
  }
}
type Change = Pick<EarlyChange, 'change' | 'words' | 'characters'>

/**
 * What is known of the message once it was changed: its last change, or a change that waits for the message. By the channel's clock alone: bounded
 * by ours, as other times of the customer's are, of two changes that came in the wrong order each would have the time at which it came.
 */
function marked(state: ContactState, fact: ChangeFact, change: Change): ContactState {
  const { targetProviderMessageId: target } = fact.data
  const at = fact.occurredAt
  const message = messageByProviderId(state, target)
  if (message === undefined) return withEarlyChange(state, fact, change)
  if (message.by !== 'customer' || isOutdated(message.changed, change.change, at)) return state
  const known = { ...message, changed: { change: change.change, at } }
  return {
    ...state,
    messages: state.messages.map((one) => (one === message ? known : one)),
    earlyChanges: state.earlyChanges.filter((early) => early.target !== target),
  }
}

/**
 * The channel keeps no order, and a message that was not taken comes again later: what was changed of one that is not known is kept until it
 * comes, or a customer's correction would be lost, and what they deleted used.
 */
function withEarlyChange(state: ContactState, fact: ChangeFact, change: Change): ContactState {
  const { targetProviderMessageId: target, providerMessageId, consent = '' } = fact.data
  const { recordedAt, occurredAt: at } = fact
  const known = earlyChangeOf(state, target, recordedAt)
  if (target === '' || isOutdated(known, change.change, at)) return state
  const others = stillEarly(state.earlyChanges, recordedAt).filter((one) => one.target !== target)
  const early = { target, providerMessageId, ...change, consent, at, recordedAt }
  return { ...state, earlyChanges: [...others, early].slice(-EARLY_CHANGES_MAX) }
}

/** A change of what still waits changes that; a change of what a turn was given is an input of its own. */
function changed(before: ContactState, fact: ChangeFact, change: Change): ContactState {
  const state = marked(before, fact, change)
  // Outdated, or of a message that is not known.
  if (state === before || state.messages === before.messages) return state
  const { conversation } = state
  const { targetProviderMessageId: target } = fact.data
  const isTarget = ({ providerMessageId }: WaitingInput) => providerMessageId === target
  const at = customerTime(fact.occurredAt, fact.recordedAt)
  const asChanged = (inputs: readonly WaitingInput[]) => withChange(inputs, target, { ...change, at })
  if (conversation.stage === 'ending')
    return { ...state, conversation: { ...conversation, crossed: asChanged(conversation.crossed) } }
  if (conversation.stage !== 'with_robot') return state
  if (conversation.inputs.some(isTarget))
    return { ...state, conversation: { ...conversation, inputs: asChanged(conversation.inputs) } }
  const message = messageByProviderId(state, target)
  if (message?.by !== 'customer' || message.isUsed || message.conversationId !== conversation.id) return state
  const { id: messageId, providerMessageId } = message
  return {
    ...state,
    conversation: heard(state, '', {
      messageId,
      providerMessageId,
      type: '',
      ...change,
      at,
      replyTo: '',
      isPerhapsSensitive: false,
      isCourtesy: false,
    }),
  }
}

/** Inputs among which one message was edited or deleted. */
function withChange(
  inputs: readonly WaitingInput[],
  target: string,
  { at, ...change }: Pick<WaitingInput, 'change' | 'words' | 'characters' | 'at'>,
): readonly WaitingInput[] {
  return inputs.flatMap((input) => {
    if (input.providerMessageId !== target) return [input]
    if (input.change !== '') return [{ ...input, ...change, at }]
    return change.change === 'deleted' ? [] : [{ ...input, ...change, change: input.change }]
  })
}

/**
 * What a turn was given waits again, as it was changed meanwhile, and what came since behind it. What was deleted stays, as a deletion: the turn
 * that is asked with it sets the deadline of silence anew, and one that came due in the turn before would never close the conversation.
 */
function takenBack(given: readonly WaitingInput[], since: readonly WaitingInput[]): readonly WaitingInput[] {
  return since.reduce((inputs, input) => {
    const { change, words, characters, at, providerMessageId } = input
    const isOfThis = (one: WaitingInput) => change !== '' && one.providerMessageId === providerMessageId
    if (!given.some(isOfThis)) return [...inputs, input]
    const asChanged = (one: WaitingInput) => (change === 'deleted' || one.change !== '' ? change : '')
    return inputs.map((one) =>
      isOfThis(one) ? { ...one, words, characters, at, change: asChanged(one) } : one,
    )
  }, given)
}

/**
 * What the customer wrote before is answered by whoever writes there, and what the robot asked is answered by nobody any more: once it may
 * speak again it begins anew.
 */
function writtenInApp(
  state: ContactState,
  fact: {
    readonly eventId: string
    readonly correlationId: string
    readonly data: EventData<'AppMessageSent'>
  },
): ContactState {
  const { messageId: id, providerMessageId, robotSilentUntil } = fact.data
  const messages = remembering(state.messages, {
    by: 'app',
    id,
    providerMessageId,
    conversationId: fact.correlationId,
    status: 'sent',
  })
  if (robotSilentUntil === undefined) return { ...state, messages }
  const robotSilence = { until: robotSilentUntil, reference: fact.eventId }
  return withRobot({ ...state, messages, contact: { ...state.contact, robotSilence } }, (conversation) => ({
    ...conversation,
    robot: conversation.robot.step === 'awaiting_notice' ? conversation.robot : LISTENING,
    inputs: [],
    sessionFrom: '',
    silenceReference: fact.eventId,
    isLeftToApp: true,
    asksSensitive: false,
    goesOnAt: null,
  }))
}

function withConsent(contact: Contact, consent: string, at: string): Contact {
  return consent === '' ? contact : { ...contact, consentAt: later(contact.consentAt, at) }
}

function withProfile(contact: Contact, digest: string, eventId: string): Contact {
  if (digest === '') return contact
  return {
    ...contact,
    profileDigests: withNewest(contact.profileDigests, digest),
    profileFrom: eventId,
  }
}

function withNewest(known: readonly string[], one: string): readonly string[] {
  return known.includes(one) ? known : [...known, one].slice(-ALIASES_MAX)
}
