import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { z } from 'zod'
import type { SignedIn } from './access.ts'
import { type ChangeTimes, Changes, type Outcome } from './changes.ts'
import { HttpRefusal } from './refusal.ts'
import { type Patience, createHttpServer, listen } from './server.ts'

const note = z.object({ note: z.string().min(1) })

/** The rules, as replicas share them: a wish that was said before is the same wish. */
class Rules {
  readonly wishes: { commandId: string; note: string }[] = []
  readonly #outcomes = new Map<string, PromiseWithResolvers<Outcome>>()
  decidesAtOnce = true
  isSeen = true
  isSignedIn = true
  /** What a change waits for before it is known whether it may be done. */
  looks: () => Promise<void> = async () => {}

  say(commandId: string, text: string): Promise<Outcome> {
    const known = this.#outcomes.get(commandId)
    if (known !== undefined) return known.promise
    this.wishes.push({ commandId, note: text })
    const outcome = Promise.withResolvers<Outcome>()
    this.#outcomes.set(commandId, outcome)
    if (this.decidesAtOnce) this.decide()
    return outcome.promise
  }

  decide(): void {
    for (const [index, { promise: _, resolve }] of [...this.#outcomes.values()].entries()) {
      const isRefused = this.wishes[index]!.note === 'no'
      resolve(
        isRefused
          ? {
              kind: 'refused',
              code: 'NOT_NOW',
              message: 'Not now.',
              fields: { note: 'no' },
            }
          : { kind: 'decided', answer: { position: `p-${index}`, noteId: `n-${index}` } },
      )
    }
  }
}

async function replicas(count: number, times: Partial<ChangeTimes> = {}, patience: Partial<Patience> = {}) {
  const rules = new Rules()
  const database = `changes_${randomUUID().slice(0, 8)}`
  const each = await Promise.all(
    Array.from({ length: count }, async () => {
      const mongo = await MongoClient.connect(inject('mongoUri'))
      const changes = await Changes.open(mongo.db(database), times)
      const app = createHttpServer({
        hosts: ['127.0.0.1'],
        doorkeeper: {
          signedIn: async ({ headers: { cookie } }) =>
            rules.isSignedIn ? { ...ANA, id: cookie ?? 'ana' } : undefined,
          refused: () => {},
        },
        patience,
      })
      const dies = { afterTheAct: false }
      const options = { config: { access: 'signed in', isKeyed: true }, schema: { body: note } } as const
      for (const url of ['/api/notes', '/api/other-notes'])
        app.post(url, options, (request, reply) =>
          changes.answer(request, reply, {
            body: note,
            async scope() {
              await rules.looks()
              if (!rules.isSeen) throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.')
            },
            async act({ note: text }, commandId) {
              const outcome = await rules.say(commandId, text)
              if (dies.afterTheAct) await mongo.close()
              return outcome
            },
          }),
        )
      app.post('/api/files', { config: { access: 'signed in', isKeyed: false } }, async (request, reply) =>
        reply.send({ key: await changes.hold(request) }),
      )
      const resource = await listen(app, '127.0.0.1', 0)
      const url = `http://127.0.0.1:${resource.port}`
      const post = async (
        key: string | undefined,
        body: object = { note: 'yes' },
        { path = '/api/notes', person = 'ana' } = {},
      ) => {
        const answer = await fetch(`${url}${path}`, {
          method: 'POST',
          headers: {
            origin: url,
            cookie: person,
            'content-type': 'application/json',
            ...(key !== undefined && { 'idempotency-key': key }),
          },
          body: JSON.stringify(body),
        })
        return [answer.status, await answer.json()] as const
      }
      return { post, dies, url, mongo, resource }
    }),
  )
  return {
    rules,
    database,
    each,
    post: each[0]!.post,
    async stored() {
      await using mongo = await MongoClient.connect(inject('mongoUri'))
      return await mongo.db(database).collection('idempotency_keys').find().toArray()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(each.map(({ resource }) => resource.close()))
      await Promise.all(each.map(({ mongo }) => mongo.close()))
      await using mongo = await MongoClient.connect(inject('mongoUri'))
      await mongo.db(database).dropDatabase()
    },
  }
}

const ANA: SignedIn = {
  id: 'ana',
  login: 'ana',
  name: 'Ana',
  roles: [],
  team: null,
  vendor: null,
  permissions: [],
  sessionId: 's-1',
}
const DECIDED = [200, { position: 'p-0', noteId: 'n-0' }] as const

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['one with a space', 'a b'],
  ['one beyond ASCII', 'ã'],
  ['one of 129 characters', 'k'.repeat(129)],
])('a change without a key of 1 to 128 visible ASCII characters is refused: %s', async (_, key) => {
  await using it = await replicas(1)
  expect(await it.post(key)).toMatchObject([400, { code: 'IDEMPOTENCY_KEY_MISSING' }])
  expect(it.rules.wishes).toEqual([])
})

