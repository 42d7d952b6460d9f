import { type CommandOf, type Refusal, refuse, unreachable } from '@parley/kernel'
import { BotTurnContent, Content, type MessageBody } from '@parley/proto/content'
import { linkMessage, sendableType, textMessage, unpacked } from './body.ts'
import { type Actor, type Decision, RULES } from './decision.ts'
import { beginEnding } from './ending.ts'
import { type Language, isLanguage } from './language.ts'
import { wordingOf } from './policy.ts'
import { SESSION_CHARACTERS_MAX, type WithRobot, overwhelmed } from './state.ts'
import { after } from './window.ts'

/** Gives the robot its next turn if it is free, there is something to answer, and the customer knows who reads along. */
export function letRobotGoOn(decision: Decision): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'with_robot') return
  if (overwhelmed(conversation)) return giveUpOnRobot(decision, conversation)
  if (conversation.robot.step === 'answering' || conversation.inputs.length === 0) return
  if (contact.shownNotice?.version !== decision.policy.notice.version)
    return showNotice(decision, conversation)
  requestTurn(decision, conversation)
}

function showNotice(decision: Decision, { robot }: WithRobot): void {
  const text = decision.policy.notice.text[languageOf(decision)]
  const awaited = robot.step === 'awaiting_notice' ? robot.wording : ''
  if (Object.values(decision.policy.notice.text).some((words) => wordingOf(words) === awaited)) return
  if (decision.send('privacy_notice', textMessage(text)) !== 'requested')
    handOver(decision, 'notice_not_sent', decision.policy.defaultQueue)
}

/** The customer waits for words that never came, and would wait for ever. Whom nothing may be sent waits for none. */
export function answerNotSent(decision: Decision, messageId: string): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'with_robot' || contact.optedOut || contact.blocked) return
  const { robot } = conversation
  if (robot.step !== 'listening' || !robot.answer.includes(messageId)) return
  const { afterUnsentAnswer, notice, defaultQueue } = decision.policy
  const knowsWhoReads = contact.shownNotice?.version === notice.version
  if (afterUnsentAnswer === 'ask_again' && !robot.again && knowsWhoReads)
    requestTurn(decision, conversation, true)
  else handOver(decision, 'answer_not_sent', defaultQueue)
}

function requestTurn(decision: Decision, { turns, inputs, session }: WithRobot, again = false): void {
  const { policy, at } = decision
  const { contact } = decision.state
  decision.conclude({
    $case: 'botTurnRequested',
    value: {
      turn: turns + 1,
      channelAccountId: contact.channelAccountId,
      language: contact.language,
      deadlineAt: after(at, policy.botTurnTimeoutSeconds),
      again,
      content: {
        ...Content.fromPartial({}),
        turn: {
          inputs: inputs.map(({ messageId, providerMessageId, body }) => ({
            messageId,
            providerMessageId,
            message: unpacked(body),
          })),
          session,
        },
      },
    },
  })
}

