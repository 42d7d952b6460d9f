import { contentOf } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { AlertRule, type WordsCondition } from '@parley/proto/workforce-configuration'
import { expect, test } from 'vitest'
import type { Alert } from '../../alerts/alert.ts'
import { RulesInForce } from '../../alerts/rules.ts'
import { type HeardForWords, hearingWords } from './words.ts'

const NOW = new Date('2026-03-02T12:00:00.000Z')
type Heard = Parameters<ReturnType<typeof hearingWords>>[0]['events'][number]

const event = (
  type: HeardForWords['type'],
  conversationId: string,
  {
    text = '',
    by = 'customer',
    purpose = 'agent_message',
    at = NOW.toISOString(),
    isNote = false,
  }: { text?: string; by?: string; purpose?: string; at?: string; isNote?: boolean } = {},
) =>
  ({
    type,
    data: type === 'MessageSendRequested' ? { purpose } : { isNote },
    envelope: {
      correlationId: conversationId,
      recordedAt: at,
      actor: { kind: by, id: 'p01' },
      content: contentOf({
        messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })],
      }),
    },
    record: { partition: 0, offset: 7n },
  }) as unknown as Heard

const rule = (name: string, words: Partial<WordsCondition>): AlertRule =>
  AlertRule.fromPartial({ name, reason: 'Read along.', condition: { $case: 'words', value: words } })

/** A store that keeps what it is told, and conversations that stand in these queues. */
function hearing(
  rules: readonly AlertRule[],
  queues: Readonly<Record<string, string>> = {},
  closed: readonly string[] = [],
  isFolded: () => boolean = () => true,
) {
  const kept = new Map<string, Alert>()
  const handle = hearingWords({
    store: {
      begin: async (alerts) => {
        for (const alert of alerts) if (!kept.has(alert.id)) kept.set(alert.id, alert)
      },
      endOfConversations: async (closed) => {
        for (const { id: conversationId, at } of closed)
          for (const [id, alert] of kept)
            if (alert.conversationId === conversationId) kept.set(id, { ...alert, endedAt: at })
      },
    },
    rules: new RulesInForce(() => rules),
    whenConfigured: async () => {},
    isFolded: async () => isFolded(),
    conversation: async (id) => ({
      queue: queues[id] ?? null,
      closedAt: closed.includes(id) ? '2026-03-02T11:58:00.000Z' : null,
    }),
    changed: () => {},
    now: () => NOW,
  })
  return {
    hear: (...events: readonly Heard[]) => handle({ events }),
    alerts: () =>
      [...kept.values()].map(({ rule: name, conversationId, endedAt }) => [name, conversationId, endedAt]),
    kept,
  }
}

test('words that a rule names open one alert for a conversation, however often they are said and read, until it is closed', async () => {
  const it = hearing([rule('sue', { patterns: ['procon'] })])
  const said = event('MessageReceived', 'c-1', { text: 'Vou ao PROCON!' })
  await it.hear(said, event('MessageReceived', 'c-2', { text: 'bom dia' }))
  await it.hear(said, event('MessageEdited', 'c-1', { text: 'procon…' }))
  expect(it.alerts()).toEqual([['sue', 'c-1', null]])
  await it.hear(event('ConversationClosed', 'c-1', { at: '2026-03-02T12:01:00.000Z' }))
  expect(it.alerts()).toEqual([['sue', 'c-1', '2026-03-02T12:01:00.000Z']])
  // Told of its beginning and its end all the same.
  await it.hear(
    event('MessageReceived', 'c-3', { text: 'procon' }),
    event('ConversationClosed', 'c-3', { at: '2026-03-02T12:02:00.000Z' }),
  )
  expect(it.alerts().at(-1)).toEqual(['sue', 'c-3', '2026-03-02T12:02:00.000Z'])
})

test('what is said or edited behind the end of a conversation is told, and leaves no alert open', async () => {
  const it = hearing([rule('sue', { patterns: ['procon'] })], {}, ['c-1'])
  const at = '2026-03-02T11:59:00.000Z'
  await it.hear(event('MessageEdited', 'c-1', { text: 'procon', at }))
  // Not before it was opened: who is told of both goes by these times.
  expect(it.alerts()).toEqual([['sue', 'c-1', NOW.toISOString()]])
})

test('while what is known of conversations is behind, no rule of some queues is silent for what was said: it is heard again', async () => {
  const sues = rule('sues', { patterns: ['procon'], queues: ['cards'] })
  let isFolded = false
  const queues: Record<string, string> = {}
  const { hear, alerts } = hearing([sues], queues, [], () => isFolded)
  const said = event('MessageReceived', 'c-1', { text: 'Vou ao PROCON' })
  await expect(hear(said)).rejects.toThrow('is behind')
  // What no rule is about waits for nothing.
  await hear(event('MessageReceived', 'c-1', { text: 'oi' }))
  queues['c-1'] = 'cards'
  isFolded = true
  await hear(said)
  expect(alerts()).toEqual([['sues', 'c-1', null]])
})

test('a rule is of its queues and of the side that it names; the robot’s words, notices and what the channel says of the customer are nobody’s', async () => {
  const it = hearing(
    [
      rule('of_cards', { patterns: ['procon'], queues: ['cards'] }),
      rule('by_agents', { patterns: ['procon'], saidBy: 'agent' }),
      rule('by_customers', { patterns: ['procon'], saidBy: 'customer' }),
    ],
    { 'c-1': 'cards', 'c-2': 'general' },
  )
  await it.hear(
    event('MessageReceived', 'c-1', { text: 'procon' }),
    event('MessageReceived', 'c-2', { text: 'procon' }),
    event('MessageSendRequested', 'c-3', { text: 'procon', by: 'agent' }),
    event('MessageSendRequested', 'c-4', { text: 'procon', by: 'agent', purpose: 'taken_over' }),
    event('MessageSendRequested', 'c-5', { text: 'procon', by: 'bot', purpose: 'bot_answer' }),
    event('MessageReceived', 'c-6', { text: 'procon', isNote: true }),
  )
  expect(it.alerts()).toEqual([
    ['of_cards', 'c-1', null],
    ['by_customers', 'c-1', null],
    ['by_customers', 'c-2', null],
    ['by_agents', 'c-3', null],
  ])
})

test('no alert holds a word of what was said, and what was said more than a day ago is no news', async () => {
  const it = hearing([rule('sue', { patterns: ['procon'] })])
  await it.hear(
    event('MessageReceived', 'c-1', { text: 'procon, CPF 529.982.247-25' }),
    event('MessageReceived', 'c-2', { text: 'procon', at: '2026-03-01T11:59:59.000Z' }),
  )
  expect(it.alerts()).toEqual([['sue', 'c-1', null]])
  expect(JSON.stringify([...it.kept.values()])).not.toMatch(/procon|529/)
})
