import { contentOf, conversations } from '@parley/conversation'
import type { RecordedEvent } from '@parley/kernel'
import { MessageBody } from '@parley/proto/content'
import { SearchConversationsRequest, SearchServiceClient } from '@parley/proto/search'
import { grpcCall, grpcClient } from '@parley/service'
import { Chain, callerCredentials, until } from '@parley/testkit'
import { expect, test } from 'vitest'
import { startArchive } from './testing.fixture.ts'

const said = (text: string) =>
  contentOf({ messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })] })

interface Lived {
  readonly id: string
  readonly at: string
  readonly text: string
  readonly agentId?: string
  readonly queue?: string
  readonly reason?: string
  readonly score?: number
  /** Who left before an agent had them. */
  readonly isLeft?: boolean
}

/** A conversation from its opening to its close, of a contact of its own. */
function lived({
  id,
  at,
  text,
  agentId,
  queue = 'general',
  reason = 'solved',
  score,
  isLeft = false,
}: Lived): RecordedEvent[] {
  const chain = new Chain<any>(conversations, `contact of ${id}`)
  const tell = (type: string, data: object, content = said('')) =>
    chain.add({ type, data }, { at, correlationId: id, content })
  return [
    tell('ConversationOpened', { conversationId: id, language: 'pt', channelAccountId: 'account' }),
    tell('MessageReceived', { messageId: `${id} 1`, type: 'text' }, said(text)),
    ...(isLeft ? [tell('HandoverRequested', { queue })] : []),
    ...(agentId === undefined
      ? []
      : [
          tell('HandoverRequested', { queue }),
          tell('ConversationAssigned', { conversationId: id, agentId, queue, team: 'atendimento' }),
        ]),
    tell('ConversationClosed', { conversationId: id, reason }),
    ...(score === undefined ? [] : [tell('SurveyAnswered', { conversationId: id, score })]),
  ]
}

