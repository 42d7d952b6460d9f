// How many commands the rules take in a second of processor time: `node services/routing/bench/decide.ts`
import { type StreamState, decideOn, emptyStream, encodeCommand, readCommand } from '@parley/kernel'
import { conversationDecider } from '../src/conversation/decider.ts'
import { decide } from '../src/conversation/decide.ts'
import { evolve } from '../src/conversation/evolve.ts'
import { type ContactState, MESSAGES_MAX } from '../src/conversation/state.ts'
import {
  BEGIN,
  CONTACT,
  Story,
  type Wish,
  completes,
  isSent,
  queued,
  say,
  says,
  sendAll,
  testPolicy,
} from '../src/conversation/story.ts'

const policy = testPolicy()
const decider = conversationDecider(policy)

/** Two kinds of contact: one who just came, and one whose memory of 256 messages is full. */
function contactWith(messages: number): Story {
  const story = new Story(policy)
  story.when(says('oi'))
  sendAll(story)
  for (let turn = 1; story.state.messages.length < messages; turn++) {
    story.when(completes(story.conversationId, turn, [say('Olá')]))
    sendAll(story)
    story.when(says('e agora?'))
  }
  return story
}

function measure(what: string, story: Story, wish: Wish): void {
  const command = readCommand(
    encodeCommand({
      commandId: 'c0ffee00-0000-5000-8000-000000000000',
      streamId: CONTACT,
      occurredAt: BEGIN,
      actor: { kind: 'customer', id: CONTACT },
      ...wish,
      correlationId: wish.correlationId ?? '',
    }),
    story.at,
  )
  const stream: StreamState<ContactState> = { ...emptyStream(decider, CONTACT), state: story.state }
  const rate = (once: () => unknown): number => {
    for (let count = 0; count < 20_000; count++) once()
    const begin = process.cpuUsage()
    const rounds = 60_000
    for (let count = 0; count < rounds; count++) once()
    // By the clock of the processor: what else runs on the machine does not count.
    const { user, system } = process.cpuUsage(begin)
    return Math.round((rounds / (user + system)) * 1_000_000)
  }
  const rules = rate(() => {
    const events = decide(policy, command, story.state)
    if ('refused' in events) throw new Error(`${what}: ${events.refused}`)
    let state = story.state
    for (const { payload, correlationId = '' } of events)
      state = evolve(state, { eventId: '', occurredAt: BEGIN, recordedAt: BEGIN, correlationId, payload })
    return state
  })
  const whole = rate(() => decideOn(decider, command, stream))
  process.stdout.write(
    `${what.padEnd(52)} ${String(rules).padStart(9)}/s rules  ${String(whole).padStart(9)}/s with bytes and hashes\n`,
  )
}

for (const messages of [4, MESSAGES_MAX]) {
  const about = messages === MESSAGES_MAX ? 'memory full' : 'short memory'
  const running = contactWith(messages)
  measure(`a message while a turn runs (${about})`, running, says('mais', { providerMessageId: 'in.bench' }))
  const answered = contactWith(messages)
  const { conversation } = answered.state
  const turn =
    conversation.stage === 'with_robot' && conversation.robot.step === 'answering'
      ? conversation.robot.turn
      : 0
  measure(
    `an answer of the robot (${about})`,
    answered,
    completes(answered.conversationId, turn, [say('Olá')]),
  )
  answered.when(completes(answered.conversationId, turn, [say('Olá')]))
  measure(
    `a message that gives the robot its turn (${about})`,
    answered,
    says('mais', { providerMessageId: 'in.bench' }),
  )
  measure(`a message is sent (${about})`, answered, isSent(queued(answered)[0]!))
}
