import { permissionsOf } from '@parley/people'
import { bodyOf, createHttpServer } from '@parley/service'
import { deterministicId } from '@parley/kernel'
import { somebody } from '@parley/testkit'
import { expect, test } from 'vitest'
import { addSupervision } from './supervision.ts'

const sueli = somebody('sueli', 'north', 'supervisor')
const waitsIn = (_id: string, queue: string) => ({
  _id,
  stage: { name: 'waiting', since: '2026-03-02T12:00:00.000Z', queue },
  queue,
  agentId: null,
  lastAgentId: null,
  offeredTo: null,
})

/** Three that wait: in a queue of Sueli's, and in another team's, where the first two were moved to or always were. */
function reassigning({ isAgain }: { readonly isAgain: boolean }) {
  const said: string[] = []
  const app = createHttpServer({
    hosts: ['localhost'],
    doorkeeper: {
      signedIn: async () => ({ ...sueli, permissions: permissionsOf(sueli.roles), sessionId: 's' }),
      refused: () => {},
    },
  })
  const ruling = { refusal: null, messageId: null, conversationId: '', position: '7' }
  const ofWish = (id: string) => deterministicId('w-1', id)
  const desk = {
    roster: {
      people: new Map([['sueli', sueli]]),
      teams: new Map([['north', { id: 'north', vendor: null, queues: ['general'] }]]),
    },
    feed: { readPosition: async () => '1' },
    conversations: {
      conversations: async () => [
        waitsIn('here', 'general'),
        waitsIn('moved', 'cards'),
        waitsIn('never', 'cards'),
      ],
    },
    wishes: {
      say: async (_: string, { data }: { data: { conversationId: string } }) => {
        said.push(data.conversationId)
        return ruling
      },
      known: async (_: string, commandId: string) => (commandId === ofWish('moved') ? ruling : undefined),
    },
    changes: {
      async answer(request: never, reply: { send(body: unknown): unknown }, { body, act }: any) {
        const outcome = await act(bodyOf(request, body), 'w-1', AbortSignal.timeout(5_000), isAgain)
        return reply.send(outcome.answer)
      },
    },
  }
  addSupervision(app, desk as never)
  const ask = () =>
    app.inject({
      method: 'POST',
      url: '/api/reassignments',
      headers: { host: 'localhost', origin: 'http://localhost', cookie: 'sueli' },
      payload: { conversationIds: ['here', 'moved', 'never'], queue: 'cards' },
    })
  return { ask, said }
}

const NOT_FOUND = 'NOT_FOUND'

test('what a lost answer had moved out of sight is told as moved when it is asked for again, and said no second time', async () => {
  const { ask, said } = reassigning({ isAgain: true })
  expect((await ask()).json()).toEqual({
    position: '7',
    moved: ['here', 'moved'],
    refused: [{ id: 'never', code: NOT_FOUND }],
  })
  expect(said).toEqual(['here'])
})

test('asked for the first time, what is out of sight is not there', async () => {
  const { ask, said } = reassigning({ isAgain: false })
  expect((await ask()).json()).toEqual({
    position: '7',
    moved: ['here'],
    refused: [
      { id: 'moved', code: NOT_FOUND },
      { id: 'never', code: NOT_FOUND },
    ],
  })
  expect(said).toEqual(['here'])
})