test('what was decided is 200, what was refused is 409 with its fields, and the same request is answered the same', async () => {
  await using it = await replicas(2)
  expect(await it.post('k'.repeat(128))).toEqual(DECIDED)
  const refused = [409, { code: 'NOT_NOW', message: 'Not now.', fields: { note: 'no' } }] as const
  expect(await it.post('key-2', { note: 'no' })).toEqual(refused)
  for (const { post } of it.each) {
    expect(await post('k'.repeat(128))).toEqual(DECIDED)
    expect(await post('key-2', { note: 'no' })).toEqual(refused)
  }
  expect(it.rules.wishes).toHaveLength(2)
})

test('a key is the person’s, over all routes: another body or route is refused, another person’s is another key', async () => {
  await using it = await replicas(1)
  await it.post('key-1')
  const reused = [422, { code: 'IDEMPOTENCY_KEY_REUSED' }] as const
  expect(await it.post('key-1', { note: 'other' })).toMatchObject(reused)
  expect(await it.post('key-1', { note: 'yes' }, { path: '/api/other-notes' })).toMatchObject(reused)
  expect(await it.post('key-1', { note: 'other' }, { person: 'bruno' })).toMatchObject([200, {}])
  const [mine, theirs] = it.rules.wishes.map(({ commandId }) => commandId)
  expect(mine).not.toBe(theirs)
})

test('a key that a route holds which tells repeats itself is no other change’s, nor the other way round', async () => {
  await using it = await replicas(2)
  const [one, other] = it.each as [(typeof it.each)[0], (typeof it.each)[0]]
  const files = { path: '/api/files' }
  expect(await one.post(undefined, {}, files)).toMatchObject([400, { code: 'IDEMPOTENCY_KEY_MISSING' }])
  expect(await one.post('held', {}, files)).toEqual([200, { key: 'held' }])
  expect(await other.post('held', { whatever: 'it holds' }, files)).toEqual([200, { key: 'held' }])
  expect(await other.post('held')).toMatchObject([422, { code: 'IDEMPOTENCY_KEY_REUSED' }])
  expect(it.rules.wishes).toEqual([])
  expect(await other.post('held', undefined, { person: 'bruno' })).toEqual(DECIDED)
  expect(await one.post('said')).toMatchObject([200, {}])
  expect(await other.post('said', {}, files)).toMatchObject([422, { code: 'IDEMPOTENCY_KEY_REUSED' }])
})

test('a hundred equal requests at once, on two replicas, are one wish and one answer', async () => {
  await using it = await replicas(2)
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => it.each[index % 2]!.post('key-1')),
  )
  expect(answers).toEqual(Array.from({ length: 100 }, () => DECIDED))
  expect(it.rules.wishes).toHaveLength(1)
})

test('of two bodies at once with one key one is carried out and the other refused', async () => {
  await using it = await replicas(2)
  const answers = await Promise.all([
    it.each[0]!.post('key-1', { note: 'one' }),
    it.each[1]!.post('key-1', { note: 'two' }),
  ])
  expect(answers.map(([status]) => status).toSorted((one, other) => one - other)).toEqual([200, 422])
  expect(it.rules.wishes).toHaveLength(1)
})

