import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import { managed } from '@parley/eventlog'
import { UnreadableRecord, clocksOf, deterministicId, sha256 } from '@parley/kernel'
import { CommandEnvelope } from '@parley/proto/envelope'
import { Chain, type Circumstances, type Sketch } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type ReactedEvent, reactionsTo, wishesFor } from './reactions.ts'

const AT = '2026-01-05T12:00:00.000Z'
const NOW = Date.parse(AT)

type Reacted = Extract<ConversationEvent, { type: ReactedEvent['type'] }>

/** The seventh event of the contact `younger`. */
function followed(event: Sketch<Reacted>, circumstances: Circumstances = {}): ReactedEvent {
  const sixth = { version: 6, hash: sha256(Buffer.from('sixth')), offset: 6n, superseded: [] }
  const chain = new Chain(conversations, 'younger', { at: AT, partition: 2, offset: 7n, continues: sixth })
  return chain.add(event, circumstances) as ReactedEvent
}

test('a message that is asked for goes to the outbox with its place in the stream, its words as they are', () => {
  const content = contentOf({
    messages: [
      { body: { $case: 'linkButton', value: { text: 'Your record', displayText: 'Open', url: '' } } },
    ],
    url: 'https://x/t/1',
  })
  const event = followed(
    {
      type: 'MessageSendRequested',
      data: { messageId: 'm', channelAccountId: 'A', replyToProviderMessageId: 'wamid.IN' },
    },
    { content, correlationId: 'conversation', traceparent: 'trace' },
  )
  expect(reactionsTo([event], NOW).messages).toEqual([
    {
      messageId: 'm',
      contactId: 'younger',
      accountId: 'A',
      partition: 2,
      streamVersion: 7,
      conversationId: 'conversation',
      causationId: event.envelope.eventId,
      traceparent: 'trace',
      position: 7,
      replyToProviderMessageId: 'wamid.IN',
      content,
    },
  ])
})

test('what was forbidden to a merged contact is told to the survivor with its names, which lead there from now on', () => {
  const content = contentOf({
    profile: { waId: '1111', userId: '', parentUserId: '', name: 'Ana', username: '' },
  })
  const merged = followed(
    {
      type: 'ContactMerged',
      data: {
        intoContactId: 'survivor',
        optedOut: true,
        surveyConversationId: 'c1',
        surveyUntil: AT,
        peopleQueue: 'cards',
        peopleAgentId: 'ana',
      },
    },
    { content },
  )
  expect(reactionsTo([merged], NOW).merges).toEqual([{ from: 'younger', into: 'survivor' }])
  expect(wishesFor(merged)).toMatchObject([
    {
      type: 'AbsorbContact',
      data: {
        fromContactId: 'younger',
        optedOut: true,
        blocked: false,
        surveyConversationId: 'c1',
        surveyUntil: AT,
        peopleQueue: 'cards',
        peopleAgentId: 'ana',
      },
      commandId: deterministicId('absorb', merged.envelope.eventId),
      streamId: 'survivor',
      causationId: merged.envelope.eventId,
      content,
    },
  ])
})

test('a merge that was turned around is wished of the other contact; until it is done no name leads elsewhere', () => {
  const turned = followed({ type: 'MergeTurnedAround', data: { fromContactId: 'youngest' } })
  expect(reactionsTo([turned], NOW).merges).toEqual([])
  expect(wishesFor(turned)).toMatchObject([
    {
      type: 'MergeContact',
      data: { intoContactId: 'younger' },
      commandId: deterministicId('merge', turned.envelope.eventId),
      streamId: 'youngest',
    },
  ])
})

test('a tap under a survey of the name that was merged away is judged there, as it was said; no name leads back', () => {
  const answer = { conversationId: 'c1', messageId: 'm1', score: 2, reason: '', via: 'typed' }
  const passedOn = followed({ type: 'SurveyAnswerPassedOn', data: { contactId: 'youngest', ...answer } })
  expect(reactionsTo([passedOn], NOW).merges).toEqual([])
  expect(wishesFor(passedOn)).toMatchObject([
    {
      type: 'JudgeConversation',
      data: answer,
      commandId: deterministicId('judge', passedOn.envelope.eventId),
      streamId: 'youngest',
      occurredAt: clocksOf(passedOn.envelope).occurredAt,
    },
  ])
})

test('a redirected wish is said again with its own words, and the same event gives the same wish after a crash', () => {
  const content = contentOf({ raw: Buffer.from('{"value":"stop"}') })
  const wish = conversations.commandEnvelope({
    ...conversations.command('SetMarketingPreference', { category: 'marketing', value: 'stop' }),
    commandId: 'preference',
    streamId: 'younger',
    occurredAt: AT,
    actor: { kind: 'customer', id: 'younger' },
    correlationId: 'c',
  })
  const command = Buffer.from(CommandEnvelope.encode(wish).finish())
  const redirected = followed(
    { type: 'CommandRedirected', data: { intoContactId: 'survivor', command } },
    { content },
  )
  expect(reactionsTo([redirected], NOW).merges).toEqual([{ from: 'younger', into: 'survivor' }])
  expect(wishesFor(redirected)).toEqual(wishesFor(redirected))
  expect(wishesFor(redirected)).toMatchObject([
    {
      type: 'SetMarketingPreference',
      data: { category: 'marketing', value: 'stop' },
      commandId: deterministicId('redirect', 'preference'),
      streamId: 'survivor',
      occurredAt: AT,
      correlationId: 'c',
      actor: { kind: 'customer', id: 'survivor' },
      content,
    },
  ])
})

