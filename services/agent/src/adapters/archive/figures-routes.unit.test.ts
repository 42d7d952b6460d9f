import type { AuditEntry } from '@parley/audit'
import { HttpRefusal, createHttpServer, grpcError, status } from '@parley/service'
import { expect, test } from 'vitest'
import { archiveRefusal } from './answers.ts'
import type { FigureQuery } from './figures-client.ts'
import { metricsRoutes } from './figures-routes.ts'

const SUPERVISOR = {
  id: 'p07',
  login: 'sonia',
  name: 'Sônia Castro',
  roles: ['supervisor'],
  team: 'atendimento',
  vendor: null,
  sessionId: 's-1',
}

/**
 * @param daysMax the archive answers so many days at most
 * @param signedInFor questions to the archive; behind them the session is over
 */
function asking(
  permissions: readonly string[] = ['metrics.read'],
  refused?: Error,
  daysMax = Number.POSITIVE_INFINITY,
  signedInFor = Number.POSITIVE_INFINITY,
) {
  const recorded: AuditEntry[] = []
  const asked: { query: FigureQuery; person: string }[] = []
  const app = createHttpServer({
    hosts: ['localhost'],
    trustedProxies: [],
    connectionsMax: 10,
    connectionsPerAddressMax: 10,
    doorkeeper: {
      signedIn: async () => (asked.length > signedInFor ? undefined : { ...SUPERVISOR, permissions }),
      refused: () => {},
    },
    patience: { letInForMs: 0 },
  })
  metricsRoutes(app, {
    company: { timeZone: 'America/Sao_Paulo' },
    record: async (entry) => void recorded.push(entry),
    name: (id) => (id === 'p01' ? '=Ana' : null),
    now: () => new Date('2026-03-08T12:00:00.000Z'),
    async figures(query, person) {
      asked.push({ query, person })
      if (refused !== undefined) throw refused
      const begins = daysOf(query)
      if (begins.length > daysMax) throw new HttpRefusal(400, 'FIGURE_TOO_LARGE', 'Too much.')
      if (daysMax < Number.POSITIVE_INFINITY)
        return {
          version: 1,
          unit: 'count',
          rows: begins
            .filter(isLater)
            .map((from) => ({ key: 'all', from, value: 1, numerator: 1, denominator: null })),
          position: '',
        }
      const own = { from: '2026-03-02T03:00:00.000Z', value: 3, numerator: 3, denominator: null }
      if (query.by === 'agent')
        return {
          version: 1,
          unit: 'count',
          rows: ['p01', 'p07'].map((key) => ({ key, ...own })),
          position: '',
        }
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
  const get = (query: string, path = '/api/metrics') =>
    app.inject({ url: `${path}${query}`, headers: { host: 'localhost' } })
  return { get, asked, recorded }
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
        keys: [],
      },
    },
  ])
})

test('of some keys alone, and together, is asked as it is', async () => {
  const { get, asked } = asking()
  await get('?metric=handled&by=agent&key=p01&key=p02&together=windows')
  await get('?metric=handled&by=agent&key=p01&together=keys')
  expect(asked.map(({ query }) => [query.keys, query.together])).toEqual([
    [['p01', 'p02'], 'windows'],
    [['p01'], 'keys'],
  ])
  const answer = await get('?metric=handled&by=agent&together=key')
  expect(answer.json()).toMatchObject({
    fields: [{ path: 'together', message: expect.stringContaining('did you mean "keys"?') }],
  })
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
  const message = 'There is no figure "moods".'
  const unknown = grpcError(status.INVALID_ARGUMENT, 'FIGURE_QUESTION_INVALID', message, 'metric')
  const answer = await asking(['metrics.read'], archiveRefusal(unknown)).get('?metric=moods')
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    code: 'FIGURE_QUESTION_INVALID',
    fields: [{ path: 'metric', message }],
  })
})

test('whoever may not read figures reads those of their own work, and of nobody else’s', async () => {
  const { get, asked } = asking(['conversations.read'])
  const answer = await get('?metric=handled', '/api/me/metrics')
  expect(answer.json()).toMatchObject({ metric: 'handled', rows: [{ key: 'p07', value: 3 }] })
  expect(answer.json<{ rows: unknown[] }>().rows).toHaveLength(1)
  expect(asked).toMatchObject([{ person: 'p07', query: { by: 'agent', keys: ['p07'] } }])
})

test('a file of figures is on record as exported, and names agents so that no spreadsheet calculates', async () => {
  const { get, recorded } = asking()
  const file = await get('?metric=handled&by=agent&format=csv', '/api/metrics/export')
  expect(file.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="figures.csv"',
  })
  expect(file.body).toContain("\r\nhandled,1,count,agent,p01,'=Ana,2026-03-02T03:00:00.000Z,3,3,\r\n")
  expect(recorded).toMatchObject([
    {
      type: 'exported',
      person: { id: 'p07' },
      subject: { kind: 'figure', id: 'handled' },
      fields: { format: 'csv', by: 'agent' },
    },
  ])
  const lines = await get('?metric=handled&by=agent&format=jsonl', '/api/metrics/export')
  expect(lines.headers['content-type']).toBe('application/jsonl; charset=utf-8')
})

