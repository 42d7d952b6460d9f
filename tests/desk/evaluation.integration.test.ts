import { randomUUID } from 'node:crypto'
import { evaluationFamily, evaluationIdOf } from '@parley/evaluation'
import { topicsOf } from '@parley/eventlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayOfDesks } from './gateway.ts'
import { Person } from './person.ts'
import { deskWorld } from './world.ts'

let gateway: Awaited<ReturnType<typeof gatewayOfDesks>>
let desk: Awaited<ReturnType<typeof deskWorld>>
let ana: Person
let bruno: Person
let sonia: Person
let tiago: Person
let vera: Person
beforeAll(async () => {
  gateway = await gatewayOfDesks()
  desk = await deskWorld({ GATEWAY_GRPC_ADDRESS: gateway.address })
  const person = (login: string) => Person.signedIn(desk, login)
  ;[ana, bruno, sonia, tiago, vera] = (await Promise.all(
    ['ana', 'bruno', 'sonia', 'tiago', 'vera'].map(person),
  )) as [Person, Person, Person, Person, Person]
}, 240_000)
afterAll(async () => {
  await desk?.[Symbol.asyncDispose]()
  await gateway.close()
})

const BEST = { greeting: 1, understood: 2, solved: 2, tone: 2, data_care: 1 }
const answers = (values: Record<string, number> = BEST, first: object = {}) =>
  Object.entries(values).map(([item, value], at) => ({ item, value, ...(at === 0 ? first : {}) }))
const service = (more: object = {}) => ({ form: 'service', version: 1, answers: answers(), ...more })

/** One that is ana's, with a word of hers in it. */
async function ofAna() {
  const { conversationId: id } = await desk.waits('general')
  await ana.is('busy')
  const path = `/api/conversations/${id}`
  expect(await ana.claims(id)).toMatchObject({ status: 200 })
  const { body } = await ana.post(`${path}/messages`, { type: 'text', text: 'Bom dia!' })
  return { id, path, messageId: body['messageId'] as string }
}

test('from a judgement to an appeal and its end: who may, and what each of them sees', async () => {
  const { id, path, messageId } = await ofAna()
  const key = randomUUID()
  const body = service({
    answers: answers({ ...BEST, solved: 1 }, { note: 'Muito cordial', messageIds: [messageId] }),
  })
  const judged = await sonia.post(`${path}/evaluations`, body, key)
  expect(judged).toMatchObject({ status: 200, body: { score: 83.33 } })
  expect(await sonia.post(`${path}/evaluations`, body, key)).toEqual(judged)
  const evaluationId = judged.body['evaluationId'] as string
  expect(evaluationId).toBe(evaluationIdOf(id, 'service', 'p07'))

  // Once by each judge; the judged, their supervisor and the supervisor of all see it, colleagues and other teams do not.
  expect(await sonia.post(`${path}/evaluations`, body)).toMatchObject({
    status: 409,
    body: { code: 'ALREADY_EVALUATED' },
  })
  const [seen] = (await ana.get(`${path}/evaluations`)).body['evaluations']
  expect(seen).toMatchObject({
    id: evaluationId,
    judge: 'p07',
    subject: { kind: 'agent', id: 'p01' },
    status: 'standing',
    answers: [{ item: 'greeting', value: 1, note: 'Muito cordial', messageIds: [messageId] }, {}, {}, {}, {}],
  })
  expect((await ana.get('/api/evaluations')).body['evaluations']).toEqual([seen])
  expect((await vera.get(`${path}/evaluations`)).body['evaluations']).toEqual([seen])
  expect((await bruno.get(`${path}/evaluations`)).body['evaluations']).toEqual([])
  expect((await tiago.get(`${path}/evaluations`)).status).toBe(404)

  const reply = (person: Person, text: string, as?: string) =>
    person.post(`/api/evaluations/${evaluationId}/replies`, { text, ...(as && { as }) })
  expect((await reply(bruno, 'x')).status).toBe(404)
  expect((await reply(tiago, 'x')).status).toBe(404)
  expect(await reply(ana, 'Resolvi na mensagem seguinte', 'appeal')).toMatchObject({ status: 200 })
  expect(await reply(ana, 'de novo', 'appeal')).toMatchObject({
    status: 409,
    body: { code: 'APPEALED_ALREADY' },
  })
  expect(await reply(ana, 'ganhei', 'withdrawn')).toMatchObject({ body: { code: 'NOT_YOURS_TO_DECIDE' } })
  expect(await reply(sonia, 'não', 'upheld')).toMatchObject({ body: { code: 'JUDGE_IN_OWN_CASE' } })
  expect(await reply(vera, 'Ana tem razão', 'withdrawn')).toMatchObject({ status: 200 })
  const [ended] = (await ana.get('/api/evaluations')).body['evaluations']
  expect(ended).toMatchObject({
    status: 'withdrawn',
    replies: [
      { person: 'p01', as: 'appeal', text: 'Resolvi na mensagem seguinte' },
      { person: 'p09', as: 'withdrawn' },
    ],
  })
}, 240_000)

