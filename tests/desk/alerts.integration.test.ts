import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startAgent } from '../../services/agent/src/adapters/testing/running-agent.ts'
import { says } from '../../services/routing/test/story.ts'
import { watch } from './alerts.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

const SECRET = `whsec_${Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')}`

let world: Awaited<ReturnType<typeof deskWorld>>
/** What the receiver outside was told. */
const told: { readonly id: string; readonly body: Record<string, any>; readonly text: string }[] = []
const receiver = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  told.push({ id: String(request.headers['webhook-id']), body: JSON.parse(text), text })
  response.writeHead(204).end()
})

beforeAll(async () => {
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  world = await deskWorld({
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alarms`,
    ALERT_WEBHOOK_SECRET: SECRET,
  })
})
afterEach(() => world.clear())
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  receiver.close()
})

const alertsOf = async (person: Person): Promise<readonly Record<string, any>[]> => {
  const { status, body } = await person.get('/api/alerts')
  expect(status).toBe(200)
  return body['alerts']
}
const alertBy = (person: Person, rule: string) =>
  until(`an alert of ${rule}`, async () => (await alertsOf(person)).find((alert) => alert['rule'] === rule))

test('a rule that is put into force is watched without a restart: one alert for all replicas, on the board, told outside once when it opens and once when it is over', async () => {
  await world.anotherReplica()
  const [vera, sonia] = [await Person.signedIn(world, 'vera'), await Person.signedIn(world, 'sonia')]
  await watch(world, {
    name: 'some_wait',
    reason: 'Call somebody in.',
    condition: { $case: 'figure', value: { figure: 'waiting', limit: 0, forSeconds: 1, queue: 'general' } },
  })
  await world.waits('general')
  const alert = await alertBy(vera, 'some_wait')
  expect(alert).toMatchObject({ figure: 'waiting', value: 1, limit: 0, queue: 'general', endedAt: null })
  expect(await alertBy(sonia, 'some_wait')).toEqual(alert)
  const board = await until('the board has it', async () => {
    const { body } = await vera.get('/api/wallboard')
    return body['alerts'].length > 0 ? body : undefined
  })
  expect(board['alerts']).toEqual([alert])
  expect((await vera.get('/api/wallboard?queue=cards')).body['alerts']).toEqual([])

  // Nobody is to be told of it any more.
  await watch(world)
  await until('it is over', async () => (await alertBy(vera, 'some_wait'))['endedAt'])
  await until('the receiver knows', () => told.some(({ id }) => id === `${alert['id']}.ended`))
  expect(told.map(({ id }) => id)).toEqual([`${alert['id']}.opened`, `${alert['id']}.ended`])
  expect((await vera.get('/api/wallboard')).body['alerts']).toEqual([])
})

test('words open an alert for whoever sees the conversation; looking after it is for supervisors of the scope, stands in the audit, and the first one stays', async () => {
  const names = ['vera', 'sonia', 'tiago', 'otavio', 'carla'] as const
  const [vera, sonia, tiago, otavio, carla] = (await Promise.all(
    names.map((name) => Person.signedIn(world, name)),
  )) as [Person, Person, Person, Person, Person]
  await watch(world, {
    name: 'sues',
    reason: 'Read along.',
    condition: { $case: 'words', value: { patterns: ['procon'], saidBy: 'customer', queues: ['general'] } },
  })
  // Only sonia's team has had it: what waits in general is seen by both.
  const mine = await world.taken('p03', 'general')
  await world.wish(mine.contact, says('Vou ao PROCON, meu CPF é 529.982.247-25'))
  const elsewhere = await world.waits('branches')
  await world.wish(elsewhere.contact, says('procon'))
  const alert = await alertBy(sonia, 'sues')
  expect(alert).toMatchObject({
    figure: null,
    value: null,
    queue: 'general',
    conversationId: mine.conversationId,
    acknowledgedAt: null,
  })
  expect(await alertBy(otavio, 'sues')).toEqual(alert)
  await until(
    'whose it is is read',
    async () => (await tiago.get(`/api/conversations/${mine.conversationId}`)).status === 404,
  )
  expect(await alertsOf(tiago)).not.toContainEqual(alert)
  expect(await carla.get('/api/alerts')).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } })

  const path = `/api/alerts/${alert['id']}/acknowledge`
  expect((await fetch(`${world.agent.url}${path}`, { method: 'POST' })).status).toBe(401)
  expect(await otavio.post(path)).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } })
  expect(await sonia.post(path, {}, null)).toMatchObject({
    status: 400,
    body: { code: 'IDEMPOTENCY_KEY_MISSING' },
  })
  const outside = await tiago.post(path)
  expect(outside.status).toBe(404)
  expect(outside).toEqual(await tiago.post('/api/alerts/no-such-alert/acknowledge'))
  expect(await sonia.post(path)).toMatchObject({ status: 200, body: { alert: { acknowledgedBy: 'p07' } } })
  expect(await vera.post(path)).toMatchObject({ status: 200, body: { alert: { acknowledgedBy: 'p07' } } })
  expect((await vera.get('/api/wallboard')).body['alerts']).toMatchObject([
    { acknowledgedBy: 'p07', endedAt: null },
  ])
  // What an act answers for is in the log as a wish, and decided in its turn.
  const recorded = () => world.recorded('p07', 'alert_acknowledged')
  await until('it is on record', async () => (await recorded()).length > 0)
  expect(await recorded()).toEqual([{ subject: alert['id'], fields: { rule: 'sues' } }])
  const ofTheWord = () => told.filter(({ body }) => body['data'].rule === 'sues').map(({ id }) => id)
  await until('the receiver knows', () => ofTheWord().length > 0)
  expect(ofTheWord()).toEqual([`${alert['id']}.opened`])
  expect(told.map(({ text }) => text.toLowerCase()).join('\n')).not.toMatch(/procon|529|read along/)
})

test('what is said while no replica runs is heard by the next one', async () => {
  await using desk = await deskWorld()
  await watch(desk, {
    name: 'leaves',
    reason: 'Read along.',
    condition: { $case: 'words', value: { patterns: ['cancelar a conta'] } },
  })
  const { contact, conversationId } = await desk.waits('general')
  await desk.agent.stop()
  await desk.wish(contact, says('Quero CANCELAR a conta!'))
  await desk.untilTold(contact, 'MessageReceived', 2)
  const agent = await startAgent(desk.around, desk.identity.env)
  const vera = await Person.signedIn(desk, 'vera')
  expect(await alertBy(vera, 'leaves')).toMatchObject({ conversationId, queue: 'general' })
  await agent.stop()
})
