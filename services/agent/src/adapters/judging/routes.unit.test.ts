import { type Scorecards, evaluationFamily, evaluationIdOf, formHash, notesIn } from '@parley/evaluation'
import { permissionsOf } from '@parley/people'
import type { AuditEntry } from '@parley/audit'
import { bodyOf, createHttpServer } from '@parley/service'
import { Chain, somebody } from '@parley/testkit'
import { expect, test } from 'vitest'
import { evolveEvaluation } from '../../evaluation/evaluation.ts'
import type { ListQuery, Viewer } from '../read-models/conversation-store.ts'
import { type EvaluationRoutes, addEvaluationRoutes } from './routes.ts'
import { APPEALS_A_PAGE, EVALUATIONS_A_PAGE, type EvaluationDocument } from './evaluation-store.ts'

const words = { pt: 'x', en: 'x', bn: 'x' }
const item = { id: 'tone', text: words, weight: 1, max: 2, critical: false, optional: false }
const SCORECARDS: Scorecards = {
  forms: [
    { name: 'service', version: 1, for: 'agent', title: words, items: [item] },
    { name: 'robot', version: 1, for: 'robot', title: words, items: [item] },
  ],
  samples: [
    {
      name: 'all',
      title: words,
      form: 'service',
      for: 'agent',
      percent: 100,
      queue: null,
      reasons: [],
      judges: 1,
    },
    {
      name: 'pairs',
      title: words,
      form: 'service',
      for: 'agent',
      percent: 100,
      queue: null,
      reasons: ['solved'],
      judges: 2,
    },
  ],
}

const PEOPLE = [
  somebody('ana', 'north', 'agent'),
  somebody('bia', 'north', 'agent'),
  somebody('sonia', 'north', 'supervisor'),
  somebody('vera', null, 'supervisor'),
  somebody('tiago', 'south', 'supervisor'),
  somebody('zeca', null, 'supervisor'),
  somebody('olga', 'south', 'supervisor', 'auditor'),
]
const roster = {
  teams: new Map(['north', 'south'].map((id) => [id, { id, name: id, vendor: null, queues: ['general'] }])),
  people: new Map(PEOPLE.map((person) => [person.id, person])),
}

const conversation = (_id: string, closeReason: string) => ({
  _id,
  contact: { id: 'contact', name: 'Rui', language: 'pt' },
  stage: { name: 'closed', since: '2026-03-02T12:00:00.000Z', reason: closeReason },
  queue: 'general',
  agentId: null,
  lastAgentId: 'ana',
  offeredTo: null,
  lastMessage: null,
  customerWroteAt: [],
  answeredAt: 0,
  openedAt: '2026-03-02T12:00:00.000Z',
  closedAt: '2026-03-02T12:00:00.000Z',
  closeReason,
  waitingSince: null,
  replyWindowEndsAt: null,
  continues: null,
  why: null,
  seenVersion: 1,
})
const CONVERSATIONS = [
  conversation('c-1', 'solved'),
  conversation('c-2', 'left'),
  conversation('c-3', 'solved'),
]

