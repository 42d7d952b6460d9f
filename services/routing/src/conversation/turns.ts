import { type CommandData, type EventData, isLanguage } from '@parley/conversation'
import { type Actor, COMMAND, type Refusal, refuse, unreachable } from '@parley/kernel'
import type { EndConversation } from '@parley/proto/commands'
import { companyLink, companyText, languageOf } from './company-words.ts'
import { type Decision, type Outgoing, RULES } from './decision.ts'
import { beginEnding } from './ending.ts'
import { wordingOf } from './policy.ts'
import { isAnswerOnItsWay, standingOf } from './seen.ts'
import {
  type Robot,
  SESSION_CHARACTERS_MAX,
  type WithRobot,
  isRobotSilent,
  openConversationId,
  overwhelmed,
  revisionOf,
} from './state.ts'
import { after } from './window.ts'

/**
 * Gives the robot its next turn if it is free, there is something to answer, what it said last is on the phone or known not to be, and
 * the customer knows who reads along.
 */
export function letRobotGoOn(decision: Decision): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'with_robot') return
  if (overwhelmed(conversation)) return giveUpOnRobot(decision, conversation)
  if (conversation.robot.step === 'answering') return
  if (conversation.inputs.length === 0 && conversation.goesOnAt === null) return
  if (isRobotSilent(decision.state, decision.at)) return
  if (isAnswerOnItsWay(decision.state, conversation)) return
  if (contact.shownNotice?.version !== decision.policy.notice.version)
    return showNotice(decision, conversation)
  if (conversation.isLeftToApp)
    decision.send(
      'robot_returns',
      companyText(decision.policy.robotReturns[languageOf(decision.state.contact)]),
    )
  requestTurn(decision, conversation)
}

function showNotice(decision: Decision, { robot }: WithRobot): void {
  const text = decision.policy.notice.text[languageOf(decision.state.contact)]
  const awaited = robot.step === 'awaiting_notice' ? robot.wording : ''
  if (Object.values(decision.policy.notice.text).some((words) => wordingOf(words) === awaited)) return
  if (decision.send('privacy_notice', companyText(text), { wording: wordingOf(text) }) !== 'requested')
    handOver(decision, 'notice_not_sent', decision.policy.defaultQueue)
}

function requestTurn(decision: Decision, conversation: WithRobot): void {
  const { policy, at, state } = decision
  const { contact } = state
  const { turns, inputs, sessionFrom, goesOnAt, robot } = conversation
  decision.conclude(
    {
      type: 'BotTurnRequested',
      data: {
        turn: turns + 1,
        channelAccountId: contact.channelAccountId,
        language: contact.language,
        deadlineAt: after(at, policy.botTurnTimeoutSeconds),
        inputs: inputs.map((input) => {
          const { messageId, providerMessageId, change, at: done } = input
          return { messageId, providerMessageId, change, at: done, ...standingOf(state, conversation, input) }
        }),
        flow: goesOnAt?.flow ?? '',
        step: goesOnAt?.step ?? '',
        mayAct: robot.step === 'listening' && robot.isHeldBack,
      },
    },
    [
      // One part for each input that has words, or the numbers of those behind it would be wrong.
      ...inputs
        .filter(({ words }) => words !== '')
        .map(({ words }) => ({ from: words, name: 'message', nth: 0 })),
      ...(sessionFrom === '' ? [] : [{ from: sessionFrom, name: 'session' }]),
    ],
  )
}