test('what does not fit the form or the conversation is refused, and agents judge nobody', async () => {
  const { path } = await ofAna()
  const other = await ofAna()
  const refusal = async (body: object, person = sonia) => {
    const { status, body: said } = await person.post(`${path}/evaluations`, body)
    return `${status} ${said['code']}`
  }
  expect(await refusal(service(), bruno)).toBe('403 NOT_ALLOWED')
  expect(await refusal(service(), tiago)).toBe('404 NOT_FOUND')
  expect(await refusal(service({ version: 9 }))).toBe('409 UNKNOWN_FORM')
  expect(await refusal(service({ form: 'robot', answers: answers({ understood: 1 }) }))).toBe(
    '409 ITEM_MISSING',
  )
  expect(await refusal(service({ answers: answers({ greeting: 1 }) }))).toBe('409 ITEM_MISSING')
  expect(await refusal(service({ answers: answers({ ...BEST, tone: 3 }) }))).toBe('409 VALUE_OUT_OF_RANGE')
  expect(await refusal(service({ answers: answers(BEST, { messageIds: [other.messageId] }) }))).toBe(
    '409 EVIDENCE_UNKNOWN',
  )
  expect(await refusal({ form: 'service' })).toBe('400 BODY_INVALID')
  // The robot's part of the same conversation, by its own form.
  const { body } = await sonia.post(`${path}/evaluations`, {
    form: 'robot',
    version: 1,
    answers: answers({ understood: 2, finished: 1, hand_over: 0 }),
  })
  const [ofRobot] = (await sonia.get(`${path}/evaluations`)).body['evaluations']
  expect(ofRobot).toMatchObject({
    id: body['evaluationId'],
    subject: { kind: 'bot', id: null },
    score: 0,
    failedItems: ['hand_over'],
  })
  // Of the robot, nobody is told but those who look after it.
  expect((await ana.get(`${path}/evaluations`)).body['evaluations']).toEqual([])
}, 240_000)

test('what judges write is among the words of the record, never among its facts', async () => {
  const { id, path } = await ofAna()
  const note = `segredo ${randomUUID()}`
  const judged = await sonia.post(`${path}/evaluations`, service({ answers: answers(BEST, { note }) }))
  expect(judged).toMatchObject({ status: 200 })
  const [seen] = (await sonia.get(`${path}/evaluations`)).body['evaluations']
  expect(seen.answers[0].note).toBe(note)
  const events = await desk.eventsOf(
    topicsOf(desk.around.namespace, evaluationFamily),
    evaluationIdOf(id, 'service', 'p07'),
    ({ envelope }) => envelope,
  )
  expect(events).toHaveLength(1)
  expect(Buffer.from(events[0]!.payload).toString('utf8')).not.toContain(note)
  expect(Buffer.from(events[0]!.content[0]!.value).toString('utf8')).toBe(note)
}, 240_000)
