import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { RecordedEvent } from '@parley/kernel'
import {
  AbsorbContact,
  BlockContact,
  EditMessage,
  MergeContact,
  ReactToMessage,
  type ReceiveMessage,
  RevokeMessage,
  UnblockContact,
} from '@parley/proto/commands'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MESSAGES_MAX, WAITING_INPUTS_MAX } from './state.ts'
import {
  Story,
  type Wish,
  chooses,
  completes,
  endWithLink,
  endWithoutLink,
  expires,
  fails,
  handOver,
  isFailed,
  isSent,
  isResent,
  isUncertain,
  issuesLink,
  notes,
  payloads,
  queued,
  receipt,
  say,
  says,
  testPolicy,
} from './story.ts'
import type { ConversationPolicy } from './policy.ts'

// Whatever comes, in whatever order, from whomever, however late and however often.

type Step =
  | { do: 'write'; words: string; wamid: number; late: number }
  | { do: 'tap'; id: string; wamid: number }
  | { do: 'note'; wamid: number }
  | { do: 'edit' | 'revoke' | 'react'; wamid: number }
  | { do: 'sent' | 'failed' | 'uncertain' | 'resent' | 'sent twice'; message: number }
  | { do: 'receipt'; message: number; status: string }
  | { do: 'complete'; turn: number; conversation: number; actions: readonly string[] }
  | { do: 'go on'; actions: readonly string[] }
  | { do: 'let time pass' }
  | { do: 'fail'; turn: number; conversation: number }
  | { do: 'expire'; kind: string; event: number }
  | { do: 'link'; conversation: number }
  | { do: 'block' | 'unblock' | 'merge' | 'absorb' }
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
    arbitrary: fc.record({ do: fc.constant('go on'), actions: fc.array(action, { maxLength: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('let time pass') }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write'),
      words: fc.constantFrom(...Array<string>(10).fill('oi'), 'meu cartão', 'PARE.', 'start'),
      wamid,
      late: fc.constantFrom(0, 0, 0, 0, 0, 3600, 200_000, -900),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('tap'), id: fc.constantFrom('yes', 'opt_out', 'opt_in'), wamid }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('note'), wamid }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('edit', 'revoke', 'react'), wamid }) },
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
      kind: fc.constantFrom('bot_turn', 'silence', 'ending', 'moon'),
      event: fc.nat(8),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('link'), conversation: recent }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('block', 'unblock', 'unblock', 'absorb') }) },
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

const RUNS = Number(process.env['FC_RUNS'] ?? 250)

test('no interleaving breaks a rule of the conversation', () => {
  expect(() => fc.assert(fc.property(steps, afterUnsentAnswer, play), { numRuns: RUNS })).not.toThrow()
}, 120_000)

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
      const kept = story.state
      const before = JSON.stringify(kept)
      witness.see(wish, story.when(wish), story.at)
      equal(JSON.stringify(kept), before, 'a state is never changed in place')
      wishes.push(wish)
    }
  }
  witness.conclude(story)
}

function wishOf(
  one: Exclude<Step, { do: 'wait' | 'change processors' | 'again' }>,
  story: Story,
): Wish | undefined {
  const pick = <Item>(items: readonly Item[], back: number): Item | undefined => items.at(-1 - back)
  const sent = () => payloads(story.events, 'messageSendRequested').map(({ messageId }) => messageId)
  const opened = () =>
    payloads(story.events, 'conversationOpened').map(({ conversationId }) => conversationId)
  switch (one.do) {
    case 'write':
      return says(one.words, {
        providerMessageId: `in.${one.wamid}`,
        occurredAt: new Date(Date.parse(story.at) - one.late * 1000).toISOString(),
      })
    case 'tap':
      return says('', {
        providerMessageId: `in.${one.wamid}`,
        content: {
          message: { body: { $case: 'choice', value: { id: one.id, title: 'A button' } } },
        } as never,
      })
    case 'note':
      return notes('number_changed', { providerMessageId: `in.${one.wamid}` })
    case 'edit': {
      const value = EditMessage.fromPartial({
        ...aboutMessage(one.wamid),
        content: { message: { body: { $case: 'text', value: { text: 'edited' } } } },
      })
      return { payload: { $case: 'editMessage', value } }
    }
    case 'revoke':
      return {
        payload: { $case: 'revokeMessage', value: RevokeMessage.fromPartial(aboutMessage(one.wamid)) },
      }
    case 'react':
      return {
        payload: { $case: 'reactToMessage', value: ReactToMessage.fromPartial(aboutMessage(one.wamid)) },
      }
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
      const turn = pick(payloads(story.events, 'botTurnRequested'), one.turn)?.turn ?? 1
      return completes(pick(opened(), one.conversation) ?? 'none', turn, one.actions.map(actionOf), 'session')
    }
    case 'go on':
      return whatShouldHappen(story, one.actions)
    case 'let time pass':
      return whatIsDue(story)
    case 'fail':
      return fails(
        pick(opened(), one.conversation) ?? 'none',
        pick(payloads(story.events, 'botTurnRequested'), one.turn)?.turn ?? 1,
      )
    case 'expire':
      return expires(one.kind, pick(story.events, one.event)?.envelope.eventId ?? 'none')
    case 'link':
      return issuesLink(pick(opened(), one.conversation) ?? 'none')
    case 'block':
      return { payload: { $case: 'blockContact', value: BlockContact.fromPartial({ reason: 'abuse' }) } }
    case 'unblock':
      return { payload: { $case: 'unblockContact', value: UnblockContact.fromPartial({}) } }
    case 'merge':
      return {
        payload: { $case: 'mergeContact', value: MergeContact.fromPartial({ intoContactId: 'elder' }) },
      }
    case 'absorb':
      return {
        payload: {
          $case: 'absorbContact',
          value: AbsorbContact.fromPartial({ fromContactId: 'younger', optedOut: true }),
        },
      }
  }
}