test('conversations are found by words, person, queue, time, reason and score, within the scope of who asks, page by page', async () => {
  await using archive = await startArchive()
  await archive.append(
    [
      {
        id: 'c1',
        at: '2026-03-01T12:00:00.000Z',
        text: 'perdi o cartão',
        agentId: 'p01',
        queue: 'cards',
        score: 2,
      },
      { id: 'c2', at: '2026-03-02T12:00:00.000Z', text: 'আমার কার্ড হারিয়ে গেছে', agentId: 'p04' },
      {
        id: 'c3',
        at: '2026-03-03T12:00:00.000Z',
        text: 'protocolo 4567',
        agentId: 'p02',
        reason: 'no_answer',
      },
      { id: 'c4', at: '2026-03-04T12:00:00.000Z', text: 'cartão novo', reason: 'silence' },
    ].flatMap(lived),
  )
  const tool = grpcClient(SearchServiceClient, archive.grpc, await callerCredentials('tool'))
  const agent = grpcClient(SearchServiceClient, archive.grpc, await callerCredentials('agent'))
  const ask = (request: object, person?: string) =>
    grpcCall(
      person === undefined ? tool : agent,
      'searchConversations',
      SearchConversationsRequest.fromPartial(request),
      { timeoutMs: 30_000, ...(person === undefined ? {} : { person }) },
    )
  const found = async (request: object, person?: string) =>
    (await ask(request, person)).conversations.map((one) => one.conversationId)
  await until('all are there', async () => (await found({})).length === 4)
  await until('the score is there', async () => (await found({ scoreBelow: 3 })).length === 1)

  expect(await found({ text: 'CARTAO' })).toEqual(['c4', 'c1'])
  expect(await found({ text: 'cartão perdi' })).toEqual(['c1'])
  expect(await found({ text: 'cart*' })).toEqual(['c4', 'c1'])
  expect(await found({ text: 'কার্ড' })).toEqual(['c2'])
  expect(await found({ text: '৪৫৬৭' })).toEqual(['c3'])
  expect(await found({ text: '???' })).toEqual([])
  expect(await found({ agentId: 'p04' })).toEqual(['c2'])
  expect(await found({ queue: 'general' })).toEqual(['c3', 'c2'])
  expect(await found({ from: '2026-03-02T00:00:00.000Z', to: '2026-03-04T00:00:00.000Z' })).toEqual([
    'c3',
    'c2',
  ])
  expect(await found({ reason: 'no_answer' })).toEqual(['c3'])
  expect(await found({ scoreBelow: 3 })).toEqual(['c1'])
  expect(await found({ scoreBelow: 2 })).toEqual([])
  expect(await found({ among: { conversationIds: ['c1', 'c2', 'nobody'] } })).toEqual(['c2', 'c1'])
  expect(await found({ among: { conversationIds: [] } })).toEqual([])
  expect(await found({ text: 'cartao', among: { conversationIds: ['c1', 'c2'] } })).toEqual(['c1'])
  // A pattern of the store is a text like any other.
  expect(await found({ text: '.*' })).toEqual([])

  // A supervisor of a team: what its agents had. What lies outside is not there.
  expect(await found({}, 'p07')).toEqual(['c3', 'c1'])
  expect(await found({ text: 'কার্ড' }, 'p07')).toEqual([])
  expect(await found({ agentId: 'p04' }, 'p07')).toEqual([])
  expect(await found({}, 'p08')).toEqual(['c2'])
  expect(await found({}, 'p01')).toEqual(['c3', 'c1'])
  await expect(ask({}, 'nobody')).rejects.toMatchObject({ code: 'PERSON_NOT_PERMITTED' })

  const first = await ask({ pageSize: 3 })
  expect(first.conversations.map(({ conversationId }) => conversationId)).toEqual(['c4', 'c3', 'c2'])
  const second = await ask({ pageSize: 3, pageToken: first.nextPageToken })
  expect(second).toMatchObject({
    nextPageToken: '',
    conversations: [
      { conversationId: 'c1', lastText: 'perdi o cartão', stage: 'closed', closeReason: 'solved', score: 2 },
    ],
  })
  expect(second.position).toMatch(/^\d+:\d+/)
  await expect(ask({ pageToken: 'none' })).rejects.toMatchObject({ code: 'PAGE_TOKEN_INVALID' })
  tool.close()
  agent.close()
}, 90_000)

test('a number of a queue opens for each login what their team had, and who left while they waited in a queue that it serves', async () => {
  await using archive = await startArchive()
  const at = '2026-03-02T12:00:00.000Z'
  await archive.append(
    [
      { id: 'c1', at, text: 'one', agentId: 'p01', queue: 'cards' },
      { id: 'c2', at, text: 'two', agentId: 'p04', queue: 'cards' },
      { id: 'c3', at, text: 'three', queue: 'cards', reason: 'left', isLeft: true },
      { id: 'c4', at, text: 'four', reason: 'silence' },
      { id: 'c5', at, text: 'five', queue: 'general', reason: 'left', isLeft: true },
    ].flatMap(lived),
  )
  const agent = grpcClient(SearchServiceClient, archive.grpc, await callerCredentials('agent'))
  const opened = async (person: string) => {
    const { conversations: rows, countedInAll } = await grpcCall(
      agent,
      'searchConversations',
      SearchConversationsRequest.fromPartial({
        countedBy: { metric: 'closed', by: 'queue', keys: ['cards'] },
      }),
      { timeoutMs: 30_000, person },
    )
    return [...rows.map(({ conversationId }) => conversationId).toSorted(), `of ${countedInAll}`]
  }
  // The figures are written long before what is searched.
  let counted: string[] = []
  await until('they are counted', async () => (counted = await opened('p09')).at(-1) === 'of 3')
  expect(counted).toEqual(['c1', 'c2', 'c3', 'of 3'])
  expect(await opened('p07')).toEqual(['c1', 'c3', 'of 3'])
  expect(await opened('p08')).toEqual(['c2', 'c3', 'of 3'])
  expect(await opened('p10')).toEqual(['c1', 'c2', 'c3', 'of 3'])
  agent.close()
}, 90_000)