test('while nothing is decided the answer is 202 with the command’s id, on every replica, and the outcome once there is one', async () => {
  await using it = await replicas(2, { answeredWithinMs: 1_500 })
  it.rules.decidesAtOnce = false
  const [first, second] = it.each
  const pending = [202, { commandId: expect.any(String) }]
  expect(await first!.post('key-1')).toEqual(pending)
  expect(await second!.post('key-1')).toEqual(pending)
  const waiting = first!.post('key-1')
  it.rules.decide()
  expect(await waiting).toEqual(DECIDED)
  expect(await second!.post('key-1')).toEqual(DECIDED)
  expect(it.rules.wishes).toHaveLength(1)
})

test('after a crash between the act and its stored answer the retry gets the outcome of the one wish, though it sees the conversation no more', async () => {
  await using it = await replicas(2, { leaseMs: 600 })
  const [dying, living] = it.each
  dying!.dies.afterTheAct = true
  const [status] = await dying!.post('key-1')
  expect(status).toBeGreaterThanOrEqual(500)
  // The act took it out of this person's sight.
  it.rules.isSeen = false
  expect(await living!.post('key-1')).toEqual(DECIDED)
  expect(it.rules.wishes).toHaveLength(1)
  expect(await living!.post('key-2')).toMatchObject([404, { code: 'NOT_FOUND' }])
})

test('a clock that went back after a crash keeps nobody from the outcome for as long', async () => {
  await using it = await replicas(2)
  const [dying, living] = it.each
  dying!.dies.afterTheAct = true
  await dying!.post('key-1')
  const keys = living!.mongo.db(it.database).collection('idempotency_keys')
  await keys.updateOne({}, { $set: { leasedUntil: new Date(Date.now() + 3_600_000) } })
  expect(await living!.post('key-1')).toEqual(DECIDED)
  expect(it.rules.wishes).toHaveLength(1)
})

test('a stored answer outranks scope; what was refused before anything was said leaves the key free', async () => {
  await using it = await replicas(1)
  it.rules.isSeen = false
  expect(await it.post('key-1', { note: '' })).toMatchObject([404, {}])
  it.rules.isSeen = true
  expect(await it.post('key-1', { note: '' })).toMatchObject([400, { code: 'BODY_INVALID' }])
  expect(await it.post('key-1')).toEqual(DECIDED)
  it.rules.isSeen = false
  expect(await it.post('key-1')).toEqual(DECIDED)
})

test('the store has neither keys nor what was said, and forgets after a day', async () => {
  await using it = await replicas(1)
  const before = Date.now()
  await it.post('key-of-ana', { note: 'my card was stolen' })
  const [document] = await it.stored()
  expect(JSON.stringify(document)).not.toMatch(/key-of-ana|stolen/)
  const keptMs = (document!['expiresAt'] as Date).getTime() - before
  expect(keptMs).toBeGreaterThanOrEqual(24 * 60 * 60 * 1_000)
  expect(keptMs).toBeLessThan(25 * 60 * 60 * 1_000)
})

test('the description names the key and that nothing may be decided yet', async () => {
  await using it = await replicas(1)
  const { url } = it.each[0]!
  const answer = await fetch(`${url}/api/openapi.json`)
  const { paths } = (await answer.json()) as { paths: Record<string, { post: object }> }
  expect(paths['/api/notes']?.post).toMatchObject({
    parameters: [{ name: 'Idempotency-Key', in: 'header', required: true }],
    responses: { 202: {}, 409: {} },
  })
})

test('whose session ends while a change waits for what it reads first, or for its turn, has nothing done, and the key is free', async () => {
  await using server = await replicas(1, {}, { letInForMs: 0 })
  const { rules, post } = server
  rules.looks = async () => void (rules.isSignedIn = false)
  expect(await post('key-1')).toMatchObject([401, { code: 'NOT_SIGNED_IN' }])
  expect([rules.wishes, await server.stored()]).toEqual([[], []])

  rules.isSignedIn = true
  rules.looks = async () => {}
  expect(await post('key-1')).toEqual(DECIDED)
})
