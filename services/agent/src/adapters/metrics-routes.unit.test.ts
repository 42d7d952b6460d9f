import { HttpRefusal, createHttpServer } from '@parley/service'
import { expect, test } from 'vitest'
import type { FigureQuery } from './metrics-client.ts'
import { metricsRoutes } from './metrics-routes.ts'

const SUPERVISOR = {
  id: 'p07',
  login: 'sonia',
  name: 'Sônia Castro',
  roles: ['supervisor'],
  team: 'atendimento',
  vendor: null,
  sessionId: 's-1',
}

function asking(permissions: readonly string[] = ['metrics.read'], refused?: HttpRefusal) {
  const asked: { query: FigureQuery; person: string }[] = []
  const app = createHttpServer({
    hosts: ['localhost'],
    trustedProxies: [],
    connectionsMax: 10,
    connectionsPerAddressMax: 10,
    doorkeeper: { signedIn: async () => ({ ...SUPERVISOR, permissions }), refused: () => {} },
  })
  metricsRoutes(app, {
    company: { timeZone: 'America/Sao_Paulo' },
    now: () => new Date('2026-03-08T12:00:00.000Z'),
    async figures(query, person) {
      asked.push({ query, person })
      if (refused !== undefined) throw refused
      const row = {
        key: 'general',
        from: '2026-03-02T03:00:00.000Z',
        value: 50,
        numerator: 1,
        denominator: 2,
      }
      return { version: 1, unit: 'percent', rows: [row], position: '0:7' }
    },
  })
  const get = (query: string) => app.inject({ url: `/api/metrics${query}`, headers: { host: 'localhost' } })
  return { get, asked }
}

test('a figure is asked for the person who is signed in, and answered as the interface says', async () => {
  const { get, asked } = asking()
  const answer = await get(
    '?metric=service_level&by=queue&window=day&from=2026-03-02&to=2026-03-03T00:00:00Z',
  )
  expect(answer.json()).toEqual({
    metric: 'service_level',
    version: 1,
    unit: 'percent',
    rows: [{ key: 'general', from: '2026-03-02T03:00:00.000Z', value: 50, numerator: 1, denominator: 2 }],
    position: '0:7',
  })
  expect(asked).toEqual([
    {
      person: 'p07',
      query: {
        metric: 'service_level',
        version: 0,
        by: 'queue',
        window: 'day',
        from: '2026-03-02T03:00:00.000Z',
        to: '2026-03-03T00:00:00.000Z',
      },
    },
  ])
})

test('without times it is the last seven days, or the last 24 hours', async () => {
  const { get, asked } = asking()
  await get('?metric=opened')
  await get('?metric=opened&window=hour')
  expect(asked.map(({ query }) => query.from)).toEqual([
    '2026-03-01T12:00:00.000Z',
    '2026-03-07T12:00:00.000Z',
  ])
})

test.each(['', '?metric=opened&by=moon', '?metric=opened&window=week', '?metric=opened&from=soon'])(
  'what cannot be asked (%s) is refused with its parameters, and asked of nobody',
  async (query) => {
    const { get, asked } = asking()
    const answer = await get(query)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'QUERY_INVALID', fields: [{}] })
    expect(asked).toEqual([])
  },
)

test.each([
  ['by=queu', 'by', 'did you mean "queue"?'],
  ['by=agents', 'by', 'did you mean "agent"?'],
  ['window=days', 'window', 'did you mean "day"?'],
])('what is nearly right (%s) is refused with what was meant', async (query, path, meant) => {
  const answer = await asking().get(`?metric=opened&${query}`)
  expect(answer.json()).toMatchObject({ fields: [{ path, message: expect.stringContaining(meant) }] })
})

test('who may not read figures is told so, and so is who asks for one that there is not', async () => {
  expect((await asking(['conversations.read']).get('?metric=opened')).json()).toMatchObject({
    code: 'NOT_ALLOWED',
  })
  const unknown = new HttpRefusal(400, 'FIGURE_QUESTION_INVALID', 'There is no figure "moods".')
  const answer = await asking(['metrics.read'], unknown).get('?metric=moods')
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'FIGURE_QUESTION_INVALID'])
})
