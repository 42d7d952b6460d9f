import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { type CommandData, conversations } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { CommandEnvelope } from '@parley/proto/envelope'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Act,
  Story,
  type Told,
  type Wish,
  blocks,
  chooses,
  completes,
  edits,
  endWithLink,
  endWithoutLink,
  expires,
  factsOf,
  fails,
  handOver,
  isFailed,
  isResent,
  isSent,
  isUncertain,
  issuesLink,
  merges,
  notes,
  queued,
  reacts,
  receipt,
  revokes,
  say,
  sayNonsense,
  sayTemplate,
  says,
  testPolicy,
  unblocks,
  writesInApp,
} from '../../test/story.ts'
import type { ConversationPolicy } from './policy.ts'
import { MESSAGES_MAX, WAITING_INPUTS_MAX } from './state.ts'
import { after } from './window.ts'

// Whatever comes, in whatever order, from whomever, however late and however often.

const ABSORBS = ['absorb', 'absorb a start', 'absorb what people had'] as const

type Step =
  | { do: 'write'; words: string; wamid: number; late: number }
  | { do: 'tap'; id: string; wamid: number }
  | { do: 'write in the app'; wamid: number; late: number }
  | { do: 'note'; wamid: number }
  | { do: 'edit'; words: string; wamid: number }
  | { do: 'revoke' | 'react'; wamid: number }
  | { do: 'sent' | 'failed' | 'uncertain' | 'resent' | 'sent twice'; message: number }
  | { do: 'receipt'; message: number; status: string }
  | { do: 'complete'; turn: number; conversation: number; actions: readonly string[] }
  | { do: 'go on'; actions: readonly string[]; uses: boolean; calls: boolean }
  | { do: 'let time pass' }
  | { do: 'fail'; turn: number; conversation: number }
  | { do: 'expire'; kind: string; event: number }
  | { do: 'link'; conversation: number }
  | { do: 'block' | 'unblock' | 'merge' | (typeof ABSORBS)[number] | 'release' }
  | { do: 'again'; wish: number }
  | { do: 'wait'; seconds: number }
  | { do: 'change processors'; words: string }

/** Counted from the newest: 0 is the one that a well-behaved sender would mean. */
const recent = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) })
const wamid = fc.nat(14)
const action = fc.constantFrom(
  'say',
  'say',
  'end',
  'end without link',
  'hand over',
  'pt',
  'template',
  'nonsense',
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('go on'),
      actions: fc.array(action, { maxLength: 3 }),
      uses: fc.boolean(),
      calls: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('let time pass') }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write'),
      words: fc.constantFrom(...Array<string>(10).fill('oi'), 'meu cartão', 'PARE.', 'start', 'obrigada'),
      wamid,
      late: fc.constantFrom(0, 0, 0, 0, 0, 3600, 200_000, -900),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('tap'), id: fc.constantFrom('yes', 'opt_out', 'opt_in'), wamid }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('note'), wamid }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('write in the app'),
      wamid,
      late: fc.constantFrom(0, 0, 0, 900, 200_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('edit'),
      words: fc.constantFrom('edited', 'edited', 'PARE.'),
      wamid,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('revoke', 'react'), wamid }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(...Array<string>(10).fill('sent'), 'failed', 'uncertain', 'resent', 'sent twice'),
      message: recent,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('receipt'),
      message: recent,
      status: fc.constantFrom('sent', 'delivered', 'read', 'played', 'failed', 'deleted'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('complete'),
      turn: recent,
      conversation: recent,
      actions: fc.array(action, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail'), turn: recent, conversation: recent }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('expire'),
      kind: fc.constantFrom('bot_turn', 'silence', 'ending', 'app_silence', 'moon'),
      event: fc.nat(8),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('link'), conversation: recent }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('block', 'unblock', 'unblock', ...ABSORBS, 'release'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('again'), wish: fc.nat(30) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait'),
      seconds: fc.constantFrom(1, 50, 1, 50, 2000, 4000, 90_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('change processors'), words: fc.constantFrom('a', 'b') }),
  },
) as fc.Arbitrary<Step>
const mergeAtTheEnd = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step[]>([]) },
  {
    weight: 1,
    arbitrary: fc.array(step, { maxLength: 10 }).map((rest): Step[] => [{ do: 'merge' }, ...rest]),
  },
)
const steps = fc
  .tuple(fc.array(step, { minLength: 5, maxLength: 70 }), mergeAtTheEnd)
  .map(([first, merged]) => [...first, ...merged])