test.each([
  ['no bytes', Buffer.alloc(0)],
  ['bytes that are no command', Buffer.from([0xff, 0xff])],
  [
    'a command that nobody knows',
    Buffer.from(
      CommandEnvelope.encode(CommandEnvelope.fromPartial({ type: 'Sing', schemaVersion: 1 })).finish(),
    ),
  ],
])(
  'a redirected wish of %s parks its stream instead of holding up the partition or being lost',
  async (_, command) => {
    const chain = new Chain(conversations, 'younger', { at: AT })
    const [before, redirected, behind] = chain.addAll([
      { type: 'MessageSent', data: { messageId: 'before' } },
      { type: 'CommandRedirected', data: { intoContactId: 'survivor', command } },
      { type: 'MessageSent', data: { messageId: 'behind' } },
    ]) as ReactedEvent[]
    const other = new Chain(conversations, 'other', { at: AT }).add({
      type: 'MessageSent',
      data: { messageId: 'other' },
    }) as ReactedEvent
    const said: unknown[] = []
    const reacted: unknown[] = []
    const handle = managed(
      async (commands: readonly unknown[]) => said.push(...commands),
      wishesFor,
      async (events) => void reacted.push(...events),
    )
    await expect(handle({ events: [before!, redirected!, behind!, other] })).rejects.toMatchObject({
      poisons: [{ event: redirected }],
    })
    expect([said, reacted]).toEqual([[], []])
  },
)

test('typing is shown for the newest message of a turn that has just begun, and for no other', () => {
  const turn = (...providerMessageIds: readonly string[]) =>
    followed({
      type: 'BotTurnRequested',
      data: {
        channelAccountId: 'A',
        inputs: providerMessageIds.map((providerMessageId) => ({ providerMessageId })),
      },
    })
  expect(reactionsTo([turn('wamid.1', 'wamid.2')], NOW + 1_000).typing).toEqual([
    { accountId: 'A', providerMessageId: 'wamid.2' },
  ])
  expect(reactionsTo([turn('wamid.1')], NOW + 60_000).typing).toEqual([])
  expect(reactionsTo([turn(), turn('sha256:00')], NOW).typing).toEqual([])
})

test('who said stop or was blocked, under this name or one that proved to be theirs, gets nothing asked for before', () => {
  const reasons = (event: Sketch<Reacted>) =>
    reactionsTo([followed(event)], NOW).suppressions.map(({ reason }) => reason)
  expect(reactionsTo([followed({ type: 'ContactOptedOut' })], NOW).suppressions).toEqual([
    { contactId: 'younger', partition: 2, beforeVersion: 7, reason: 'CONTACT_OPTED_OUT' },
  ])
  expect(reasons({ type: 'ContactBlocked' })).toEqual(['CONTACT_BLOCKED'])
  expect(reasons({ type: 'ContactAbsorbed', data: { optedOut: true, blocked: true } })).toEqual([
    'CONTACT_OPTED_OUT',
  ])
  expect(reasons({ type: 'ContactAbsorbed', data: { blocked: true } })).toEqual(['CONTACT_BLOCKED'])
  expect(reasons({ type: 'ContactAbsorbed' })).toEqual([])
})

test('a number that another person has now is lost to the contact; one that cannot be read stops what stands behind it', () => {
  const profile = { waId: '1111', userId: '', parentUserId: '', name: '', username: '' }
  const released = followed(
    { type: 'ContactNumberReleased' },
    { content: contentOf({ profile }), actor: { kind: 'channel', id: 'A' } },
  )
  expect(reactionsTo([released], NOW).lostNumbers).toEqual([
    { contactId: 'younger', accountId: 'A', waId: '1111', at: new Date(AT) },
  ])
  const broken = followed(
    { type: 'ContactNumberReleased' },
    { content: [{ name: 'profile', value: Buffer.from([0xff]) }] },
  )
  expect(() => wishesFor(broken)).toThrow(UnreadableRecord)
})

test.each([
  ['MessageSent', 'settledMessageIds'],
  ['MessageFailed', 'settledMessageIds'],
  ['DeliveryStatusAdvanced', 'settledMessageIds'],
  ['MessageResent', 'resentMessageIds'],
  ['MessageDoubled', 'doubledMessageIds'],
] as const)('a message of which the log says %s is among the %s', (type, ids) => {
  expect(reactionsTo([followed({ type, data: { messageId: 'm' } })], NOW)).toEqual({
    messages: [],
    settledMessageIds: [],
    resentMessageIds: [],
    doubledMessageIds: [],
    suppressions: [],
    lostNumbers: [],
    merges: [],
    typing: [],
    [ids]: ['m'],
  })
})