export function completeBotTurn(
  decision: Decision,
  command: CommandOf<'completeBotTurn'>,
): Refusal | undefined {
  const running = runningTurn(decision, command.turn)
  if ('refused' in running) return running

  const problem = problemOf(command)
  if (problem !== undefined) {
    failTurn(decision, command.turn, 'responder_failed', problem)
    handOver(decision, 'robot_failed', decision.policy.defaultQueue)
    return undefined
  }

  const robot: Actor = { kind: 'bot', id: command.responder }
  const { turn, responder, flow, flowVersion } = command
  const session = command.content?.turn?.session ?? ''
  const content = { ...Content.fromPartial({}), turn: BotTurnContent.fromPartial({ session }) }
  decision.record({ $case: 'botTurnCompleted', value: { turn, responder, flow, flowVersion, content } })

  let unheard = false
  for (const { action } of command.actions) {
    switch (action?.$case) {
      case 'say':
        if (!ownsConversation(decision, 'say')) break
        if (decision.send('bot_answer', said(action.value.content), robot) === 'OUTSIDE_REPLY_WINDOW')
          unheard = true
        break
      case 'handOver':
        if (!ownsConversation(decision, 'hand_over')) break
        handOver(decision, 'requested', action.value.queue || decision.policy.defaultQueue, robot)
        break
      case 'end':
        if (!ownsConversation(decision, 'end')) break
        beginEnding(decision, 'flow_ended', endingMessage(decision, action.value.content), robot)
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
  // A robot that talks past a closed window would lose the customer in silence; people can reach them with a template.
  if (unheard && decision.state.conversation.stage === 'with_robot')
    handOver(decision, 'robot_failed', decision.policy.defaultQueue)
  letRobotGoOn(decision)
  return undefined
}

export function failBotTurn(decision: Decision, command: CommandOf<'failBotTurn'>): Refusal | undefined {
  const running = runningTurn(decision, command.turn)
  if ('refused' in running) return running
  failTurn(decision, command.turn, 'responder_failed', command.code)
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

export function handOver(
  decision: Decision,
  reason: 'requested' | 'robot_failed' | 'robot_timeout' | 'notice_not_sent' | 'answer_not_sent',
  queue: string,
  by: Actor = RULES,
): void {
  decision.conclude({ $case: 'handoverRequested', value: { queue, reason } }, undefined, by)
  tellToWait(decision)
}

export function tellToWait(decision: Decision): void {
  decision.send('waiting_notice', textMessage(decision.policy.waitingNotice[languageOf(decision)]))
}

export function languageOf({ state }: Decision): Language {
  return isLanguage(state.contact.language) ? state.contact.language : 'en'
}

/** The robot may answer only the turn that runs in the conversation that it was asked in. */
function runningTurn({ command, state }: Decision, turn: number): Refusal | { readonly turn: number } {
  const { contact, conversation } = state
  if (contact.optedOut) return refuse('CONTACT_OPTED_OUT', { turn })
  if (contact.blocked) return refuse('CONTACT_BLOCKED', { turn })
  if (conversation.stage !== 'with_robot') return refuse('NOT_THE_OWNER', { turn, stage: conversation.stage })
  const { robot } = conversation
  if (robot.step !== 'answering' || robot.turn !== turn || command.correlationId !== conversation.id)
    return refuse('TURN_NOT_RUNNING', { turn, turnsRequested: conversation.turns })
  return { turn }
}

function giveUpOnRobot(decision: Decision, { robot }: WithRobot): void {
  if (robot.step === 'answering') failTurn(decision, robot.turn, 'timeout', 'TOO_MANY_INPUTS_WAITING')
  const reason = robot.step === 'awaiting_notice' ? 'notice_not_sent' : 'robot_timeout'
  handOver(decision, reason, decision.policy.defaultQueue)
}

function failTurn(
  decision: Decision,
  turn: number,
  reason: 'timeout' | 'responder_failed',
  code: string,
): void {
  decision.conclude({ $case: 'botTurnFailed', value: { turn, reason, code } })
}

/** What is wrong with an answer that cannot be carried out as a whole; nothing of it is said then. */
function problemOf({ actions, content }: CommandOf<'completeBotTurn'>): string | undefined {
  if ((content?.turn?.session.length ?? 0) > SESSION_CHARACTERS_MAX) return 'BOT_SESSION_TOO_LONG'
  for (const { action } of actions) {
    if (action === undefined) return 'BOT_ACTION_UNKNOWN'
    if (action.$case === 'say' && sendableType(action.value.content?.message) === undefined)
      return 'BOT_ACTION_NOT_SENDABLE'
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

function said(content: Content | undefined): MessageBody {
  if (content?.message === undefined) throw new Error('An answer without a message passed its check.')
  return content.message
}

function endingMessage(decision: Decision, content: Content | undefined): MessageBody | undefined {
  if (content === undefined) return undefined
  const { message } = content
  return message?.body?.$case === 'linkButton'
    ? message
    : linkMessage(decision.policy.link[languageOf(decision)])
}

function chooseLanguage(decision: Decision, language: string): void {
  if (decision.state.contact.language === language) return
  decision.conclude(
    { $case: 'contactLanguageChosen', value: { language, chosenBy: 'customer' } },
    decision.command.correlationId,
    { kind: 'customer', id: decision.command.streamId },
  )
}
