import { isQueueName } from '@parley/authoring/queue-name'
import {
  type ConversationCommand,
  type ConversationEvent,
  contentOf,
  conversations,
  messagesIn,
  sendableType,
  sessionIn,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { type NewCommand, causedBy, unreachable } from '@parley/kernel'
import { type Action, RespondRequest, type RespondResponse } from '@parley/proto/bot'
import type { BotAction } from '@parley/proto/commands'
import type { MessageBody } from '@parley/proto/content'
import { isLanguage } from '../flow/language.ts'
import { breaches } from '../flow/limits.ts'

/** A turn that the rules asked for. */
export type RequestedTurn = ReadEvent<Extract<ConversationEvent, { type: 'BotTurnRequested' }>>

export type TurnFailure =
  | 'FLOW_VERSION_GONE'
  | 'FLOW_STEP_GONE'
  | 'FLOW_LOOP'
  | 'RESPONDER_TIMEOUT'
  | 'RESPONDER_ERROR'
  | 'ANSWER_INVALID'

/** A turn whose deadline passed this long ago was given to people meanwhile: answering it would only be refused. */
const STALE_AFTER_MS = 60_000
const SESSION_LENGTH_MAX = 64_000
const ACTIONS_MAX = 30
const USED_MESSAGES_MAX = 500
const SHOWN_VALUES_MAX = 200
const LEARNT_VALUES_MAX = 100
const LEARNT_CHARACTERS_MAX = 1_000
const STEPS_MAX = 200
/** What robots name themselves, their flows and steps is a fact, kept for ever and counted: a name, and no sentence of a customer's. */
const NAME = /^[A-Za-z][A-Za-z0-9._:/-]{0,99}$/
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/=+-]{0,199}$/
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/

export function isStale({ data }: RequestedTurn, at: number | undefined): boolean {
  const deadline = Date.parse(data.deadlineAt ?? '')
  return at !== undefined && Number.isFinite(deadline) && at > deadline + STALE_AFTER_MS
}

/** @throws {UnreadableRecord} for words that are none */
export function respondRequest({ data, envelope }: RequestedTurn): RespondRequest {
  const messages = messagesIn(envelope.content)
  let next = 0
  return RespondRequest.fromPartial({
    conversationId: envelope.correlationId,
    turnId: envelope.eventId,
    turn: data.turn,
    language: data.language,
    session: sessionIn(envelope.content),
    inputs: data.inputs.map((input) => ({
      ...input,
      message: input.change === 'deleted' ? undefined : messages[next++],
    })),
    at: envelope.recordedAt,
    flow: data.flow,
    step: data.step,
    mayAct: data.mayAct,
  })
}

export function completeTurn(
  turn: RequestedTurn,
  response: RespondResponse,
  now: Date,
): NewCommand<ConversationCommand> {
  const { responder, flow, flowVersion, session } = response
  const { actions, messages } = factsAndWords(response.actions)
  return {
    ...conversations.command('CompleteBotTurn', {
      turn: turn.data.turn,
      responder,
      flow,
      flowVersion,
      actions,
      sessionCharacters: session.length,
      sensitiveMessageIds: ofInputs(turn, response.sensitiveMessageIds),
      partlySensitiveMessageIds: ofInputs(turn, response.partlySensitiveMessageIds),
      usedMessageIds: response.usedMessageIds,
      asksSensitive: response.asksSensitive,
      shownValues: response.shownValues.length,
      learntValues: response.learnt.length,
      steps: response.steps,
      holdsBack: response.holdsBack,
      canBeTakenBack: response.canBeTakenBack,
    }),
    ...wish(turn, now),
    actor: { kind: 'bot', id: responder === '' ? 'unnamed' : responder },
    content: contentOf({ messages, session, shown: response.shownValues, learnt: response.learnt }),
  }
}

/** A robot speaks of what it was given, and of nothing else. */
function ofInputs({ data }: RequestedTurn, messageIds: readonly string[]): string[] {
  return messageIds.filter((id) => data.inputs.some(({ messageId }) => messageId === id))
}

export function failTurn(turn: RequestedTurn, code: TurnFailure, now: Date): NewCommand<ConversationCommand> {
  return {
    ...conversations.command('FailBotTurn', { turn: turn.data.turn, code }),
    ...wish(turn, now),
    actor: { kind: 'bot', id: 'turns' },
  }
}