/** What services that all work would wish next. */
function whatShouldHappen(story: Story, actions: readonly string[]): Wish | undefined {
  const { conversation } = story.state
  const [unsent] = queued(story)
  if (unsent !== undefined) return isSent(unsent)
  if (conversation.stage === 'with_robot' && conversation.robot.step === 'answering')
    return completes(conversation.id, conversation.robot.turn, actions.map(actionOf), 'session')
  if (conversation.stage === 'ending') return issuesLink(conversation.id)
  return undefined
}

function whatIsDue(story: Story): Wish | undefined {
  const { conversation } = story.state
  if (conversation.stage === 'ending') return expires('ending', conversation.reference)
  if (conversation.stage !== 'with_robot') return undefined
  return conversation.robot.step === 'answering'
    ? expires('bot_turn', conversation.robot.requestId)
    : expires('silence', conversation.silenceReference)
}

function aboutMessage(wamid: number) {
  return {
    channelAccountId: 'account',
    providerMessageId: `about.${wamid}`,
    targetProviderMessageId: `in.${wamid}`,
  }
}

function actionOf(word: string) {
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
      return {
        $case: 'say',
        value: {
          content: {
            message: {
              body: { $case: 'template', value: { name: 'hello', language: 'pt_BR', parameters: [] } },
            },
          },
        },
      } as never
    case 'nonsense':
      return { $case: 'say', value: { content: undefined } } as const
    default:
      return chooses(word)
  }
}

