import { type Permission, type Role, permissionsOf } from '@parley/people'
import { somebody } from '@parley/testkit'
import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import { conversationSeen, mayBegin, upToDate, watchedOver } from './sight.ts'

/** @param read how far the read model is once it had its time */
const feedAt = (told: string, read: string) => ({ position: () => told, readPosition: async () => read })

test('what is not there is not there, once all that desks were told of is read', async () => {
  expect(await upToDate(feedAt('7', '7'), async () => undefined)).toBeUndefined()
})

test('while the read model is behind what desks were told, nothing is said not to be there, and what is there is found', async () => {
  await expect(upToDate(feedAt('7', '5'), async () => undefined)).rejects.toMatchObject({
    statusCode: 503,
    code: 'NOT_READ_YET',
  })
  expect(await upToDate(feedAt('7', '5'), async () => 'found')).toBe('found')
})

test('a stream begins at the present only where what can be read is no older: who reads then would never learn what lies between', async () => {
  const feed = (read: string, kept: readonly string[]) => ({
    ...feedAt('7', read),
    goesOnFrom: (id: string | undefined) => id !== undefined && kept.includes(id),
  })
  const notYet = { statusCode: 503, code: 'NOT_READ_YET' }
  await mayBegin(feed('7', []), undefined)
  await expect(mayBegin(feed('5', []), undefined)).rejects.toMatchObject(notYet)
  await expect(mayBegin(feed('5', ['6']), '1')).rejects.toMatchObject(notYet)
  // It is told all that came since.
  await mayBegin(feed('5', ['6']), '6')
})

describe('a right reaches no further than the roles that give it', () => {
  const owners = [somebody('ana', 'north', 'agent'), somebody('rahim', 'south', 'agent')]
  const teams = new Map(['north', 'south'].map((id) => [id, { id, name: id, vendor: null, queues: [] }]))
  const ownedBy = (agentId: string): ConversationDocument => {
    const owned: Partial<ConversationDocument> = {
      _id: 'c1',
      stage: { name: 'with_agent', since: '2026-11-26T12:00:00.000Z', isOnHold: false },
      agentId,
      lastAgentId: agentId,
      offeredTo: null,
    }
    return owned as ConversationDocument
  }
  const asked = (roles: readonly Role[], agentId: string, storeHas = agentId) => {
    const asking = somebody('sonia', 'north', ...roles)
    const signedIn = { ...asking, permissions: permissionsOf(roles), sessionId: 's' }
    let read = storeHas
    const readPosition = async () => {
      read = agentId
      return '1'
    }
    const options = {
      conversations: { conversations: async () => [ownedBy(read)] },
      feed: { position: () => '1', readPosition },
      roster: { people: new Map([...owners, asking].map((one) => [one.id, one])), teams },
    }
    const request = { params: { id: 'c1' }, person: signedIn } as unknown as FastifyRequest<{
      Params: { id: string }
    }>
    return { options, request }
  }
  /** @returns the status */
  const asks = async (
    roles: readonly Role[],
    permission: Permission,
    agentId: string,
    storeHas = agentId,
  ): Promise<number> => {
    const { options, request } = asked(roles, agentId, storeHas)
    try {
      await conversationSeen(options, {
        ...request,
        routeOptions: { config: { access: { permission } } },
      } as typeof request)
      return 200
    } catch (error) {
      return (error as { statusCode: number }).statusCode
    }
  }

  test.each<[readonly Role[], Permission, readonly [own: number, others: number]]>([
    [['agent', 'auditor'], 'conversations.read', [200, 200]],
    [['agent', 'auditor'], 'conversations.answer', [200, 404]],
    [['supervisor', 'auditor'], 'conversations.supervise', [200, 404]],
    [['supervisor', 'administrator'], 'conversations.answer', [200, 404]],
    [['agent', 'supervisor'], 'conversations.supervise', [200, 404]],
    [['agent'], 'conversations.answer', [200, 404]],
  ])('%j with %s', async (roles, permission, [own, others]) => {
    expect([await asks(roles, permission, 'ana'), await asks(roles, permission, 'rahim')]).toEqual([
      own,
      others,
    ])
  })

  test('who asks for what there is and is none of theirs is answered as of what is not there, and is on record', async () => {
    const refusalOf = async (agentId: string, found: readonly ConversationDocument[]) => {
      const { options, request } = asked(['agent'], agentId)
      const conversations = { conversations: async () => found }
      return conversationSeen({ ...options, conversations }, {
        ...request,
        routeOptions: { config: { access: { permission: 'conversations.read' } } },
      } as typeof request).catch((error: unknown) => error)
    }
    const [theirs, nothing] = [await refusalOf('rahim', [ownedBy('rahim')]), await refusalOf('rahim', [])]
    const answer = { statusCode: 404, code: 'NOT_FOUND', message: 'There is no such conversation.' }
    expect(theirs).toMatchObject({ ...answer, onRecordAs: 'NOT_SEEN' })
    expect(nothing).toMatchObject({ ...answer, onRecordAs: undefined })
  })

  test('who steps in is judged by what desks were told, and not by what the store does not hold yet', async () => {
    expect(await asks(['supervisor'], 'conversations.supervise', 'rahim', 'ana')).toBe(404)
    expect(await asks(['supervisor'], 'conversations.supervise', 'ana', 'rahim')).toBe(200)
  })

  test('who closes or hands on what others have watches over what desks were told is there, and whoever watches over nobody over nothing', async () => {
    const watches = (roles: readonly Role[], agentId: string, storeHas: string) => {
      const { options, request } = asked(roles, agentId, storeHas)
      return watchedOver(options, request)
    }
    expect(await watches(['supervisor'], 'ana', 'rahim')).toMatchObject({ agentId: 'ana' })
    expect(await watches(['supervisor'], 'rahim', 'ana')).toBeUndefined()
    expect(await watches(['agent'], 'ana', 'ana')).toBeUndefined()
  })
})
