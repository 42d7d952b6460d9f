import { surveyButton } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsOf, isSent, issuesLink, says, typesOf } from '../../services/routing/test/story.ts'
import { gatewayOfDesks } from './gateway.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

let gateway: Awaited<ReturnType<typeof gatewayOfDesks>>
let desk: Awaited<ReturnType<typeof deskWorld>>
let ana: Person
beforeAll(async () => {
  gateway = await gatewayOfDesks()
  desk = await deskWorld({ GATEWAY_GRPC_ADDRESS: gateway.address })
  ana = await Person.signedIn(desk, 'ana')
}, 240_000)
afterAll(async () => {
  await desk?.[Symbol.asyncDispose]()
  await gateway.close()
})

test('the customer of a queue that asks is asked when the agent ended it, and a tap judges that conversation without opening another', async () => {
  await ana.is('available')
  // Given without an offer, in the example's queue that asks.
  const { contact, conversationId: id } = await desk.waits('cards')
  await desk.untilTold(contact, 'ConversationAssigned')
  await ana.thread(id)
  expect(await ana.post(`/api/conversations/${id}/close`, { reason: 'solved' })).toMatchObject({
    status: 200,
  })
  await desk.wish(contact, issuesLink(id))
  const messages = async (purpose: string) =>
    factsOf(await desk.told(contact), 'MessageSendRequested').filter((one) => one.purpose === purpose)
  await desk.untilTold(contact, 'TranscriptLinkIssued')
  for (const { messageId } of factsOf(await desk.told(contact), 'MessageSendRequested'))
    await desk.wish(contact, isSent(messageId))
  await desk.untilTold(contact, 'SurveyAsked')
  expect(await messages('survey')).toHaveLength(1)

  const { unreadCount } = await until('the end is at the desk', async () => {
    const { conversation } = await ana.thread(id)
    return conversation.stage === 'closed' ? conversation : undefined
  })
  const value = { source: 'button_reply', id: surveyButton(id, 1), title: '1 · Ruim' }
  const tap = MessageBody.fromPartial({ body: { $case: 'choice', value } })
  await desk.wish(contact, says('1 · Ruim', { type: 'interactive', message: tap }))
  const events = await desk.untilTold(contact, 'SurveyAnswered')
  expect(factsOf(events, 'SurveyAnswered')).toMatchObject([{ conversationId: id, score: 1, via: 'button' }])
  expect(await messages('survey_reason')).toHaveLength(1)
  expect(typesOf(events).filter((type) => type === 'ConversationOpened')).toHaveLength(1)

  // At the desk it is a word in the conversation that ended, which nobody has to answer.
  const shown = await until('the tap is at the desk', async () => {
    const thread = await ana.thread(id)
    return thread['messages'].some((one: { text: string }) => one.text === '1 · Ruim') ? thread : undefined
  })
  expect(shown['conversation']).toMatchObject({ stage: 'closed', unreadCount })
}, 240_000)