export function completeBotTurn(
  decision: Decision,
  command: CommandData<'CompleteBotTurn'>,
): Refusal | undefined {
  const running = runningTurn(decision, command.turn)
  if ('refused' in running) return running

  const problem = command.holdsBack && running.mayAct ? 'BOT_HELD_BACK_TWICE' : problemOf(command)
  if (problem !== undefined) {
    failTurn(decision, command.turn, 'responder_failed', problem)
    handOver(decision, 'robot_failed', decision.policy.defaultQueue)
    return undefined
  }
  if (command.holdsBack) return takeBack(decision, command.turn, 'held_back', 'ASKS_BEFORE_IT_ACTS')

  const { turn, responder, flow, flowVersion, usedMessageIds, asksSensitive, steps } = command
  const { sensitiveMessageIds, partlySensitiveMessageIds } = command
  const { conversation } = decision.state
  const waiting = conversation.stage === 'with_robot' ? conversation.inputs : []
  // By the robot's word nothing was done yet but in our own records: what stands in the log by now is heard before. A robot that does not
  // say so may have acted, and would act twice.
  const isUndone = command.canBeTakenBack && !running.mayAct
  if (usedMessageIds.length > 0 && isUndone && waiting.some(({ isCourtesy }) => !isCourtesy))
    return takeBack(decision, turn, 'overtaken', 'CUSTOMER_WROTE_ON')
  const plainMessageIds = running.inputs
    .filter(({ isPerhapsSensitive }) => isPerhapsSensitive)
    .map(({ messageId }) => messageId)
    .filter((id) => !sensitiveMessageIds.includes(id))
  const conversationId = openConversationId(conversation)
  const isChangeTooLate = waiting.some(
    ({ change, messageId }) => change !== '' && usedMessageIds.includes(messageId),
  )
  const isAnswerTooLate =
    usedMessageIds.length > 0 && waiting.some(({ change, isCourtesy }) => change === '' && !isCourtesy)
  const silenceDeadlineAt = after(decision.at, decision.policy.silenceTimeoutSeconds)
  const robot: Actor = { kind: 'bot', id: responder }
  decision.record(
    {
      type: 'BotTurnCompleted',
      data: {
        turn,
        responder,
        flow,
        flowVersion,
        silenceDeadlineAt,
        sensitiveMessageIds,
        partlySensitiveMessageIds,
        usedMessageIds,
        plainMessageIds,
        asksSensitive,
        steps,
      },
    },
    [
      { from: COMMAND, name: 'session' },
      ...Array.from(
        { length: command.shownValues },
        (_, nth) => ({ from: COMMAND, name: 'shown', nth }) as const,
      ),
      ...Array.from(
        { length: command.learntValues },
        (_, nth) => ({ from: COMMAND, name: 'learnt', nth }) as const,
      ),
    ],
  )

  let unheard = false
  for (const { action } of command.actions) {
    switch (action?.$case) {
      case 'say': {
        if (!ownsConversation(decision, 'say')) break
        const { type, message } = action.value
        const outcome = decision.send('bot_answer', said(type, message), { actor: robot })
        if (outcome === 'OUTSIDE_REPLY_WINDOW') unheard = true
        break
      }
      case 'handOver':
        if (!ownsConversation(decision, 'hand_over')) break
        handOver(decision, 'requested', action.value.queue || decision.policy.defaultQueue, robot)
        break
      case 'end':
        if (!ownsConversation(decision, 'end')) break
        beginEnding(decision, 'flow_ended', endingMessage(decision, action.value), robot)
        break
      case 'chooseLanguage':
        chooseLanguage(decision, action.value.language)
        break
      case undefined:
        break
      default:
        unreachable(action)
    }
  }
  const { stage } = decision.state.conversation
  const isOver = stage === 'ending' || stage === 'none'
  if (isChangeTooLate || (isAnswerTooLate && isOver)) tellTooLate(decision, conversationId)
  // A robot that talks past a closed window would lose the customer in silence; people can reach them with a template.
  if (unheard && decision.state.conversation.stage === 'with_robot')
    handOver(decision, 'robot_failed', decision.policy.defaultQueue)
  letRobotGoOn(decision)
  return undefined
}

/** As if the turn had not been asked: the next one is given what it was given, and what came since. */
function takeBack(
  decision: Decision,
  turn: number,
  reason: 'overtaken' | 'held_back',
  code: string,
): undefined {
  failTurn(decision, turn, reason, code)
  letRobotGoOn(decision)
}

export function failBotTurn(
  decision: Decision,
  { turn, code }: CommandData<'FailBotTurn'>,
): Refusal | undefined {
  const running = runningTurn(decision, turn)
  if ('refused' in running) return running
  failTurn(decision, turn, 'responder_failed', code)
  handOver(decision, 'robot_failed', decision.policy.defaultQueue)
  return undefined
}

export function expireBotTurn(decision: Decision, reference: string): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'with_robot' || conversation.robot.step !== 'answering') return
  if (conversation.robot.requestId !== reference) return
  failTurn(decision, conversation.robot.turn, 'timeout', 'BOT_TURN_TIMED_OUT')
  handOver(decision, 'robot_timeout', decision.policy.defaultQueue)
}

/** The customer changed what something irreversible was done with, or wrote "não" when it was just done: silence would let them believe that it counts. */
export function tellTooLate(decision: Decision, conversationId: string): void {
  if (decision.state.conversation.stage === 'merged') return
  const text = decision.policy.tooLateNotice[languageOf(decision.state.contact)]
  decision.send('too_late_notice', companyText(text), { conversationId })
}

/**
 * The customer would wait for ever for words that never came: they are said once more, or people take over, by policy. Not when the
 * customer went on meanwhile (the robot answers that, and knows which question was not seen), and not to whom nothing may be sent.
 */
export function answerNotSent(decision: Decision, messageId: string): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'with_robot' || contact.optedOut || contact.blocked) return
  const { robot } = conversation
  const unsent =
    robot.step === 'listening' ? robot.answer.find((message) => message.messageId === messageId) : undefined
  if (robot.step !== 'listening' || unsent === undefined) return
  if (conversation.inputs.length > 0) return letRobotGoOn(decision)
  const { afterUnsentAnswer, defaultQueue } = decision.policy
  if (afterUnsentAnswer === 'ask_again' && !unsent.isRepeated) {
    const again = { type: unsent.type, content: [{ from: unsent.words, name: 'message' }] }
    const actor: Actor = { kind: 'bot', id: robot.responder }
    if (decision.send('bot_answer_again', again, { actor }) === 'requested') return
  }
  handOver(decision, 'answer_not_sent', defaultQueue)
}

