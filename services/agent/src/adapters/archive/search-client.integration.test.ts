import {
  FoundConversation,
  SearchConversationsResponse,
  SearchServiceClient,
  SearchServiceService,
} from '@parley/proto/search'
import { grpcClient, grpcIdentity, grpcService, startGrpcServer } from '@parley/service'
import { callerCredentials, callerEnv, somebody } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { Row } from '../../conversation/shown.ts'
import { Sight } from '../../conversation/viewing.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import { type SearchQuery, archiveFinder } from './search-client.ts'

const QUERY: SearchQuery = {
  text: '',
  agent: '',
  queue: '',
  from: undefined,
  to: undefined,
  reason: '',
  scoreBelow: 0,
  counted: undefined,
  among: undefined,
  cursor: '',
}
const roster = {
  teams: new Map(
    ['ours', 'others'].map((id) => [id, { id, name: id, vendor: null, queues: [`queue of ${id}`] }]),
  ),
  people: new Map([
    ['sol', somebody('sol', 'ours', 'supervisor')],
    ['ana', somebody('ana', 'ours', 'agent')],
    ['rui', somebody('rui', 'others', 'agent')],
  ]),
}
const held = (_id: string, agentId: string) =>
  ({
    _id,
    agentId,
    lastAgentId: agentId,
    offeredTo: null,
    stage: { name: 'with_agent', since: '2026-01-05T12:00:00.000Z', isOnHold: false },
  }) as ConversationDocument

test('what the archive finds in somebody’s scope is not told where it went elsewhere since it read it', async () => {
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    permits: (person) => person === 'sol',
    identity: await grpcIdentity('archive', { ...callerEnv('archive') }),
    services: [
      grpcService(SearchServiceService, {
        // It knows them all as waiting in a queue of ours.
        searchConversations: async () =>
          SearchConversationsResponse.fromPartial({
            conversations: ['ours', 'elsewhere', 'forgotten'].map((conversationId) =>
              FoundConversation.fromPartial({ conversationId, stage: 'waiting', queue: 'queue of ours' }),
            ),
          }),
      }),
    ],
  })
  const client = grpcClient(SearchServiceClient, `127.0.0.1:${server.port}`, await callerCredentials('agent'))
  const find = archiveFinder(client, {
    conversations: { conversations: async () => [held('ours', 'ana'), held('elsewhere', 'rui')] },
    rows: async (found) => found.map(({ _id: id }) => ({ id, stage: 'with_agent' }) as Row),
    name: (id) => id,
  })
  const { conversations } = await find(QUERY, new Sight(roster.people.get('sol')!, roster))
  expect(conversations.map(({ id, stage }) => [id, stage])).toEqual([
    ['ours', 'with_agent'],
    ['forgotten', 'waiting'],
  ])
  client.close()
  await server.close()
})