const afterUnsentAnswer = fc.constantFrom<ConversationPolicy['afterUnsentAnswer']>('ask_again', 'hand_over')

test('no interleaving breaks a rule of the conversation', () => {
  expect(() => fc.assert(fc.property(steps, afterUnsentAnswer, play), runs(250))).not.toThrow()
})

function play(plan: readonly Step[], afterUnsentAnswer: ConversationPolicy['afterUnsentAnswer']): void {
  const policyWith = (words: string) => ({ ...testPolicy(words), afterUnsentAnswer })
  const story = new Story(policyWith('a'))
  const witness = new Witness('a')
  const wishes: Wish[] = []
  for (const one of plan) {
    if (one.do === 'wait') story.later(one.seconds)
    else if (one.do === 'change processors') {
      story.under(policyWith(one.words))
      witness.notice = one.words
    } else {
      const wish = one.do === 'again' ? wishes.at(-1 - one.wish) : wishOf(one, story)
      if (wish === undefined) continue
      witness.see(wish, story.when(wish), story.at)
      wishes.push(wish)
    }
  }
  witness.conclude(story)
  if (plan.some((one) => one.do === 'change processors'))
    deepEqual(
      bytesOf(story.retold()),
      bytesOf(story),
      'decided anew, by the policies of the log: the same bytes',
    )
}

function bytesOf({ events }: Story): readonly string[] {
  return events.map(({ raw }) => Buffer.from(raw).toString('base64'))
}

function wishOf(
  one: Exclude<Step, { do: 'wait' | 'change processors' | 'again' }>,
  story: Story,
): Wish | undefined {
  const pick = <Item>(items: readonly Item[], back: number): Item | undefined => items.at(-1 - back)
  const sent = () => factsOf(story.events, 'MessageSendRequested').map(({ messageId }) => messageId)
  const opened = () => factsOf(story.events, 'ConversationOpened').map(({ conversationId }) => conversationId)
  switch (one.do) {
    case 'write':
      return says(one.words, {
        providerMessageId: `in.${one.wamid}`,
        occurredAt: new Date(Date.parse(story.at) - one.late * 1000).toISOString(),
      })
    case 'tap':
      return says('', {
        providerMessageId: `in.${one.wamid}`,
        message: MessageBody.fromPartial({
          body: { $case: 'choice', value: { id: one.id, title: 'A button' } },
        }),
      })
    case 'write in the app':
      return writesInApp('Aqui é a Carla', {
        providerMessageId: `app.${one.wamid}`,
        occurredAt: new Date(Date.parse(story.at) - one.late * 1000).toISOString(),
      })
    case 'note':
      return notes('number_changed', { providerMessageId: `in.${one.wamid}` })
    case 'edit':
      return edits(`in.${one.wamid}`, one.words)
    case 'revoke':
      return revokes(`in.${one.wamid}`)
    case 'react':
      return reacts(`in.${one.wamid}`)
    case 'sent':
    case 'failed':
    case 'uncertain':
    case 'resent':
    case 'sent twice': {
      const id = pick(sent(), one.message) ?? 'nobody knows'
      switch (one.do) {
        case 'sent':
          return isSent(id)
        case 'failed':
          return isFailed(id)
        case 'uncertain':
          return isUncertain(id)
        case 'resent':
          return isResent(id)
        case 'sent twice':
          return receipt(id, 'sent', `wamid.second.of.${id}`)
      }
    }
    case 'receipt':
      return receipt(pick(sent(), one.message) ?? 'nobody knows', one.status)
    case 'complete': {
      const turn = pick(factsOf(story.events, 'BotTurnRequested'), one.turn)?.turn ?? 1
      return completes(pick(opened(), one.conversation) ?? 'none', turn, one.actions.map(actionOf), 'session')
    }
    case 'go on':
      return whatShouldHappen(story, one)
    case 'let time pass':
      return whatIsDue(story)
    case 'fail':
      return fails(
        pick(opened(), one.conversation) ?? 'none',
        pick(factsOf(story.events, 'BotTurnRequested'), one.turn)?.turn ?? 1,
      )
    case 'expire':
      return expires(one.kind, pick(story.events, one.event)?.envelope.eventId ?? 'none')
    case 'link':
      return issuesLink(pick(opened(), one.conversation) ?? 'none')
    case 'block':
      return blocks
    case 'unblock':
      return unblocks
    case 'merge':
      return merges()
    case 'release':
      return { type: 'ReleaseContactNumber', data: {} }
    case 'absorb':
      return { type: 'AbsorbContact', data: { fromContactId: 'younger', optedOut: true } }
    case 'absorb a start':
      return { type: 'AbsorbContact', data: { fromContactId: 'youngest', consentAt: story.at } }
    case 'absorb what people had':
      return {
        type: 'AbsorbContact',
        data: {
          fromContactId: 'served',
          peopleQueue: 'cards',
          peopleAgentId: 'ana',
          waitSoFar: { since: after(story.at, -60), callsBack: true, toldAt: after(story.at, -30) },
        },
      }
  }
}