/** People had this customer, or were about to, under another name. */
export function takeFromRobot(
  decision: Decision,
  { peopleQueue, peopleAgentId, waitSoFar }: CommandData<'AbsorbContact'>,
): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'with_robot') return
  const { robot } = conversation
  if (robot.step === 'answering') failTurn(decision, robot.turn, 'overtaken', 'PEOPLE_HAVE_IT')
  handOver(decision, 'merged', peopleQueue, RULES, { lastAgentId: peopleAgentId, waitSoFar })
}

export function handOver(
  decision: Decision,
  reason:
    | 'requested'
    | 'robot_failed'
    | 'robot_timeout'
    | 'notice_not_sent'
    | 'answer_not_sent'
    | 'reopened'
    | 'merged',
  queue: string,
  by: Actor = RULES,
  {
    lastAgentId = decision.state.contact.lastAgent?.agentId ?? '',
    waitSoFar,
  }: Partial<Pick<EventData<'HandoverRequested'>, 'lastAgentId' | 'waitSoFar'>> = {},
): void {
  const { contact, conversation } = decision.state
  const data = {
    queue,
    reason,
    language: contact.language,
    lastAgentId,
    // More than 0 from now on: the pool knows of it.
    revision: revisionOf(conversation) + 1,
    waitSoFar,
  }
  decision.conclude({ type: 'HandoverRequested', data }, [], undefined, by)
}

/** The robot may answer only the turn that runs in the conversation that it was asked in. */
function runningTurn(
  { wish, state }: Decision,
  turn: number,
): Refusal | Extract<Robot, { step: 'answering' }> {
  const { contact, conversation } = state
  if (contact.optedOut) return refuse('CONTACT_OPTED_OUT', { turn })
  if (contact.blocked) return refuse('CONTACT_BLOCKED', { turn })
  if (conversation.stage !== 'with_robot') return refuse('NOT_THE_OWNER', { turn, stage: conversation.stage })
  const { robot } = conversation
  if (robot.step !== 'answering' || robot.turn !== turn || wish.correlationId !== conversation.id)
    return refuse('TURN_NOT_RUNNING', { turn, turnsRequested: conversation.turns })
  return robot
}

function giveUpOnRobot(decision: Decision, { robot }: WithRobot): void {
  if (robot.step === 'answering') failTurn(decision, robot.turn, 'timeout', 'TOO_MANY_INPUTS_WAITING')
  const reason = robot.step === 'awaiting_notice' ? 'notice_not_sent' : 'robot_timeout'
  handOver(decision, reason, decision.policy.defaultQueue)
}

function failTurn(
  decision: Decision,
  turn: number,
  reason: 'timeout' | 'responder_failed' | 'overtaken' | 'held_back',
  code: string,
): void {
  decision.conclude({ type: 'BotTurnFailed', data: { turn, reason, code } })
}

/** What is wrong with an answer that cannot be carried out as a whole; nothing of it is said then. */
const SHOWN_VALUES_MAX = 200
const LEARNT_VALUES_MAX = 100

function problemOf({
  actions,
  sessionCharacters,
  shownValues,
  learntValues,
}: CommandData<'CompleteBotTurn'>): string | undefined {
  if (shownValues > SHOWN_VALUES_MAX) return 'BOT_SHOWN_VALUES_TOO_MANY'
  if (learntValues > LEARNT_VALUES_MAX) return 'BOT_LEARNT_VALUES_TOO_MANY'
  if (sessionCharacters > SESSION_CHARACTERS_MAX) return 'BOT_SESSION_TOO_LONG'
  for (const { action } of actions) {
    if (action === undefined) return 'BOT_ACTION_UNKNOWN'
    if (action.$case === 'say' && action.value.type === '') return 'BOT_ACTION_NOT_SENDABLE'
    if (action.$case === 'chooseLanguage' && !isLanguage(action.value.language)) return 'BOT_LANGUAGE_UNKNOWN'
  }
  return undefined
}

/** After it handed over or ended, the rest of the robot's answer is turned down, on record. */
function ownsConversation(decision: Decision, action: string): boolean {
  const { stage } = decision.state.conversation
  if (stage === 'with_robot') return true
  decision.turnDown('NOT_THE_OWNER', { action, stage })
  return false
}

/** @param nth Which of the command's messages. */
function said(type: string, nth: number): Outgoing {
  return { type, content: [{ from: COMMAND, name: 'message', nth }] }
}

function endingMessage(decision: Decision, { sendsLink, message }: EndConversation): Outgoing | undefined {
  if (!sendsLink) return undefined
  return message === undefined
    ? companyLink(decision.policy.link[languageOf(decision.state.contact)])
    : said('interactive', message)
}

function chooseLanguage(decision: Decision, language: string): void {
  if (decision.state.contact.language === language) return
  decision.conclude(
    { type: 'ContactLanguageChosen', data: { language, chosenBy: 'customer' } },
    [],
    decision.wish.correlationId,
    { kind: 'customer', id: decision.wish.streamId },
  )
}
