import { type CommandData, conversations } from '@parley/conversation'
import { COMMAND } from '@parley/kernel'
import { companyText, languageOf } from './company-words.ts'
import { observe } from './contact.ts'
import type { Decision } from './decision.ts'
import { close } from './ending.ts'
import { customerWrote, takenUpAgain } from './handling.ts'
import {
  type EarlyChange,
  asksSensitive,
  earlyChangeOf,
  isOutdated,
  isRobotSilent,
  messageByProviderId,
  openConversationId,
} from './state.ts'
import { answerSurvey, judgedBy } from './survey.ts'
import { handOver, letRobotGoOn, tellTooLate } from './turns.ts'
import { heardWhileWaiting } from './waiting.ts'
import { after, customerTime } from './window.ts'

const AFTERWORD_MILLISECONDS = 10 * 60 * 1000

export function receiveMessage(decision: Decision, command: CommandData<'ReceiveMessage'>): void {
  const { channelAccountId, isNote } = command
  if (messageByProviderId(decision.state, command.providerMessageId)?.by === 'customer') return

  const { contact, conversation: before } = decision.state
  const open = openConversationId(before)
  const consent = consentIn(decision, command)
  const early = isNote ? undefined : earlyChangeOf(decision.state, command.providerMessageId, decision.at)
  // It was edited into a stop before it came, and that was heard: a conversation of its own would stay open, and nothing be said in it.
  const isStopped = early?.consent === 'stop' && contact.optedOut
  // Another start, where no stop holds, is an ordinary word, however late.
  const isOver =
    isStopped || (command.consent !== consent && (command.consent === 'stop' || contact.optedOut))
  const last = before.stage === 'none' ? before.last?.id : undefined
  const ended = isOver ? last : command.isCourtesy ? endedJustNow(decision) : undefined
  const judged = isNote || isOver || command.consent !== '' ? undefined : judgedBy(decision, command)
  const opens = open === '' && !isNote && ended === undefined && judged === undefined
  const conversationId = opens ? decision.newConversationId() : (judged?.standsIn ?? ended ?? open)
  observe(decision, channelAccountId, command.observed, conversationId)
  if (opens) openConversation(decision, channelAccountId, conversationId)

  const messageId = decision.newMessageId()
  // Before the message, so that the message itself is an input again.
  if (consent === 'start') optIn(decision, command.consentVia, messageId)
  const isSurveyAnswer = judged !== undefined
  const countsSilence =
    !isNote &&
    !isSurveyAnswer &&
    decision.state.conversation.stage === 'with_robot' &&
    !isRobotSilent(decision.state, decision.at)
  decision.record(
    {
      type: 'MessageReceived',
      data: {
        messageId,
        providerMessageId: command.providerMessageId,
        type: command.type,
        replyToProviderMessageId: command.replyToProviderMessageId,
        forwarded: command.forwarded,
        frequentlyForwarded: command.frequentlyForwarded,
        isNote,
        characters: command.characters,
        perhapsSensitive: !isNote && !isSurveyAnswer && asksSensitive(decision.state.conversation),
        isSurveyAnswer,
        isCourtesy: command.isCourtesy,
        consent: command.consent,
        silenceDeadlineAt: countsSilence
          ? after(decision.at, decision.policy.silenceTimeoutSeconds)
          : undefined,
      },
    },
    'all',
    conversationId,
  )
  if (isNote) return
  if (early !== undefined) tellAgain(decision, early, messageId, conversationId)
  if (consent === 'stop' || isStopped) return optOut(decision, command.consentVia, messageId, conversationId)
  tellHowToStart(decision, conversationId)
  if (isOver) return
  if (judged !== undefined) return answerSurvey(decision, command, messageId, judged)
  const { conversation } = decision.state
  if (!command.isCourtesy && conversation.stage === 'ending' && conversation.isDone)
    tellTooLate(decision, conversationId)
  letRobotGoOn(decision)
  // What the chat shows by now is something else.
  if (early === undefined) heardWhileWaiting(decision, command, messageId, before)
  customerWrote(decision)
}

/** A change that came before its message is told behind it, with the message's id: whoever reads the log reads them in their order. */
function tellAgain(decision: Decision, early: EarlyChange, targetMessageId: string, conversationId: string) {
  const { change, words, characters, consent, providerMessageId, target, at } = early
  const data = { targetMessageId, targetProviderMessageId: target, providerMessageId }
  decision.record(
    change === 'deleted'
      ? { type: 'MessageRevoked', data }
      : {
          type: 'MessageEdited',
          data: { ...data, hasMessage: true, characters, consent, isOutdated: false },
        },
    words === '' ? [] : [{ from: words, name: 'message' }],
    conversationId,
    at,
  )
}

export function editMessage(decision: Decision, command: CommandData<'EditMessage'>): void {
  const { target, conversationId, isUsed, changed } = targetOf(decision, command)
  const { hasMessage, characters } = command
  const isLate = isOutdated(changed, 'edited', decision.wish.occurredAt)
  // Heard under the other name already: what holds of it comes with the contact.
  const consent = command.consentVia === 'merge' ? '' : consentIn(decision, command)
  // What stands in the chat now says stop or start; whoever reads it there expects that it was heard.
  if (consent === 'start') optIn(decision, command.consentVia, target.targetMessageId)
  decision.record(
    {
      type: 'MessageEdited',
      data: { ...target, hasMessage, characters, consent: command.consent, isOutdated: isLate },
    },
    'all',
    conversationId,
  )
  if (consent === 'stop') return optOut(decision, command.consentVia, target.targetMessageId, conversationId)
  if (isLate) return
  if (isUsed) tellTooLate(decision, conversationId)
  else letRobotGoOn(decision)
}