/** What services that all work would wish next. */
function whatShouldHappen(
  story: Story,
  { actions, uses, calls }: Extract<Step, { do: 'go on' }>,
): Wish | undefined {
  const { conversation } = story.state
  const [unsent] = queued(story)
  if (unsent !== undefined) return isSent(unsent)
  if (conversation.stage === 'with_robot' && conversation.robot.step === 'answering')
    return completes(conversation.id, conversation.robot.turn, actions.map(actionOf), 'session', {
      usedMessageIds: uses ? factsOf(story.events, 'MessageReceived').map(({ messageId }) => messageId) : [],
      // As robots do that call others: once.
      holdsBack: calls && !conversation.robot.mayAct,
      canBeTakenBack: !conversation.robot.mayAct,
    })
  if (conversation.stage === 'ending') return issuesLink(conversation.id)
  return undefined
}

function whatIsDue(story: Story): Wish | undefined {
  const { conversation } = story.state
  if (conversation.stage === 'ending') return expires('ending', conversation.reference)
  if (conversation.stage !== 'with_robot') return undefined
  const { robotSilence } = story.state.contact
  if (robotSilence !== null) return expires('app_silence', robotSilence.reference)
  return conversation.robot.step === 'answering'
    ? expires('bot_turn', conversation.robot.requestId)
    : expires('silence', conversation.silenceReference)
}

function actionOf(word: string): Act {
  switch (word) {
    case 'say':
      return say('Olá')
    case 'end':
      return endWithLink
    case 'end without link':
      return endWithoutLink
    case 'hand over':
      return handOver
    case 'template':
      return sayTemplate
    case 'nonsense':
      return sayNonsense
    default:
      return chooses(word)
  }
}

/** Follows the events with a mind of its own (it shares nothing with `evolve`) and objects to what must never be. */
class Witness {
  notice: string
  #version = 0
  #owner: 'nobody' | 'robot' | 'people' | 'ending' | 'merged' = 'nobody'
  #conversation = ''
  #runningTurn = 0
  #allowed = { optedOut: false, blocked: false }
  #lastMessageAt = -Infinity
  #shown: { version: string; messageId: string } | undefined
  #closed = new Set<string>()
  #status = new Map<string, number>()
  #resent = new Set<string>()
  #doubled = new Set<string>()
  /** The messages of the robot's last answer, and those of them that did not reach the customer. */
  #answer = new Set<string>()
  #unreached = new Set<string>()
  #received = new Map<string, string>()
  #wished = new Set<string>()
  #redirected = new Set<string>()
  #unanswered = new Map<string, string>()
  /** What the running turn was given, and whether it may act; or whether the last one was held back. */
  #given = new Map<string, string>()
  #mayAct = false
  #isHeldBack = false
  /** Said when a conversation was about to end, and answered by nobody there: the next one begins with it. */
  #crossed = new Set<string>()
  /** Said under another name again. */
  #passedOn = new Set<string>()
  #thanks = new Set<string>()
  #answered = new Set<string>()
  #saidIn = new Map<string, string>()
  /** Of what was heard last: the customer's words, what they changed, or the end of a turn. */
  #heardIn = ''
  /** Closed last. */
  #ended = ''
  #saidBy = new Map<number, string[]>()
  #lastTurn = 0
  #used = new Set<string>()
  #startTold = false
  #stopNotice = ''
  /** Somebody writes in the app until then; and since then the robot neither resumed nor got a turn. */
  #silentUntil = -Infinity
  #isLeftToApp = false
  #inApp = new Set<string>()

