import { permissionsOf } from '@parley/people'
import { createHttpServer } from '@parley/service'
import { somebody } from '@parley/testkit'
import { expect, test } from 'vitest'
import { DRAFT_CHARACTERS_MAX, addAttention } from './attention.ts'

const ana = somebody('ana', 'north', 'agent')
const conversation = {
  _id: 'c',
  stage: { name: 'with_agent', since: '2026-03-02T12:00:00.000Z' },
  queue: 'general',
  agentId: 'ana',
  lastAgentId: 'ana',
}

test.each(['a', 'ক', '\u0001'])(
  'a draft of as many letters as there may be is kept, whichever letters, and takes the place of another such: %j',
  async (letter) => {
    const app = createHttpServer({
      hosts: ['localhost'],
      doorkeeper: {
        signedIn: async () => ({ ...ana, permissions: permissionsOf(ana.roles), sessionId: 's' }),
        refused: () => {},
      },
    })
    let kept = ''
    const desk = {
      conversations: { conversations: async () => [conversation] },
      roster: { teams: new Map(), people: new Map([['ana', ana]]) },
      desks: { setDraft: async (_: string, __: string, { text }: { text: string }) => (kept = text) !== '' },
      feed: {},
    }
    addAttention(app, desk as never)
    const keeps = async (text: string) => {
      const { statusCode } = await app.inject({
        method: 'PUT',
        url: '/api/conversations/c/draft',
        headers: { host: 'localhost', origin: 'http://localhost', cookie: 'ana' },
        payload: { text, desk: 'one', before: letter.repeat(DRAFT_CHARACTERS_MAX) },
      })
      return statusCode
    }
    const longest = letter.repeat(DRAFT_CHARACTERS_MAX)
    expect([await keeps(longest), kept]).toEqual([204, longest])
    expect(await keeps(`${longest}a`)).toBe(400)
    await app.close()
  },
)
