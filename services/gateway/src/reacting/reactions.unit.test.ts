import { type EventPayload, type RecordedEvent, commandEnvelope, deterministicId } from '@parley/kernel'
import {
  BotTurnRequested,
  CommandRedirected,
  ContactAbsorbed,
  ContactBlocked,
  ContactOptedOut,
  MessageDoubled,
  MessageResent,
  MessageSendRequested,
  MessageSent,
} from '@parley/proto/events'
import { SetMarketingPreference } from '@parley/proto/commands'
import { CommandEnvelope } from '@parley/proto/envelope'
import { expect, test } from 'vitest'
import { reactionsTo } from './reactions.ts'

const AT = '2026-01-05T12:00:00.000Z'
const NOW = Date.parse(AT)

function followed(payload: EventPayload, streamId = 'younger', streamVersion = 7) {
  const envelope: RecordedEvent['envelope'] = {
    eventId: 'event',
    streamId,
    streamVersion,
    type: '',
    schemaVersion: 1,
    occurredAt: AT,
    recordedAt: AT,
    causationId: 'command',
    correlationId: 'conversation',
    actor: { kind: 'system', id: 'rules' },
    traceparent: '',
    prevHash: Buffer.alloc(0),
    payload,
  }
  return { envelope, partition: 2, offset: 40n, traceparent: 'trace' }
}

test('a message that is asked for goes to the outbox with its place in the stream', () => {
  const value = MessageSendRequested.fromPartial({ messageId: 'm', channelAccountId: 'A' })
  expect(reactionsTo([followed({ $case: 'messageSendRequested', value })], NOW).messages).toEqual([
    {
      messageId: 'm',
      contactId: 'younger',
      accountId: 'A',
      partition: 2,
      streamVersion: 7,
      conversationId: 'conversation',
      causationId: 'event',
      traceparent: 'trace',
      position: 40,
      message: value,
    },
  ])
})

test('the same event gives the same commands, so that a repeat after a crash changes nothing', () => {
  const command = commandEnvelope({
    commandId: 'preference',
    streamId: 'younger',
    occurredAt: AT,
    actor: { kind: 'customer', id: 'younger' },
    correlationId: 'c',
    payload: {
      $case: 'setMarketingPreference',
      value: SetMarketingPreference.fromPartial({ value: 'stop' }),
    },
  })
  const content = { command: Buffer.from(CommandEnvelope.encode(command).finish()) }
  const redirected = followed({
    $case: 'commandRedirected',
    value: CommandRedirected.fromPartial({ intoContactId: 'survivor', content }),
  })
  const { commands } = reactionsTo([redirected], NOW)
  expect(commands).toEqual(reactionsTo([redirected], NOW + 1e6).commands)
  expect(commands).toMatchObject([
    {
      commandId: deterministicId('redirect', 'preference'),
      streamId: 'survivor',
      occurredAt: AT,
      correlationId: 'c',
      actor: { kind: 'customer', id: 'survivor' },
      payload: { $case: 'setMarketingPreference', value: { value: 'stop' } },
    },
  ])
})

test('typing is shown for the newest message of a turn that has just begun, and for no other', () => {
  const turn = (providerMessageIds: readonly string[]) =>
    followed({
      $case: 'botTurnRequested',
      value: BotTurnRequested.fromPartial({
        channelAccountId: 'A',
        content: { turn: { inputs: providerMessageIds.map((providerMessageId) => ({ providerMessageId })) } },
      }),
    })
  expect(reactionsTo([turn(['wamid.1', 'wamid.2'])], NOW + 1_000).typing).toEqual([
    { accountId: 'A', providerMessageId: 'wamid.2' },
  ])
  expect(reactionsTo([turn(['wamid.1'])], NOW + 60_000).typing).toEqual([])
  expect(reactionsTo([turn([]), turn(['sha256:00'])], NOW).typing).toEqual([])
})

test('who said stop or was blocked, under this name or one that proved to be theirs, gets nothing asked for before', () => {
  const optedOut = followed({ $case: 'contactOptedOut', value: ContactOptedOut.fromPartial({}) })
  const blocked = followed({ $case: 'contactBlocked', value: ContactBlocked.fromPartial({}) })
  const absorbed = (forbidden: Partial<ContactAbsorbed>) =>
    followed({ $case: 'contactAbsorbed', value: ContactAbsorbed.fromPartial(forbidden) })
  const reasons = (event: ReturnType<typeof followed>) =>
    reactionsTo([event], NOW).suppressions.map(({ reason }) => reason)
  expect(reactionsTo([optedOut], NOW).suppressions).toEqual([
    { contactId: 'younger', partition: 2, beforeVersion: 7, reason: 'CONTACT_OPTED_OUT' },
  ])
  expect(reasons(blocked)).toEqual(['CONTACT_BLOCKED'])
  expect(reasons(absorbed({ optedOut: true, blocked: true }))).toEqual(['CONTACT_OPTED_OUT'])
  expect(reasons(absorbed({ blocked: true }))).toEqual(['CONTACT_BLOCKED'])
  expect(reasons(absorbed({}))).toEqual([])
})

test('what the log says of a message is told: settled, let go once more, or sent twice', () => {
  const events = [
    followed({ $case: 'messageSent', value: MessageSent.fromPartial({ messageId: 'sent' }) }),
    followed({
      $case: 'messageResent',
      value: MessageResent.fromPartial({ messageId: 'again', attempt: 2 }),
    }),
    followed({ $case: 'messageDoubled', value: MessageDoubled.fromPartial({ messageId: 'twice' }) }),
  ]
  expect(reactionsTo(events, NOW)).toEqual({
    messages: [],
    settledMessageIds: ['sent'],
    resentMessageIds: ['again'],
    doubledMessageIds: ['twice'],
    suppressions: [],
    merges: [],
    commands: [],
    typing: [],
  })
})
