import { expect, test } from 'vitest'
import { type TranscriptJson, audit, compare } from './ledger.ts'
import type { SentMessage } from './simulator-control.ts'

const customer = { waId: '5511900000001', wrote: ['in-1', 'in-2'] }

const sent = (...ids: string[]): SentMessage[] =>
  ids.map((id) => ({
    id,
    waId: customer.waId,
    acceptedAt: '2026-11-22T12:00:00.000Z',
    body: { type: 'text', text: { body: 'x' }, biz_opaque_callback_data: `ours-${id}` },
  }))

const transcript = (...shown: [author: string, id: string, status?: string][]): TranscriptJson => ({
  conversationId: 'c',
  messages: shown.map(([kind, providerMessageId, status = kind === 'customer' ? 'received' : 'sent']) => ({
    messageId: `message-${providerMessageId}`,
    providerMessageId,
    author: { kind },
    type: 'text',
    text: 'x',
    status,
  })),
  events: [],
})

const kinds = (left: SentMessage[], right: TranscriptJson): string[] =>
  compare(customer, left, right)
    .map(({ kind }) => kind)
    .filter((kind) => kind !== 'unfinished')

const whole = [
  ['customer', 'in-1'],
  ['bot', 'out-1'],
  ['customer', 'in-2'],
  ['bot', 'out-2'],
] as [string, string][]

test('a whole transcript has no findings', () => {
  expect(kinds(sent('out-1', 'out-2'), transcript(...whole))).toEqual([])
})

test("a customer's message that the transcript lacks is lost", () => {
  expect(kinds(sent('out-1', 'out-2'), transcript(...whole.filter(([, id]) => id !== 'in-2')))).toEqual([
    'lost',
  ])
})

test('a message on the phone that the transcript lacks is lost', () => {
  expect(kinds(sent('out-1', 'out-2', 'out-3'), transcript(...whole))).toEqual(['lost'])
})

test('a message that stands twice is doubled', () => {
  expect(kinds(sent('out-1', 'out-2'), transcript(...whole, ['customer', 'in-2']))).toContain('doubled')
})

test('one message that reached the phone twice under two provider ids is doubled', () => {
  const twice = sent('out-1', 'out-2').map((message) => ({
    ...message,
    body: { ...message.body, biz_opaque_callback_data: 'ours' },
  }))
  expect(kinds(twice, transcript(...whole))).toEqual(['doubled'])
})

test('messages in another order than they were written are disordered', () => {
  expect(
    kinds(
      sent('out-1', 'out-2'),
      transcript(['customer', 'in-2'], ['bot', 'out-1'], ['customer', 'in-1'], ['bot', 'out-2']),
    ),
  ).toEqual(['disordered'])
})

test('a message said to be sent that no phone ever had breaks the record', () => {
  expect(kinds(sent('out-1'), transcript(...whole))).toEqual(['broken_record'])
})

test.each(['queued', 'failed', 'uncertain'])(
  'a message of ours that is %s at the end was not sent',
  (status) => {
    expect(kinds(sent('out-1', 'out-2'), transcript(...whole, ['bot', '', status]))).toEqual(['unsent'])
  },
)

test('a conversation that did not close is unfinished', () => {
  expect(compare(customer, sent('out-1', 'out-2'), transcript(...whole)).map(({ kind }) => kind)).toEqual([
    'unfinished',
  ])
})

test('a customer who wrote again without an answer and then gave up counts for each message, and as unfinished', async () => {
  const phones = { sent: () => Promise.resolve([]) }
  const gaveUp = { ...customer, answeredAfterMs: [], unanswered: ['in-1', 'in-2'], link: undefined }
  const { findings } = await audit(phones, [gaveUp], 0)
  expect(findings.map(({ kind }) => kind)).toEqual(['unanswered', 'unanswered', 'unfinished'])
})

test('a transcript that cannot be read breaks the record, and the others are looked at all the same', async () => {
  const phones = { sent: () => Promise.resolve([]) }
  const unreadable = { ...customer, answeredAfterMs: [], unanswered: [], link: 'http://127.0.0.1:1/t/x' }
  const { findings } = await audit(phones, [unreadable, { ...unreadable, link: undefined }], 0)
  expect(findings.map(({ kind }) => kind)).toEqual(['broken_record', 'unfinished'])
})