/** The routes over rules that take everything, with a person by the name that a request carries. */
function judging(closed = CONVERSATIONS) {
  const gone = new Set<string>()
  const open = new Set<string>()
  const evaluations = new Map<string, EvaluationDocument>()
  const said: Parameters<EvaluationRoutes['say']>[0][] = []
  const audit: AuditEntry[] = []
  const newest = (is: (one: EvaluationDocument) => boolean) => [...evaluations.values()].filter(is)
  const pageOf = (is: (one: EvaluationDocument) => boolean, behind?: { readonly at: string }) =>
    newest(is)
      .toSorted((one, other) => (one.at < other.at ? 1 : -1))
      .filter(({ at }) => behind === undefined || at < behind.at)
      .slice(0, EVALUATIONS_A_PAGE)
  const app = createHttpServer({
    hosts: ['localhost'],
    trustedProxies: [],
    connectionsMax: 10,
    connectionsPerAddressMax: 10,
    doorkeeper: {
      async signedIn({ headers }) {
        const person = PEOPLE.find(({ id }) => id === headers.cookie)
        return person && { ...person, permissions: permissionsOf(person.roles), sessionId: person.id }
      },
      refused: () => {},
    },
  })
  const desk = {
    conversations: {
      conversations: async (ids: readonly string[]) =>
        CONVERSATIONS.filter(({ _id }) => ids.includes(_id) && !gone.has(_id)).map((one) =>
          open.has(one._id) ? { ...one, closedAt: null, closeReason: null } : one,
        ),
      messagesById: async (ids: readonly string[]) =>
        ids.filter((id) => id.startsWith('m-')).map((_id) => ({ _id, conversationId: 'c-1' })),
      list: async ({ scope, teamIds }: Viewer, { after }: Pick<ListQuery, 'after'>) => {
        const seen = closed.filter((one) => scope.kind === 'all' || teamIds.includes(one.lastAgentId))
        const begin = seen.findIndex(({ _id }) => _id === after?.id) + 1
        const conversations = seen.slice(begin, begin + 50)
        const last = conversations.at(-1)
        return {
          conversations,
          next: begin + 50 < seen.length && last ? { at: last.closedAt, id: last._id } : null,
        }
      },
      sensitive: async () => [],
      moods: async () => new Map(),
    },
    desks: { readUpTo: async () => new Map(), drafted: async () => new Set() },
    feed: { position: () => '7', readPosition: async () => '7' },
    roster,
    record: async (entry: AuditEntry) => void audit.push(entry),
    changes: {
      async answer(request: any, reply: any, { body, scope, act }: any) {
        await scope()
        const outcome = await act(
          bodyOf(request, body),
          request.headers['idempotency-key'],
          AbortSignal.timeout(60_000),
        )
        return outcome.kind === 'decided'
          ? reply.send(outcome.answer)
          : reply.code(409).send({ code: outcome.code, message: outcome.message, fields: outcome.fields })
      },
    },
  }
  const chains = new Map<string, Chain<any>>()
  let atMs = Date.parse('2026-03-02T12:00:00.000Z')
  addEvaluationRoutes(app, desk as never, {
    now: () => new Date(atMs),
    scorecards: SCORECARDS,
    async say(command) {
      said.push(command)
      const chain = chains.get(command.streamId) ?? new Chain<any>(evaluationFamily, command.streamId)
      chains.set(command.streamId, chain)
      const type = command.type === 'EvaluateConversation' ? 'ConversationEvaluated' : 'EvaluationReplied'
      const data =
        type === 'ConversationEvaluated' ? { ...command.data, score: 50, failedItems: [] } : command.data
      const event = chain.add(
        { type, data },
        { content: [...command.content], at: new Date(atMs).toISOString() },
      )
      const next = evolveEvaluation(evaluations.get(command.streamId), event as never)!
      evaluations.set(command.streamId, { ...next, _id: command.streamId, streamId: '', seenVersion: 1 })
    },
    evaluations: {
      ofConversations: async (ids) => newest((one) => ids.includes(one.conversationId)),
      byId: async (id) => evaluations.get(id) ?? null,
      judgedBelow: () => Promise.reject(new Error('not asked for here')),
      about: async (id, behind) => pageOf((one) => one.subjectId === id, behind),
      by: async (id, behind) => pageOf((one) => one.judgeId === id, behind),
      appealed: async (behind) =>
        newest((one) => one.status === 'appealed')
          .toSorted((one, other) => (one.at < other.at ? -1 : 1))
          .filter(({ at }) => behind === undefined || at > behind.at)
          .slice(0, APPEALS_A_PAGE),
      calibrated: async (form) => newest((one) => one.form === form && one.judges > 1),
      decided: async () => ({
        events: [],
        partition: 0,
        offset: '0',
        refusal: null,
        messageId: null,
        conversationId: '',
      }),
    },
  })
  let keys = 0
  const ask = async (person: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await app.inject({
      method,
      url,
      headers: {
        host: 'localhost',
        cookie: person,
        origin: 'http://localhost',
        ...(payload && { 'idempotency-key': `key-${++keys}` }),
      },
      ...(payload && { payload }),
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  const judge = (person: string, id: string, value: number, more: object = {}) =>
    ask(person, 'POST', `/api/conversations/${id}/evaluations`, {
      form: 'service',
      version: 1,
      answers: [{ item: 'tone', value, ...more }],
    })
  return {
    ask,
    judge,
    said,
    audit,
    evaluations,
    later: (days: number) => void (atMs += days * 86_400_000),
    isOpen: (id: string, is: boolean) => void (is ? open.add(id) : open.delete(id)),
    /** It leaves the desk. */
    leaves: (id: string) => void gone.add(id),
  }
}

test('a judgement says whom it is about, what it is seen in and how many judge; it leaves a trace', async () => {
  const { judge, said, audit } = judging()
  const evaluationId = evaluationIdOf('c-1', 'service', 'sonia')
  expect(await judge('sonia', 'c-1', 2, { note: 'bom', messageIds: ['m-1'] })).toEqual({
    status: 200,
    body: { position: '7', evaluationId, score: 50 },
  })
  expect(said).toMatchObject([
    {
      streamId: evaluationId,
      correlationId: 'c-1',
      actor: { kind: 'agent', id: 'sonia' },
      data: {
        judgeId: 'sonia',
        subjectKind: 'agent',
        subjectId: 'ana',
        judges: 2,
        answers: [{ item: 'tone', value: 2, messageIds: ['m-1'], hasNote: true }],
      },
    },
  ])
  expect(notesIn(said[0]!.content)).toEqual(['bom'])
  expect(audit).toMatchObject([
    {
      type: 'evaluated',
      person: { id: 'sonia' },
      subject: { id: 'c-1' },
      fields: { act: 'evaluated', evaluationId },
    },
  ])
})

test('a card’s number that a judge or the judged wrote is shown with its last four digits alone', async () => {
  const { ask, judge } = judging()
  await judge('sonia', 'c-1', 2, { note: 'ela leu 4111 1111 1111 1111 em voz alta' })
  expect(await ask('sonia', 'GET', '/api/conversations/c-1/evaluations')).toMatchObject({
    body: { evaluations: [{ answers: [{ note: 'ela leu •••• •••• •••• 1111 em voz alta' }] }] },
  })
})

test('evidence of another conversation, an agent who judges, a conversation out of scope: nothing is said to the rules', async () => {
  const { judge, said, audit } = judging()
  expect(await judge('sonia', 'c-2', 2, { messageIds: ['m-1'] })).toMatchObject({
    status: 409,
    body: { code: 'EVIDENCE_UNKNOWN', fields: { messageId: 'm-1' } },
  })
  expect(await judge('bia', 'c-1', 2)).toMatchObject({ status: 403 })
  expect(await judge('tiago', 'c-1', 2)).toMatchObject({ status: 404 })
  expect([said, audit]).toEqual([[], []])
})

test('the judged sees what stands about them and answers; colleagues and other teams find nothing', async () => {
  const { ask, judge, said } = judging()
  const { body } = await judge('sonia', 'c-2', 1)
  const path = `/api/evaluations/${body.evaluationId}/replies`
  expect((await ask('ana', 'GET', '/api/evaluations')).body.evaluations).toMatchObject([{ judge: 'sonia' }])
  expect((await ask('bia', 'GET', '/api/conversations/c-2/evaluations')).body.evaluations).toEqual([])
  expect((await ask('sonia', 'GET', '/api/evaluations?view=made')).body.evaluations).toHaveLength(1)
  expect((await ask('bia', 'POST', path, { text: 'x' })).status).toBe(404)
  expect((await ask('tiago', 'POST', path, { text: 'x' })).status).toBe(404)
  expect((await ask('ana', 'POST', path, { text: 'Não concordo', as: 'appeal' })).status).toBe(200)
  expect((await ask('ana', 'POST', path, { text: 'x', as: 'withdrawn' })).body).toMatchObject({
    code: 'NOT_YOURS_TO_DECIDE',
  })
  expect((await ask('vera', 'POST', path, { text: 'Ana tem razão', as: 'withdrawn' })).status).toBe(200)
  expect(said.slice(1).map(({ data }) => data)).toMatchObject([
    { personId: 'ana', as: 'appeal' },
    { personId: 'vera', as: 'withdrawn' },
  ])
  expect((await ask('ana', 'GET', '/api/evaluations')).body.evaluations).toMatchObject([
    { status: 'withdrawn', replies: [{ text: 'Não concordo' }, { person: 'vera' }] },
  ])
})

test('of a calibration each judge sees their own until both have judged, and the agreement is told then', async () => {
  const { ask, judge } = judging()
  await judge('sonia', 'c-1', 2)
  const seen = async (person: string) =>
    (await ask(person, 'GET', '/api/conversations/c-1/evaluations')).body.evaluations.map(
      (one: any) => one.judge,
    )
  expect([await seen('sonia'), await seen('vera'), await seen('ana')]).toEqual([['sonia'], [], []])
  expect((await ask('vera', 'GET', '/api/calibration?form=service')).body).toMatchObject({
    count: 0,
    kappa: null,
  })
  await judge('vera', 'c-1', 1)
  expect([await seen('vera'), await seen('ana')]).toEqual([
    ['sonia', 'vera'],
    ['sonia', 'vera'],
  ])
  expect((await ask('vera', 'GET', '/api/calibration?form=service')).body).toEqual({
    form: 'service',
    count: 1,
    observed: 0,
    kappa: 0,
    items: [{ item: 'tone', count: 1, observed: 0, kappa: 0 }],
  })
  // Of another team's conversations a supervisor is told as little as of what is not there.
  const countOf = async (person: string) =>
    (await ask(person, 'GET', '/api/calibration?form=service')).body.count
  expect([await countOf('sonia'), await countOf('tiago')]).toEqual([1, 0])
})

test('a calibration compares the two who judged blindly, each as the same judge throughout, while both stand', async () => {
  const { ask, judge } = judging()
  const agreed = async () => (await ask('vera', 'GET', '/api/calibration?form=service')).body
  // Sonia always says 2 and Vera 0, whoever of the two comes first: they never agree, nor would they by chance.
  await judge('sonia', 'c-1', 2)
  await judge('vera', 'c-1', 0)
  await judge('vera', 'c-3', 0)
  const { body } = await judge('sonia', 'c-3', 2)
  expect(await agreed()).toMatchObject({ count: 2, observed: 0, kappa: 0 })
  // Zeca has read both.
  await judge('zeca', 'c-3', 0)
  expect(await agreed()).toMatchObject({ count: 2, observed: 0, kappa: 0 })
  const path = `/api/evaluations/${body.evaluationId}/replies`
  await ask('ana', 'POST', path, { text: 'Não concordo', as: 'appeal' })
  await ask('vera', 'POST', path, { text: 'Tem razão', as: 'withdrawn' })
  expect(await agreed()).toMatchObject({ count: 1, observed: 0, kappa: 0 })
  expect(await ask('vera', 'GET', '/api/calibration?form=servce')).toMatchObject({
    status: 404,
    body: { message: 'There is no such form; did you mean "service"?' },
  })
})

test('what was judged by another text of the same version says so, and two who judged by different texts are not compared', async () => {
  const { ask, judge, evaluations, said } = judging()
  const own = formHash(SCORECARDS.forms[0]!)
  const forms = (await ask('sonia', 'GET', '/api/scorecards')).body.forms as { hash: string }[]
  expect(forms[0]?.hash).toBe(own)
  await judge('sonia', 'c-1', 2)
  await judge('vera', 'c-1', 2)
  expect(said.map(({ data }) => 'formHash' in data && data.formHash)).toEqual([own, own])
  const changed = async () =>
    (
      (await ask('vera', 'GET', '/api/conversations/c-1/evaluations')).body.evaluations as {
        judge: string
        isFormChanged: boolean
      }[]
    )
      .toSorted((one, other) => (one.judge < other.judge ? -1 : 1))
      .map(({ isFormChanged }) => isFormChanged)
  const agreed = async () => (await ask('vera', 'GET', '/api/calibration?form=service')).body.count
  expect([await changed(), await agreed()]).toEqual([[false, false], 1])
  const [id, bySonia] = [...evaluations].find(([, { judgeId }]) => judgeId === 'sonia')!
  evaluations.set(id, { ...bySonia, formHash: 'of another text' })
  expect([await changed(), await agreed()]).toEqual([[true, false], 0])
  // Of an earlier release, which did not say by which text.
  const { formHash: _, ...before } = bySonia
  evaluations.set(id, before)
  expect([await changed(), await agreed()]).toEqual([[false, false], 1])
})

test('what a page was shown goes with what is answered to it, and not what the file has by now', async () => {
  const { ask, said } = judging()
  const body = {
    form: 'service',
    version: 1,
    answers: [{ item: 'tone', value: 1 }],
    formHash: 'shown before',
  }
  await ask('sonia', 'POST', '/api/conversations/c-2/evaluations', body)
  expect(said).toMatchObject([{ data: { formHash: 'shown before' } }])
})

test('whoever judges after a calibration was opened to the judged is compared with nobody', async () => {
  const { ask, judge, later } = judging()
  const { body } = await judge('sonia', 'c-1', 2)
  const appeal = () =>
    ask('ana', 'POST', `/api/evaluations/${body.evaluationId}/replies`, { text: 'Não', as: 'appeal' })
  expect(await appeal()).toMatchObject({ status: 404 })
  later(7)
  expect(await appeal()).toMatchObject({ status: 200 })
  await judge('vera', 'c-1', 2)
  expect((await ask('vera', 'GET', '/api/calibration?form=service')).body).toMatchObject({ count: 0 })
})

test('what was judged while it went on is no calibration when it is over: the second judge may have read the first, and the judged reads both', async () => {
  const { ask, judge, isOpen } = judging()
  isOpen('c-1', true)
  await judge('sonia', 'c-1', 2)
  isOpen('c-1', false)
  const drawn = async () =>
    (await ask('vera', 'GET', '/api/samples?rule=pairs')).body.conversations.map((row: any) => row.id)
  expect(await drawn()).toEqual(['c-3'])
  await judge('vera', 'c-1', 1)
  const seen = (await ask('ana', 'GET', '/api/conversations/c-1/evaluations')).body.evaluations
  expect(seen.map((one: any) => one.judge)).toEqual(['sonia', 'vera'])
  expect((await ask('vera', 'GET', '/api/calibration?form=service')).body).toMatchObject({ count: 0 })
})

test('a sample lists what is still to be judged: by anybody, or, where two are to judge, by this one', async () => {
  const { ask, judge } = judging()
  const drawn = async (person: string, rule: string) =>
    (await ask(person, 'GET', `/api/samples?rule=${rule}`)).body.conversations.map((row: any) => row.id)
  expect(await drawn('sonia', 'all')).toEqual(['c-1', 'c-2', 'c-3'])
  expect(await drawn('sonia', 'pairs')).toEqual(['c-1', 'c-3'])
  await judge('sonia', 'c-1', 2)
  expect(await drawn('vera', 'all')).toEqual(['c-2', 'c-3'])
  expect(await drawn('sonia', 'pairs')).toEqual(['c-3'])
  expect(await drawn('vera', 'pairs')).toEqual(['c-1', 'c-3'])
  // Once two have, there is nothing left to compare.
  await judge('vera', 'c-1', 2)
  expect(await drawn('zeca', 'pairs')).toEqual(['c-3'])
  expect((await ask('sonia', 'GET', '/api/samples?rule=none')).status).toBe(404)
})

test('what nobody else judged in time is drawn for no calibration any more: it is open to be read, and would be compared with nothing', async () => {
  const { ask, judge, later } = judging()
  const drawn = async () =>
    (await ask('vera', 'GET', '/api/samples?rule=pairs')).body.conversations.map((row: any) => row.id)
  await judge('sonia', 'c-1', 2)
  later(6)
  expect(await drawn()).toEqual(['c-1', 'c-3'])
  later(1)
  expect(await drawn()).toEqual(['c-3'])
})

test('what was drawn is found however much was closed since', async () => {
  const newer = Array.from({ length: 1_200 }, (_, at) => conversation(`n-${at}`, 'left'))
  const { ask } = judging([...newer, ...CONVERSATIONS])
  const first = (await ask('sonia', 'GET', '/api/samples?rule=pairs')).body
  expect(first.conversations).toEqual([])
  const { body } = await ask('sonia', 'GET', `/api/samples?rule=pairs&cursor=${first.cursor}`)
  expect(body).toMatchObject({ conversations: [{ id: 'c-1' }, { id: 'c-3' }], cursor: null })
  const full = (await ask('sonia', 'GET', '/api/samples?rule=all')).body
  expect([full.conversations.length, full.cursor]).toEqual([50, expect.any(String)])
})

test('an appeal waits with the supervisors who see the conversation and did not judge it, until one decides', async () => {
  const { ask, judge } = judging()
  const { body } = await judge('sonia', 'c-2', 1)
  const path = `/api/evaluations/${body.evaluationId}/replies`
  const waiting = async (person: string) =>
    (await ask(person, 'GET', '/api/evaluations?view=appealed')).body.evaluations.map((one: any) => one.id)
  expect(await waiting('vera')).toEqual([])
  await ask('ana', 'POST', path, { text: 'Não concordo', as: 'appeal' })
  expect(await waiting('vera')).toEqual([body.evaluationId])
  for (const person of ['sonia', 'tiago', 'ana', 'bia']) expect(await waiting(person)).toEqual([])
  await ask('vera', 'POST', path, { text: 'Fica', as: 'upheld' })
  expect(await waiting('vera')).toEqual([])
})

test('an appeal that comes when its conversation has left the desk is decided all the same, by who may', async () => {
  const { ask, judge, leaves } = judging()
  const { body } = await judge('vera', 'c-2', 1)
  leaves('c-2')
  const path = `/api/evaluations/${body.evaluationId}/replies`
  const waiting = async (person: string) =>
    (await ask(person, 'GET', '/api/evaluations?view=appealed')).body.evaluations.map((one: any) => one.id)
  expect(await ask('ana', 'POST', path, { text: 'Não concordo', as: 'appeal' })).toMatchObject({
    status: 200,
  })
  expect([await waiting('sonia'), await waiting('tiago')]).toEqual([[body.evaluationId], []])
  for (const person of ['bia', 'tiago'])
    expect(await ask(person, 'POST', path, { text: 'Cai', as: 'withdrawn' })).toMatchObject({ status: 404 })
  expect(await ask('olga', 'POST', path, { text: 'Cai', as: 'withdrawn' })).toMatchObject({
    status: 404,
    body: { code: 'NOT_FOUND' },
  })
  expect(await ask('sonia', 'POST', path, { text: 'Cai', as: 'withdrawn' })).toMatchObject({ status: 200 })
  expect(await waiting('sonia')).toEqual([])
})

const appealAgainst = (subjectId: string, nth: number): EvaluationDocument => ({
  _id: `${subjectId} ${nth}`,
  streamId: '',
  seenVersion: 1,
  conversationId: `gone ${subjectId} ${nth}`,
  form: 'service',
  version: 1,
  judgeId: 'olga',
  subjectId,
  queue: null,
  at: new Date(Date.parse('2026-03-01T00:00:00.000Z') + nth).toISOString(),
  score: 50,
  failedItems: [],
  answers: [],
  judges: 1,
  status: 'appealed',
  replies: [],
})

test('an appeal is found by who may decide it, however many wait longer for somebody else', async () => {
  const { ask, judge, evaluations, later } = judging()
  for (let nth = 0; nth < 2 * APPEALS_A_PAGE; nth += 1) {
    const one = appealAgainst('tiago', nth)
    evaluations.set(one._id, one)
  }
  const { body } = await judge('vera', 'c-2', 1)
  later(1)
  await ask('ana', 'POST', `/api/evaluations/${body.evaluationId}/replies`, { text: 'Não', as: 'appeal' })
  const waiting = (await ask('sonia', 'GET', '/api/evaluations?view=appealed')).body.evaluations
  expect(waiting.map((one: any) => one.id)).toEqual([body.evaluationId])
})

test.each(['appealed', 'made', 'about_me'])(
  'all evaluations are found page by page, each once: %s',
  async (view) => {
    const { ask, evaluations } = judging()
    const count = 2 * EVALUATIONS_A_PAGE + 1
    for (let nth = 0; nth < count; nth += 1) {
      const one = appealAgainst('ana', nth)
      evaluations.set(one._id, one)
    }
    const reader = { appealed: 'sonia', made: 'olga', about_me: 'ana' }[view]!
    const found: string[] = []
    let cursor: string | null = ''
    for (let page = 0; page < 4 && cursor !== null; page += 1) {
      const { body } = await ask(reader, 'GET', `/api/evaluations?view=${view}&cursor=${cursor}`)
      found.push(...body.evaluations.map((one: any) => one.id))
      cursor = body.cursor
    }
    const ids = Array.from({ length: count }, (_, nth) => appealAgainst('ana', nth)._id)
    expect([cursor, found]).toEqual([null, view === 'appealed' ? ids : ids.toReversed()])
    expect(await ask(reader, 'GET', `/api/evaluations?view=${view}&cursor=none`)).toMatchObject({
      status: 400,
    })
  },
)

test('nothing is drawn for who may read a conversation and not judge it', async () => {
  const { ask, judge } = judging()
  expect((await ask('olga', 'GET', '/api/samples?rule=all')).body.conversations).toEqual([])
  expect(await judge('olga', 'c-1', 2)).toMatchObject({ status: 404 })
})

test('the rules that draw are named, but not how much they draw', async () => {
  const { ask } = judging()
  expect((await ask('ana', 'GET', '/api/scorecards')).body.samples).toEqual([
    { name: 'all', title: words, form: 'service', judges: 1 },
    { name: 'pairs', title: words, form: 'service', judges: 2 },
  ])
})