function isNote({ content }: Pick<ReceiveMessage, 'content'>): boolean {
  return content?.message?.body?.$case === 'note'
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
  #received = new Map<string, string>()
  #wished = new Set<string>()
  #redirected = new Set<string>()
  #unanswered = new Set<string>()
  #answered = new Set<string>()

  constructor(notice: string) {
    this.notice = notice
  }

  see({ payload }: Wish, events: readonly RecordedEvent[], at: string): void {
    if (payload.$case === 'receiveMessage') this.#wished.add(payload.value.providerMessageId)
    for (const event of events) this.#follow(event, at)
    if (
      payload.$case === 'receiveMessage' &&
      this.#owner === 'merged' &&
      !this.#received.has(payload.value.providerMessageId)
    )
      this.#redirected.add(payload.value.providerMessageId)
    const idle =
      this.#owner === 'robot' &&
      this.#runningTurn === 0 &&
      this.#shown?.version === testPolicy(this.notice).notice.version
    const note = payload.$case === 'receiveMessage' && isNote(payload.value)
    if (note && this.#owner !== 'merged')
      for (const { envelope } of events)
        ok(['contactRegistered', 'contactAliasesAdded', 'messageReceived'].includes(envelope.payload.$case))
    const changed = payload.$case === 'editMessage' || payload.$case === 'revokeMessage'
    if (idle && this.#isAllowed() && events.length > 0 && !changed && !note)
      deepEqual([...this.#unanswered], [], 'a robot that is free has nothing left to answer')
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
      new Set(inputs.map(({ messageId }) => messageId)),
      this.#unanswered,
      'what waits is what was not answered',
    )
    ok(JSON.stringify(state).length < 200_000)
    deepEqual(JSON.parse(JSON.stringify(state)), state, 'a snapshot says all')
    deepEqual(story.folded(), state, 'the bytes in the log give the state that was decided on')
    deepEqual(story.folded(Math.floor(story.events.length / 2)), state, 'snapshot and tail = full fold')
  }

  #isAllowed(): boolean {
    return !this.#allowed.optedOut && !this.#allowed.blocked
  }

  #follow({ envelope }: RecordedEvent, at: string): void {
    const { payload, correlationId, streamVersion, occurredAt, actor } = envelope
    equal(streamVersion, (this.#version += 1), 'versions have no gaps')
    switch (payload.$case) {
      case 'conversationOpened':
        equal(this.#owner, 'nobody', 'a conversation opens only when none is open')
        this.#owner = 'robot'
        this.#conversation = payload.value.conversationId
        break
      case 'messageReceived': {
        const { providerMessageId, messageId } = payload.value
        equal(this.#received.has(providerMessageId), false, `${providerMessageId} is received once`)
        equal(correlationId, this.#conversation)
        this.#received.set(providerMessageId, messageId)
        if (isNote(payload.value)) break
        this.#lastMessageAt = Math.max(this.#lastMessageAt, Math.min(Date.parse(occurredAt!), Date.parse(at)))
        if (this.#owner === 'robot' && this.#isAllowed()) this.#unanswered.add(messageId)
        break
      }
      case 'messageRevoked':
        this.#unanswered.delete(payload.value.targetMessageId)
        break
      case 'botTurnRequested': {
        equal(this.#owner, 'robot', 'only the owner gets turns')
        equal(this.#runningTurn, 0, 'one turn at a time')
        equal(
          this.#shown?.version,
          testPolicy(this.notice).notice.version,
          'who reads along was shown before',
        )
        equal(this.#isAllowed(), true)
        const inputs = payload.value.content!.turn!.inputs.map(({ messageId }) => messageId)
        deepEqual(new Set(inputs), this.#unanswered, 'a turn takes all that waits')
        for (const id of inputs) equal(this.#answered.has(id), false, 'in one turn only')
        for (const id of inputs) this.#answered.add(id)
        this.#unanswered.clear()
        this.#runningTurn = payload.value.turn
        break
      }
      case 'botTurnCompleted':
      case 'botTurnFailed':
        equal(this.#owner, 'robot')
        equal(payload.value.turn, this.#runningTurn, 'only the running turn ends')
        this.#runningTurn = 0
        break
      case 'handoverRequested':
        equal(this.#owner, 'robot')
        this.#leaveRobot('people')
        break
      case 'conversationEnding':
        equal(this.#owner, 'robot')
        this.#leaveRobot('ending')
        break
      case 'conversationClosed':
        equal(payload.value.conversationId, this.#conversation)
        equal(this.#closed.has(this.#conversation), false, 'closed once')
        this.#closed.add(this.#conversation)
        this.#leaveRobot('nobody')
        this.#conversation = ''
        break
      case 'messageSendRequested': {
        equal(this.#isAllowed(), true, 'nothing is sent to who said stop or is blocked')
        notEqual(this.#conversation, '', 'what we say belongs to an open conversation')
        equal(correlationId, this.#conversation)
        if (payload.value.type !== 'template')
          ok(Date.parse(at) - this.#lastMessageAt <= 86_400_000, 'within the reply window')
        if (payload.value.purpose === 'bot_answer') {
          equal(actor!.kind, 'bot')
          equal(this.#owner, 'robot', 'a robot speaks only while it owns')
        }
        if (payload.value.purpose === 'transcript_link') equal(this.#owner, 'ending')
        this.#status.set(payload.value.messageId, 0)
        break
      }
      case 'messageSendUncertain':
        this.#advance(payload.value.messageId, 0.5)
        break
      case 'messageResent':
        equal(this.#status.get(payload.value.messageId), 0, 'only what nobody knows about goes again')
        equal(this.#resent.has(payload.value.messageId), false, 'once')
        equal(this.#isAllowed(), true)
        this.#resent.add(payload.value.messageId)
        break
      case 'messageDoubled':
        equal(this.#doubled.has(payload.value.messageId), false, 'on record once')
        this.#doubled.add(payload.value.messageId)
        break
      case 'messageSent':
        this.#advance(payload.value.messageId, 1)
        break
      case 'deliveryStatusAdvanced':
        this.#advance(payload.value.messageId, { delivered: 2, read: 3, played: 4 }[payload.value.status]!)
        break
      case 'messageFailed':
        ok(this.#status.get(payload.value.messageId)! < 2, 'what arrived did not fail')
        this.#advance(payload.value.messageId, 9)
        if (this.#shown?.messageId === payload.value.messageId) this.#shown = undefined
        break
      case 'privacyNoticeShown':
        equal(this.#status.get(payload.value.messageId), 1, 'shown means sent')
        this.#shown = { version: payload.value.noticeVersion, messageId: payload.value.messageId }
        break
      case 'contactOptedOut':
        this.#allowed.optedOut = true
        break
      case 'contactOptedIn':
        this.#allowed.optedOut = false
        break
      case 'contactBlocked':
        this.#allowed.blocked = true
        break
      case 'contactUnblocked':
        this.#allowed.blocked = false
        break
      case 'contactAbsorbed':
        this.#allowed.optedOut ||= payload.value.optedOut
        break
      case 'contactMerged':
        equal(this.#owner, 'nobody', 'a merged contact has no open conversation')
        this.#owner = 'merged'
        break
      default:
        break
    }
  }

  #leaveRobot(to: 'nobody' | 'people' | 'ending'): void {
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