  constructor(notice: string) {
    this.notice = notice
  }

  see(wish: Wish, events: readonly Told[], at: string): void {
    const received = wish.type === 'ReceiveMessage' ? wish.data : undefined
    const providerMessageId = received?.providerMessageId ?? ''
    if (received !== undefined) this.#wished.add(providerMessageId)
    for (const event of events) this.#follow(event, at)
    if (this.#owner === 'nobody') deepEqual([...this.#crossed], [], 'nobody is met with silence at the end')
    if (received !== undefined && this.#owner === 'merged' && !this.#received.has(providerMessageId))
      this.#redirected.add(providerMessageId)
    const idle =
      this.#owner === 'robot' &&
      !this.#isLeftToApp &&
      this.#runningTurn === 0 &&
      !this.#saidLast().some((messageId) => this.#status.get(messageId) === 0) &&
      this.#shown?.version === testPolicy(this.notice).notice.version
    const note = received?.isNote === true
    if (note && this.#owner !== 'merged')
      for (const { type } of events)
        ok(['ContactRegistered', 'ContactAliasesAdded', 'MessageReceived'].includes(type))
    if (this.#owner === 'robot' && this.#isAllowed() && this.#unanswered.size === 0)
      deepEqual([...this.#unreached], [], 'nobody waits for an answer that never came')
    if (idle && this.#isAllowed() && events.length > 0 && !note)
      deepEqual([...this.#unanswered.keys()], [], 'a robot that is free has nothing left to answer')
  }

  conclude(story: Story): void {
    for (const id of this.#wished)
      equal(this.#received.has(id) || this.#redirected.has(id), true, `${id} is on record`)
    const { state } = story
    ok(state.messages.length <= MESSAGES_MAX)
    const { conversation } = state
    const inputs = conversation.stage === 'with_robot' ? conversation.inputs : []
    ok(inputs.length <= WAITING_INPUTS_MAX)
    deepEqual(
      new Map(inputs.map(({ messageId, change }) => [messageId, change])),
      this.#unanswered,
      'what waits is what was not answered',
    )
    ok(JSON.stringify(state).length < 200_000)
    deepEqual(story.folded(), state, 'the bytes in the log give the state that was decided on')
    deepEqual(story.folded(Math.floor(story.events.length / 2)), state, 'snapshot and tail = full fold')
  }

  #isAllowed(): boolean {
    return !this.#allowed.optedOut && !this.#allowed.blocked
  }

  #follow(event: Told, at: string): void {
    const { correlationId, streamVersion, occurredAt, actor } = event.envelope
    equal(streamVersion, (this.#version += 1), 'versions have no gaps')
    switch (event.type) {
      case 'ConversationOpened':
        equal(this.#owner, 'nobody', 'a conversation opens only when none is open')
        this.#owner = 'robot'
        this.#conversation = event.data.conversationId
        for (const id of this.#crossed) this.#unanswered.set(id, '')
        this.#crossed.clear()
        this.#saidBy.clear()
        break
      case 'MessageReceived': {
        const { providerMessageId, messageId } = event.data
        equal(this.#received.has(providerMessageId), false, `${providerMessageId} is received once`)
        if (this.#owner !== 'nobody' || event.data.isNote) equal(correlationId, this.#conversation)
        else equal(this.#closed.has(correlationId), true, 'what opens nothing belongs to what just ended')
        this.#received.set(providerMessageId, messageId)
        this.#saidIn.set(messageId, correlationId)
        if (event.data.isNote) break
        this.#heardIn = correlationId
        this.#lastMessageAt = Math.max(this.#lastMessageAt, Math.min(Date.parse(occurredAt!), Date.parse(at)))
        if (event.data.isCourtesy) this.#thanks.add(messageId)
        // No robot answers a stop: it ends the conversation, or came late and what was said since holds.
        if (event.data.consent === 'stop') break
        if (this.#owner === 'robot' && this.#isAllowed()) this.#unanswered.set(messageId, '')
        if (this.#owner === 'ending' && this.#isAllowed() && !event.data.isCourtesy)
          this.#crossed.add(messageId)
        break
      }
      case 'AppMessageSent': {
        const { providerMessageId, robotSilentUntil } = event.data
        equal(actor!.kind, 'company')
        equal(correlationId, this.#conversation, 'what is written in the app belongs to an open conversation')
        notEqual(correlationId, '')
        equal(this.#inApp.has(providerMessageId), false, 'on record once')
        this.#inApp.add(providerMessageId)
        if (robotSilentUntil === undefined) break
        ok(Date.parse(robotSilentUntil) >= this.#silentUntil, 'never shorter than before')
        this.#silentUntil = Date.parse(robotSilentUntil)
        this.#isLeftToApp = true
        this.#unanswered.clear()
        this.#wentOn()
        break
      }
      case 'RobotResumed':
        equal(this.#owner, 'robot')
        this.#silentUntil = -Infinity
        this.#isLeftToApp = false
        break
      case 'MessageEdited':
        this.#heardIn = correlationId
        if (event.data.hasMessage && event.data.consent !== 'stop')
          this.#changed(event.data.targetMessageId, 'edited')
        break
      case 'MessageRevoked':
        this.#heardIn = correlationId
        this.#changed(event.data.targetMessageId, 'deleted')
        break
      case 'BotTurnRequested': {
        equal(this.#owner, 'robot', 'only the owner gets turns')
        equal(this.#runningTurn, 0, 'one turn at a time')
        ok(Date.parse(at) >= this.#silentUntil, 'a robot does not talk into what somebody says')
        this.#isLeftToApp = false
        equal(
          this.#shown?.version,
          testPolicy(this.notice).notice.version,
          'who reads along was shown before',
        )
        equal(this.#isAllowed(), true)
        const { inputs, turn } = event.data
        for (const id of this.#saidLast())
          notEqual(this.#status.get(id), 0, 'what was said before is on the phone, or known not to be')
        deepEqual(
          new Map(inputs.map(({ messageId, change }) => [messageId, change])),
          this.#unanswered,
          'a turn takes all that waits',
        )
        for (const { messageId, change, seenTurn, askedTurn } of inputs) {
          equal(change === '' && this.#answered.has(messageId), false, 'in one turn only')
          this.#answered.add(messageId)
          ok(seenTurn <= askedTurn && askedTurn < turn, 'nobody saw a question before it was asked')
          for (const message of this.#saidBy.get(seenTurn) ?? [])
            ok((this.#status.get(message) ?? 0) >= 1, 'nobody saw what was not sent')
        }
        if (event.data.mayAct)
          equal(this.#isHeldBack, true, 'a robot acts outside only where it asked before')
        this.#mayAct = event.data.mayAct
        this.#isHeldBack = false
        this.#given = new Map(this.#unanswered)
        this.#unanswered.clear()
        this.#wentOn()
        this.#runningTurn = event.data.turn
        break
      }
      case 'BotTurnCompleted':
      case 'BotTurnFailed':
        equal(this.#owner, 'robot')
        equal(event.data.turn, this.#runningTurn, 'only the running turn ends')
        if (event.type === 'BotTurnFailed' && ['held_back', 'overtaken'].includes(event.data.reason))
          this.#takeBack()
        else if (event.type === 'BotTurnCompleted' && event.data.usedMessageIds.length > 0 && !this.#mayAct)
          for (const id of this.#unanswered.keys())
            ok(this.#thanks.has(id), 'what cannot be taken back is done with all that was in the log')
        this.#isHeldBack =
          event.type === 'BotTurnFailed' &&
          event.data.reason === 'held_back' &&
          [...this.#unanswered.values()].some((change) => change !== 'deleted')
        this.#heardIn = correlationId
        this.#runningTurn = 0
        this.#lastTurn = event.data.turn
        for (const id of event.type === 'BotTurnCompleted' ? event.data.usedMessageIds : []) {
          this.#used.add(id)
          if (this.#unanswered.get(id)) this.#unanswered.delete(id)
        }
        break
      case 'HandoverRequested':
        equal(this.#owner, 'robot')
        this.#leaveRobot('people')
        break
      case 'ConversationEnding':
        equal(this.#owner, 'robot')
        this.#cross()
        this.#leaveRobot('ending')
        break
      case 'ConversationClosed':
        equal(event.data.conversationId, this.#conversation)
        equal(this.#closed.has(this.#conversation), false, 'closed once')
        this.#closed.add(this.#conversation)
        this.#ended = this.#conversation
        if (event.data.reason === 'merged' && this.#runningTurn > 0 && !this.#mayAct) this.#takeBack()
        if (this.#owner === 'robot') this.#cross()
        if (event.data.reason === 'merged')
          deepEqual(
            this.#passedOn,
            Date.parse(at) >= this.#silentUntil ? this.#crossed : new Set(),
            'what nobody answered is heard under the other name, and nothing else',
          )
        if (!this.#isAllowed() || event.data.reason === 'merged') this.#crossed.clear()
        this.#leaveRobot('nobody')
        this.#conversation = ''
        break
      case 'MessageSendRequested': {
        const { purpose, messageId } = event.data
        if (purpose === 'stop_notice') {
          equal(
            this.#allowed.optedOut && !this.#startTold && !this.#allowed.blocked,
            true,
            'once for each stop',
          )
          this.#startTold = true
          this.#stopNotice = messageId
        } else equal(this.#isAllowed(), true, 'nothing is sent to who said stop or is blocked')
        if (purpose === 'too_late_notice') ok(this.#used.size > 0)
        if (purpose === 'too_late_notice' && correlationId === (this.#conversation || this.#ended))
          this.#crossed.clear()
        if (purpose === 'too_late_notice' || purpose === 'stop_notice') {
          notEqual(correlationId, '', 'what we say belongs to a conversation')
          equal(
            correlationId,
            this.#heardIn || this.#ended,
            'to the one that has the words that it answers, open or ended',
          )
        } else {
          notEqual(this.#conversation, '', 'what we say belongs to an open conversation')
          equal(correlationId, this.#conversation)
        }
        if (event.data.type !== 'template')
          ok(Date.parse(at) - this.#lastMessageAt <= 86_400_000, 'within the reply window')
        if (
          ['robot_returns', 'privacy_notice', 'waiting_notice'].includes(purpose) &&
          this.#owner === 'robot'
        )
          ok(Date.parse(at) >= this.#silentUntil, 'nor does it announce itself')
        if (event.data.purpose.startsWith('bot_answer')) {
          equal(actor!.kind, 'bot')
          equal(this.#owner, 'robot', 'a robot speaks only while it owns')
        }
        if (event.data.purpose.startsWith('bot_answer')) {
          // What is said again takes the place of what did not reach the customer.
          const others = (this.#saidBy.get(this.#lastTurn) ?? []).filter((id) => !this.#unreached.has(id))
          this.#saidBy.set(this.#lastTurn, [...others, messageId])
        }
        if (event.data.purpose === 'bot_answer_again') this.#unreached.clear()
        if (event.data.purpose === 'privacy_notice') this.#wentOn()
        if (purpose.startsWith('bot_answer')) this.#answer.add(messageId)
        if (event.data.purpose === 'transcript_link') equal(this.#owner, 'ending')
        this.#status.set(event.data.messageId, 0)
        break
      }
      case 'MessageSendUncertain':
        this.#advance(event.data.messageId, 0.5)
        this.#unreachedBy(event.data.messageId)
        break
      case 'MessageResent':
        equal(this.#status.get(event.data.messageId), 0, 'only what nobody knows about goes again')
        equal(this.#resent.has(event.data.messageId), false, 'once')
        equal(this.#isAllowed(), true)
        this.#resent.add(event.data.messageId)
        break
      case 'MessageDoubled':
        equal(this.#doubled.has(event.data.messageId), false, 'on record once')
        this.#doubled.add(event.data.messageId)
        break
      case 'MessageSent':
        this.#advance(event.data.messageId, 1)
        break
      case 'DeliveryStatusAdvanced':
        this.#advance(event.data.messageId, { delivered: 2, read: 3, played: 4 }[event.data.status]!)
        break
      case 'MessageFailed':
        ok(this.#status.get(event.data.messageId)! < 2, 'what arrived did not fail')
        this.#advance(event.data.messageId, 9)
        this.#unreachedBy(event.data.messageId)
        if (this.#shown?.messageId === event.data.messageId) this.#shown = undefined
        if (this.#stopNotice === event.data.messageId) this.#startTold = false
        break
      case 'PrivacyNoticeShown':
        equal(this.#status.get(event.data.messageId), 1, 'shown means sent')
        this.#shown = { version: event.data.noticeVersion, messageId: event.data.messageId }
        break
      case 'ContactOptedOut':
        this.#allowed.optedOut = true
        this.#startTold = false
        break
      case 'ContactOptedIn':
        this.#allowed.optedOut = false
        break
      case 'ContactBlocked':
        this.#allowed.blocked = true
        break
      case 'ContactUnblocked':
        this.#allowed.blocked = false
        break
      case 'ContactAbsorbed':
        if (event.data.optedOut && !this.#allowed.optedOut) this.#startTold = true
        this.#allowed.optedOut ||= event.data.optedOut
        break
      case 'CommandRedirected':
        if (this.#owner !== 'merged' && event.data.commandType === 'ReceiveMessage') {
          const { data } = conversations.readCommand(CommandEnvelope.decode(event.data.command))
          const { providerMessageId } = data as CommandData<'ReceiveMessage'>
          this.#passedOn.add(this.#received.get(providerMessageId) ?? providerMessageId)
        }
        break
      case 'ContactMerged':
        equal(this.#owner, 'nobody', 'a merged contact has no open conversation, and merges once')
        this.#owner = 'merged'
        break
      default:
        break
    }
  }

  /** What the turn was given waits again, as it is by now. */
  #takeBack(): void {
    const since = this.#unanswered
    this.#unanswered = new Map(this.#given)
    for (const id of this.#given.keys()) this.#answered.delete(id)
    for (const [id, change] of since)
      if (change === '' || !this.#given.has(id)) this.#unanswered.set(id, change)
      else if (change === 'deleted' || this.#given.get(id) !== '') this.#unanswered.set(id, change)
  }

  #unreachedBy(messageId: string): void {
    if (this.#answer.delete(messageId)) this.#unreached.add(messageId)
  }

  /** What the robot said last, also where somebody who wrote in the app has taken its place: on its way it holds up the next turn. */
  #saidLast(): readonly string[] {
    return this.#saidBy.get(this.#lastTurn) ?? []
  }

  /** The customer reacts to the last answer, whatever of it they saw. */
  #wentOn(): void {
    this.#answer.clear()
    this.#unreached.clear()
  }

  #cross(): void {
    for (const [id, change] of this.#unanswered)
      if (change === '' && !this.#thanks.has(id)) this.#crossed.add(id)
  }

  #changed(messageId: string, change: 'edited' | 'deleted'): void {
    if (change === 'deleted') this.#crossed.delete(messageId)
    if (this.#owner !== 'robot' || !this.#isAllowed() || this.#used.has(messageId)) return
    if (messageId === '') return
    if (this.#saidIn.get(messageId) !== this.#conversation && !this.#unanswered.has(messageId)) return
    if (this.#unanswered.get(messageId) !== '') this.#unanswered.set(messageId, change)
    else if (change === 'deleted') this.#unanswered.delete(messageId)
  }

  #leaveRobot(to: 'nobody' | 'people' | 'ending'): void {
    this.#wentOn()
    this.#owner = to
    this.#runningTurn = 0
    this.#unanswered.clear()
  }

  #advance(messageId: string, progress: number): void {
    const known = this.#status.get(messageId)
    ok(known !== undefined, 'only what was asked for is reported')
    ok(progress > known, 'a status never goes back')
    this.#status.set(messageId, progress)
  }
}