/** A turn that is answered again after a crash is the same wish. */
function wish(turn: RequestedTurn, now: Date) {
  const { streamId, correlationId } = turn.envelope
  return causedBy(turn, 'turn', { streamId, occurredAt: now.toISOString(), correlationId })
}

/** What a robot answered, for rules that read no words: each action names its message by its place among them. */
function factsAndWords(answered: readonly Action[]): {
  readonly actions: readonly BotAction[]
  readonly messages: readonly MessageBody[]
} {
  const messages: MessageBody[] = []
  const placeOf = (message: MessageBody): number => messages.push(message) - 1
  const actions = answered.map(({ action }): BotAction => {
    switch (action?.$case) {
      case 'say': {
        const message = action.value.message ?? { body: undefined }
        return {
          action: {
            $case: 'say',
            value: { message: placeOf(message), type: sendableType(message) ?? '' },
          },
        }
      }
      case 'end': {
        const { sendsLink, linkButton } = action.value
        return {
          action: {
            $case: 'end',
            value: { sendsLink, ...(linkButton === undefined ? {} : { message: placeOf(linkButton) }) },
          },
        }
      }
      case 'handOver':
      case 'chooseLanguage':
      case undefined:
        return { action }
      default:
        return unreachable(action)
    }
  })
  return { actions, messages }
}

/** Why an answer cannot be taken: of any robot, ours or another. Undefined: it can. */
export function whatIsWrongWith(response: RespondResponse): string | undefined {
  if (response.session.length > SESSION_LENGTH_MAX)
    return `the session has more than ${SESSION_LENGTH_MAX} characters`
  if (response.actions.length > ACTIONS_MAX) return `more than ${ACTIONS_MAX} actions in one turn`
  if (response.usedMessageIds.length > USED_MESSAGES_MAX)
    return `more than ${USED_MESSAGES_MAX} messages were used`
  if (!response.usedMessageIds.every((id) => ID.test(id))) return 'a used message is named by no id'
  if (response.shownValues.length > SHOWN_VALUES_MAX) return `more than ${SHOWN_VALUES_MAX} values are shown`
  if (response.learnt.length > LEARNT_VALUES_MAX) return `more than ${LEARNT_VALUES_MAX} values are learnt`
  if (response.learnt.some(({ name, value }) => name.length + value.length > LEARNT_CHARACTERS_MAX))
    return `a learnt value has more than ${LEARNT_CHARACTERS_MAX} characters`
  if (response.steps.length > STEPS_MAX) return `more than ${STEPS_MAX} steps in one turn`
  if (!response.steps.every((step) => NAME.test(step))) return 'a step has no name as names are written'
  const { responder, flow, flowVersion } = response
  if (responder !== '' && !NAME.test(responder)) return 'the responder has no name as names are written'
  if (flow !== '' && !NAME.test(flow)) return 'the flow has no name as names are written'
  if (flowVersion !== '' && !VERSION.test(flowVersion))
    return 'the version of the flow is not written as versions are'
  for (const [index, action] of response.actions.entries()) {
    const wrong = wrongAction(action, index === response.actions.length - 1)
    if (wrong !== undefined) return `action ${index + 1}: ${wrong}`
  }
  return undefined
}

function wrongAction({ action }: Action, isLast: boolean): string | undefined {
  switch (action?.$case) {
    case 'say': {
      const { message } = action.value
      return message ? breaches(message)[0]?.what : 'nothing is said'
    }
    case 'chooseLanguage':
      return isLanguage(action.value.language) ? undefined : 'it names no language that there are texts for'
    case 'handOver': {
      const { queue } = action.value
      if (queue !== '' && !isQueueName(queue)) return 'it names what no queue can be called'
      return isLast ? undefined : 'nothing may follow a hand-over'
    }
    case 'end': {
      if (!isLast) return 'nothing may follow the end'
      const { sendsLink, linkButton } = action.value
      if (linkButton === undefined) return undefined
      if (!sendsLink) return 'it has words for a link, and sends none'
      const { body } = linkButton
      if (body?.$case !== 'linkButton') return 'the last message is no link button'
      return breaches({
        body: { $case: 'linkButton', value: { ...body.value, url: 'https://example.com' } },
      })[0]?.what
    }
    default:
      return 'it is of a kind that the bot does not know'
  }
}
