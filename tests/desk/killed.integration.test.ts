import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { factsOf } from '../../services/routing/test/story.ts'
import { AgentProcess } from './agent-process.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

test('the agent service is killed while people write: sent again with their keys, each message is said once, and each is answered', async () => {
  await using desk = await deskWorld()
  await desk.agent.stop()
  await using agent = await AgentProcess.start(desk, Number(new URL(desk.agent.url).port))
  const ana = await Person.signedIn(desk, 'ana')
  const { contact, conversationId: id } = await desk.waits('general')
  await ana.is('busy')
  expect(await ana.claims(id)).toMatchObject({ status: 200 })

  const path = `/api/conversations/${id}/messages`
  const texts = Array.from({ length: 12 }, (_, nth) => ({ key: randomUUID(), text: `Resposta ${nth}` }))
  const said = async () =>
    factsOf(await desk.told(contact), 'MessageSendRequested').filter(
      ({ purpose }) => purpose === 'agent_message',
    )
  const first = texts.map(({ key, text }) =>
    ana.post(path, { type: 'text', text }, key).catch(() => undefined),
  )
  // In between: some are decided, and perhaps not one is answered.
  await until('one is decided', async () => (await said()).length > 0)
  await agent.killed()
  await Promise.all(first)

  await agent.startAgain()
  const again = await Promise.all(
    texts.map(({ key, text }) =>
      until(`${text} is answered`, async () => {
        const answer = await ana.post(path, { type: 'text', text }, key)
        return answer.status === 202 ? undefined : answer
      }),
    ),
  )
  expect(again.map(({ status }) => status)).toEqual(texts.map(() => 200))
  const events = await said()
  expect(events).toHaveLength(texts.length)
  expect(new Set(again.map(({ body }) => body['messageId']))).toEqual(
    new Set(events.map(({ messageId }) => messageId)),
  )
})
