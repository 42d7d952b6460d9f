import {
  type ContactState,
  type OurMessage,
  type WaitingInput,
  type WithRobot,
  messageByProviderId,
} from './state.ts'

/**
 * Clocks of the channel count seconds, and what we call sent was on the phone a moment before we heard so. A message counts as older
 * than an answer only beyond that.
 */
const CLOCKS_MILLISECONDS = 2000

/** The last of the turns that were answered whose answer was sent as a whole. The one before the last is always settled: the next turn waits for that. */
export function turnsSent(state: ContactState, { id, answered }: WithRobot): number {
  const isSent = saidIn(state, id, answered).every(({ shownAt }) => shownAt !== null)
  return isSent ? answered : Math.max(0, answered - 1)
}

/** While part of the robot's answer is on its way nobody knows what the customer reacts to: not even the id that a tap refers to. */
export function isAnswerOnItsWay(state: ContactState, { id, answered }: WithRobot): boolean {
  return saidIn(state, id, answered).some(({ status }) => status === 'queued')
}

/** Which of the robot's answers an input may be a reaction to, as far as the log tells. */
export interface Standing {
  readonly seenTurn: number
  readonly askedTurn: number
  readonly replyToMessageId: string
  readonly replyToTurn: number | undefined
}

export function standingOf(state: ContactState, conversation: WithRobot, input: WaitingInput): Standing {
  const reply = referredTo(state, conversation, input)
  const shown = reply?.turn ?? 0
  const seenTurn = lastShown(state, conversation.id, input.sentTurn, input.at)
  const askedTurn = lastShown(state, conversation.id, input.askedTurn, input.at)
  return {
    // Whoever refers to a message of ours has it before the eyes.
    seenTurn: Math.max(seenTurn, shown),
    askedTurn: Math.max(askedTurn, seenTurn, shown),
    replyToMessageId: reply?.messageId ?? '',
    replyToTurn: reply?.turn,
  }
}

/** The last turn, not after this one, that was on the phone as a whole at this time. */
function lastShown(state: ContactState, conversationId: string, turn: number, at: string): number {
  let last = turn
  while (last > 0 && !wasShown(saidIn(state, conversationId, last), at)) last -= 1
  return last
}

function wasShown(messages: readonly OurMessage[], at: string): boolean {
  return messages.every(
    ({ shownAt }) => shownAt !== null && Date.parse(at) + CLOCKS_MILLISECONDS >= Date.parse(shownAt),
  )
}

function referredTo(
  state: ContactState,
  conversation: WithRobot,
  { replyTo, askedTurn }: WaitingInput,
): { readonly turn: number | undefined; readonly messageId: string } | undefined {
  if (replyTo === '') return undefined
  const known = messageByProviderId(state, replyTo)
  if (known?.by === 'customer') return { turn: undefined, messageId: known.id }
  // An id that nobody told us can be that of a message which nobody told us the id of.
  const message =
    known ?? saidIn(state, conversation.id, askedTurn).findLast((one) => one.providerMessageId === '')
  if (message === undefined) return { turn: 0, messageId: '' }
  const turn = message.by === 'us' && message.conversationId === conversation.id ? message.turn : 0
  return { turn, messageId: message.id }
}

/** What the robot said in one turn, as far as it is remembered. */
function saidIn({ messages }: ContactState, conversationId: string, turn: number): readonly OurMessage[] {
  const said: OurMessage[] = []
  if (turn === 0) return said
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]!
    if (message.by !== 'us' || message.turn === 0) continue
    if (message.conversationId !== conversationId || message.turn < turn) break
    if (message.turn === turn) said.unshift(message)
  }
  return said
}