export function revokeMessage(decision: Decision, command: CommandData<'RevokeMessage'>): void {
  const { target, conversationId, isUsed } = targetOf(decision, command)
  decision.record({ type: 'MessageRevoked', data: target }, 'all', conversationId)
  if (isUsed) tellTooLate(decision, conversationId)
  else letRobotGoOn(decision)
}

export function reactToMessage(decision: Decision, command: CommandData<'ReactToMessage'>): void {
  const { target, conversationId } = targetOf(decision, command)
  decision.record({ type: 'MessageReacted', data: target }, 'all', conversationId)
}

/** The message meant, if it is still remembered; what is said about an older one, or a note that is in no conversation, is on record all the same. */
function targetOf(
  decision: Decision,
  command: CommandData<'EditMessage'> | CommandData<'RevokeMessage'> | CommandData<'ReactToMessage'>,
) {
  const { providerMessageId, targetProviderMessageId } = command
  const message = messageByProviderId(decision.state, targetProviderMessageId)
  const changed =
    message?.by === 'customer'
      ? message.changed
      : earlyChangeOf(decision.state, targetProviderMessageId, decision.at)
  const conversationId = message?.conversationId || openConversationId(decision.state.conversation)
  // Of a contact that became another one nothing new is known.
  if (decision.state.conversation.stage !== 'merged')
    observe(decision, command.channelAccountId, command.observed, conversationId)
  return {
    target: { targetMessageId: message?.id ?? '', targetProviderMessageId, providerMessageId },
    conversationId,
    isUsed: message?.by === 'customer' && message.isUsed,
    changed,
  }
}

/** Thanks for what just ended belong to it: nobody wants a menu for them. */
function endedJustNow({ state, at }: Decision): string | undefined {
  if (state.conversation.stage !== 'none' || state.conversation.last === null) return undefined
  const { id, closedAt } = state.conversation.last
  return Date.parse(at) - Date.parse(closedAt) <= AFTERWORD_MILLISECONDS ? id : undefined
}

export function openConversation(decision: Decision, channelAccountId: string, conversationId: string): void {
  const { taken, opened } = opening(decision, channelAccountId, conversationId)
  decision.record(opened, [{ from: COMMAND, name: 'referral' }], conversationId)
  if (taken !== undefined) handOver(decision, 'reopened', taken.queue)
}

/** What crossed the end of a conversation is on record there, and answered in the next one. */
export function hearWhatCrossed(decision: Decision): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'none' || conversation.crossed.length === 0) return
  if (!decision.events.some(({ type }) => type === 'ConversationClosed')) return
  const conversationId = decision.newConversationId()
  const { taken, opened } = opening(decision, contact.channelAccountId, conversationId)
  const { profileFrom } = contact
  // No message of theirs stands in it that would tell whom it is with.
  decision.conclude(
    opened,
    profileFrom === '' ? [] : [{ from: profileFrom, name: 'profile' }],
    conversationId,
  )
  if (taken !== undefined) handOver(decision, 'reopened', taken.queue)
  letRobotGoOn(decision)
}

function opening(decision: Decision, channelAccountId: string, conversationId: string) {
  const { contact, conversation } = decision.state
  const { language, lastMessageAt } = contact
  const taken = takenUpAgain(decision)
  const opened = conversations.event('ConversationOpened', {
    conversationId,
    channelAccountId,
    language,
    continuesConversationId: taken?.conversationId ?? '',
    begunByAgentId: '',
    lastMessageAt: lastMessageAt ?? undefined,
    crossedCount: conversation.stage === 'none' ? conversation.crossed.length : 0,
  })
  return { taken, opened }
}

/** Stop or start, unless they said otherwise since: webhooks may be days late. Within one second of the channel's clock the one that came last holds. */
function consentIn({ state, wish, at }: Decision, { consent }: { readonly consent: string }): string {
  const { consentAt } = state.contact
  const isLate = consentAt !== null && Date.parse(customerTime(wish.occurredAt, at)) < Date.parse(consentAt)
  return isLate ? '' : consent
}

function optOut(decision: Decision, via: string, messageId: string, conversationId: string): void {
  if (!decision.state.contact.optedOut) decision.record({ type: 'ContactOptedOut', data: { via, messageId } })
  tellHowToStart(decision, conversationId)
  close(decision, 'opted_out')
}

/**
 * Once for each stop: whoever was told and writes something else all the same is met with silence, as they wished. It is said where the words
 * stand that it answers, be that conversation ended; in the last one when nobody knows: what is in none is in no transcript.
 */
function tellHowToStart(decision: Decision, conversationId: string): void {
  const { contact, conversation } = decision.state
  if (!contact.optedOut || contact.startTold !== '' || contact.blocked) return
  const text = decision.policy.stopNotice[languageOf(decision.state.contact)]
  const last = conversation.stage === 'none' ? (conversation.last?.id ?? '') : ''
  const saidIn = conversationId || last
  // Where there never was one, it is said with their next message.
  if (saidIn === '') return
  decision.send('stop_notice', companyText(text), { conversationId: saidIn })
}

function optIn(decision: Decision, via: string, messageId: string): void {
  if (decision.state.contact.optedOut) decision.record({ type: 'ContactOptedIn', data: { via, messageId } })
}