/** As the archive reads a question, in São Paulo: from the day that `from` is in to the last that begins before `to`. */
function daysOf({ from, to }: FigureQuery): readonly string[] {
  const midnight = (at: number) =>
    Math.floor((at - 3 * HOUR_MS) / (24 * HOUR_MS)) * 24 * HOUR_MS + 3 * HOUR_MS
  const begins: string[] = []
  for (let at = midnight(Date.parse(from)); at < Date.parse(to); at += 24 * HOUR_MS)
    begins.push(new Date(at).toISOString())
  return begins
}
const HOUR_MS = 60 * 60 * 1_000
/** Before that there was nothing. */
const isLater = (begin: string): boolean => begin >= '2025-06-01'

test.each([
  ['2026-01-01T03:00:00Z', '2027-01-01T03:00:00Z', 365],
  ['2026-03-01T19:30:00Z', '2026-03-12T04:00:00Z', 12],
  ['2026-03-01T03:00:00Z', '2026-03-03T03:00:00Z', 2],
  ['2026-03-02T02:00:00Z', '2026-03-02T03:30:00Z', 2],
])(
  'a file of more rows than an answer holds, from %s to %s, is written in parts, and has each window once',
  async (from, to, days) => {
    for (const daysMax of [1, 7, 400]) {
      const { get, asked, recorded } = asking(['metrics.read'], undefined, daysMax)
      const { body } = await get(`?metric=opened&from=${from}&to=${to}&format=jsonl`, '/api/metrics/export')
      const begins = body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).from as string)
      expect(begins).toEqual(daysOf(asked[0]!.query))
      expect(begins).toHaveLength(days)
      // What fits is found once, and not for each part anew.
      expect(asked.filter(({ query }) => daysOf(query).length > daysMax).length).toBeLessThan(10)
      expect(recorded).toHaveLength(1)
    }
  },
)

test('a file of hours is asked for by weeks, however few rows it has; of years without rows, which may be zeros of much that is read, by four at most', async () => {
  const { get, asked } = asking(['metrics.read'], undefined, 1_000_000)
  const lines = async (window: string, from: string) => {
    asked.length = 0
    const query = `?metric=opened&window=${window}&from=${from}&to=2026-03-02&format=jsonl`
    const { body } = await get(query, '/api/metrics/export')
    return body.trim().split('\n')
  }
  const longestOf = (queries: typeof asked) => Math.max(...queries.map(({ query }) => daysOf(query).length))
  const own = await lines('hour', '2025-06-01')
  expect(own).toHaveLength(274)
  expect(longestOf(asked)).toBe(7)
  expect(await lines('hour', '2020-01-01')).toEqual(own)
  expect(longestOf(asked)).toBe(28)
  expect(asked.length).toBeLessThan(120)
  // Once there is something, by weeks again.
  expect(longestOf(asked.filter(({ query }) => daysOf(query).every(isLater)).slice(1))).toBe(7)
  expect(await lines('day', '1990-01-01')).toEqual(own)
  expect(longestOf(asked)).toBeLessThan(4 * 366 + 2)
  expect(asked.length).toBeLessThan(20)
})

test('whose session ends while a file is written for them gets no more of it', async () => {
  const { get, asked } = asking(['metrics.read'], undefined, 1_000_000, 3)
  const query = '?metric=opened&window=hour&from=2025-06-01&to=2026-03-02&format=jsonl'
  await expect(get(query, '/api/metrics/export')).rejects.toThrow(/destroyed/)
  expect(asked.length).toBe(4)
})

test('what is too much in one window, or is one row of all of them, is refused as a file as well', async () => {
  const { get, recorded } = asking(['metrics.read'], undefined, 0)
  for (const more of ['', '&together=windows']) {
    const answer = await get(
      `?metric=opened&from=2026-03-01&to=2026-03-05${more}&format=csv`,
      '/api/metrics/export',
    )
    expect(answer.json()).toMatchObject({ code: 'FIGURE_TOO_LARGE' })
  }
  expect(recorded).toEqual([])
})

test('what could not be read was not exported', async () => {
  const { get, recorded } = asking(['metrics.read'], new HttpRefusal(400, 'FIGURE_TOO_LARGE', 'Too much.'))
  expect((await get('?metric=handled&by=agent&format=csv', '/api/metrics/export')).statusCode).toBe(400)
  expect((await get('?metric=handled&format=xlsx', '/api/metrics/export')).statusCode).toBe(400)
  expect(recorded).toEqual([])
})
