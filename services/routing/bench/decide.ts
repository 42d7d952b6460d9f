// How many commands the rules take in a second of processor time: `node services/routing/bench/decide.ts`
import { conversations } from '@parley/conversation'
import { type StreamState, decideOn, emptyStream, wishOf } from '@parley/kernel'
import { decide } from '../src/conversation/decide.ts'
import { conversationDecider } from '../src/conversation/decider.ts'
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
} from '../test/story.ts'

const policy = testPolicy()

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

function measure(what: string, story: Story, { type, data, ...circumstances }: Wish): void {
  const command = conversations.command(type, data)
  const envelope = conversations.commandEnvelope({
    occurredAt: BEGIN,
    actor: { kind: 'customer', id: CONTACT },
    ...circumstances,
    ...command,
    commandId: 'c0ffee00-0000-5000-8000-000000000000',
    streamId: CONTACT,
  })
  // The state of a story is frozen, which copies slowly; in a service it is as it comes from JSON.
  const state = JSON.parse(JSON.stringify(story.state)) as ContactState
  const wish = wishOf(command, envelope, story.at)
  const recorded = { envelope, recordedAt: story.at, offset: 0n }
  const stream: StreamState<ContactState> = {
    ...emptyStream(conversationDecider, CONTACT),
    state,
  }
  const rate = (once: () => unknown): number => {
    for (let count = 0; count < 5_000; count++) once()
    const begin = process.cpuUsage()
    const rounds = 20_000
    for (let count = 0; count < rounds; count++) once()
    // By the clock of the processor: what else runs on the machine does not count.
    const { user, system } = process.cpuUsage(begin)
    return Math.round((rounds / (user + system)) * 1_000_000)
  }
  const refused = decide(wish, state, policy)
  if ('refused' in refused) throw new Error(`${what}: ${refused.refused}`)
  const rules = rate(() => decide(wish, state, policy))
  const whole = rate(() => decideOn(conversationDecider, recorded, stream, policy))
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
  measure(`a message is sent (${about})`, answered, isSent(queued(answered)[0]!))
  sendAll(answered)
  measure(
    `a message that gives the robot its turn (${about})`,
    answered,
    says('mais', { providerMessageId: 'in.bench' }),
  )
}
