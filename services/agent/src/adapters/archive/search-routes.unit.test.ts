import { createHttpServer } from '@parley/service'
import { expect, test } from 'vitest'
import type { EvaluationDocument } from '../judging/evaluation-store.ts'
import type { SearchQuery } from './search-client.ts'
import { searchRoutes } from './search-routes.ts'

const evaluation = (of: Partial<EvaluationDocument>) =>
  ({
    judgeId: 'p09',
    subjectId: 'p01',
    form: 'service',
    judges: 1,
    at: '2026-03-02T12:00:00.000Z',
    status: 'standing',
    ...of,
  }) as EvaluationDocument
const EVALUATIONS = [
  evaluation({ conversationId: 'low', score: 40 }),
  evaluation({ conversationId: 'low', score: 90, form: 'sales' }),
  evaluation({ conversationId: 'mine', score: 40, subjectId: 'p07' }),
  evaluation({ conversationId: 'withdrawn', score: 40, status: 'withdrawn' }),
  evaluation({ conversationId: 'blind', score: 40, judges: 2 }),
  evaluation({ conversationId: 'high', score: 90 }),
]

function asking(permissions: readonly string[] = ['conversations.read'], evaluations = EVALUATIONS) {
  const asked: { query: SearchQuery; person: string }[] = []
  const app = createHttpServer({
    hosts: ['localhost'],
    trustedProxies: [],
    connectionsMax: 10,
    connectionsPerAddressMax: 10,
    doorkeeper: {
      signedIn: async () => ({
        id: 'p07',
        login: 'sonia',
        name: 'Sônia Castro',
        roles: ['supervisor'],
        team: 'atendimento',
        vendor: null,
        sessionId: 's-1',
        permissions,
      }),
      refused: () => {},
    },
  })
  searchRoutes(app, {
    now: () => new Date('2026-03-03T12:00:00.000Z'),
    company: { timeZone: 'America/Sao_Paulo' },
    judging: {
      evaluations: {
        async judgedBelow(score, since = '', max) {
          const low = evaluations.filter((one) => one.score < score && one.at >= since)
          return low.length > max ? undefined : low.map(({ conversationId }) => conversationId)
        },
        ofConversations: async (ids) => evaluations.filter((one) => ids.includes(one.conversationId)),
      },
    },
    desk: { roster: { people: new Map(), teams: new Map() } },
    async find(query, { personId }) {
      asked.push({ query, person: personId })
      return { conversations: [], cursor: null, countedInAll: 0, isBehind: false, position: '0:7' }
    },
  })
  const get = (query: string) => app.inject({ url: `/api/search${query}`, headers: { host: 'localhost' } })
  const post = (payload: object) =>
    app.inject({
      method: 'POST',
      url: '/api/search/archive',
      headers: { host: 'localhost', origin: 'http://localhost' },
      payload,
    })
  return { get, post, asked }
}

test('all that is asked goes to whoever finds, for the person who is signed in; dates are the company’s', async () => {
  const { get, asked } = asking()
  const answer = await get(
    '?text=cart%C3%A3o&agent=p01&queue=cards&from=2026-03-02&to=2026-03-03T00:00:00Z&reason=solved&scoreBelow=3&cursor=abc',
  )
  expect(answer.json()).toEqual({
    conversations: [],
    cursor: null,
    countedInAll: 0,
    isBehind: false,
    position: '0:7',
  })
  expect(asked).toEqual([
    {
      person: 'p07',
      query: {
        text: 'cartão',
        agent: 'p01',
        queue: 'cards',
        from: '2026-03-02T03:00:00.000Z',
        to: '2026-03-03T00:00:00.000Z',
        reason: 'solved',
        scoreBelow: 3,
        counted: undefined,
        among: undefined,
        cursor: 'abc',
      },
    },
  ])
})

test('what is not named is not asked', async () => {
  const { get, asked } = asking()
  await get('')
  expect(asked[0]?.query).toEqual({
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
  })
})

test('what a figure counts is asked for by its name, its dimension and keys, and the part of it', async () => {
  const { get, post, asked } = asking()
  await get('?metric=handled&by=queue&key=general&key=cards&from=2026-03-02&to=2026-03-03')
  await post({ metric: 'service_level', part: 'denominator' })
  expect(asked.map(({ query }) => query.counted)).toEqual([
    { metric: 'handled', by: 'queue', keys: ['general', 'cards'], isDenominator: false },
    { metric: 'service_level', by: '', keys: [], isDenominator: true },
  ])
})

test('what judges gave less is what the person may see of it: all for who supervises, their own for an agent, no calibration that lacks a judge', async () => {
  const supervisor = asking(['conversations.read', 'conversations.supervise'])
  await supervisor.get('?judgedBelow=70')
  expect(supervisor.asked[0]?.query.among).toEqual(['low', 'mine'])
  const agent = asking()
  await agent.get('?judgedBelow=70')
  expect(agent.asked[0]?.query.among).toEqual(['mine'])
  await agent.get('?judgedBelow=40')
  expect(agent.asked[1]?.query.among).toEqual([])
})

test('of what a figure counts in some days it is found, too, what was judged before them', async () => {
  const { get, asked } = asking(['conversations.read', 'conversations.supervise'])
  await get('?judgedBelow=70&from=2026-03-05&metric=closed')
  await get('?judgedBelow=70&from=2026-03-05')
  expect(asked.map(({ query }) => query.among)).toEqual([['low', 'mine'], []])
  expect(asked.map(({ query }) => query.from)).toEqual(Array(2).fill('2026-03-05T03:00:00.000Z'))
})

test('more evaluations than travel with a question are refused, not left out', async () => {
  const many = Array.from({ length: 5_001 }, (_, nth) => evaluation({ conversationId: `c-${nth}`, score: 1 }))
  const { get, asked } = asking(['conversations.read', 'conversations.supervise'], many)
  expect((await get('?judgedBelow=70')).json()).toMatchObject({ code: 'FIGURE_TOO_LARGE' })
  expect(asked).toEqual([])
})

test.each([
  '?part=half',
  '?judgedBelow=101',
  '?scoreBelow=9',
  '?scoreBelow=x',
  '?from=soon',
  `?text=${'x'.repeat(201)}`,
])('what cannot be asked (%s) is refused with its parameters, and asked of nobody', async (query) => {
  const { get, asked } = asking()
  const answer = await get(query)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ code: 'QUERY_INVALID', fields: [{}] })
  expect(asked).toEqual([])
})

test('who may not read conversations finds none', async () => {
  const { get, asked } = asking(['metrics.read'])
  expect((await get('?text=x')).statusCode).toBe(403)
  expect(asked).toEqual([])
})

test('what people look for may be asked by the body, so that it stands in no address', async () => {
  const { get, post, asked } = asking()
  const body = { text: 'cartão', agent: 'p01', queue: 'cards', from: '2026-03-02', scoreBelow: 3 }
  expect((await post(body)).statusCode).toBe(200)
  await get('?text=cart%C3%A3o&agent=p01&queue=cards&from=2026-03-02&scoreBelow=3')
  expect(asked[0]).toEqual(asked[1])
  expect((await post({ text: 'x', from: 'soon' })).json()).toMatchObject({ code: 'BODY_INVALID' })
})
