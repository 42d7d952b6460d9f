import { randomUUID } from 'node:crypto'
import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import { ensureTopics, eventRecord, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { MessageBody } from '@parley/proto/content'
import { Chain, type Sketch, until } from '@parley/testkit'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Browser } from './adapters/testing/browser.ts'
import { passwordFor, startAgent, startIdentity } from './adapters/testing/running-agent.ts'

const namespace = `customer-${randomUUID().slice(0, 8)}`
const kafka = { brokers: inject('kafkaBrokers') }
let identity: Awaited<ReturnType<typeof startIdentity>>
let service: Awaited<ReturnType<typeof startAgent>>
let log: Awaited<ReturnType<typeof kafkaLog>>

type Event = Sketch<ConversationEvent>

/** Whose number is Maria's by now. */
const FORMER = 'antonio'
/** Who proved to be Rosa. */
const ROSA_BEFORE = 'rosa before'

/** One customer's conversation, up to an agent's. */
async function happened(contact: string, conversationId: string, agentId: string, ...texts: string[]) {
  const customer =
    {
      maria: ['Maria (Silva)', '5511987654321'],
      joao: ['João Reis', '5521912345678'],
      [FORMER]: ['Antônio Dias', '5511987654321'],
      rosa: ['Rosa Prado', '5531900001111'],
      [ROSA_BEFORE]: ['Rosa Prado', '5531900002222'],
    }[contact] ?? []
  const [name = '', waId = ''] = customer
  const profile = { name, waId, userId: '', parentUserId: '', username: '' }
  const chain = new Chain(conversations, `${contact} ${conversationId}`)
  const opened: Event = { type: 'ConversationOpened', data: { conversationId, language: 'pt' } }
  const received = texts.map((text, index): Event & { with: object } => ({
    type: 'MessageReceived',
    data: { messageId: `${conversationId}-${index}` },
    with: {
      content: contentOf({
        messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })],
        profile,
      }),
    },
  }))
  const registered: Event & { with: object } = {
    type: 'ContactRegistered',
    data: { language: 'pt' },
    with: { content: contentOf({ profile }) },
  }
  const released: Event & { with: object } = {
    type: 'ContactNumberReleased',
    data: {},
    with: { content: contentOf({ profile: { ...profile, name: '' } }) },
  }
  const merged: Event = { type: 'ContactMerged', data: { intoContactId: 'rosa of-rosa' } }
  const learnt = [
    { name: 'where', value: 'no shopping, cartão 4111 1111 1111 1111', isSensitive: false },
    { name: 'mood', value: 'Com pressa', isSensitive: contact === 'joao' },
    { name: 'cpf', value: '529.982.247-25', isSensitive: true },
  ]
  const turn: Event & { with: object } = {
    type: 'BotTurnCompleted',
    data: {},
    with: { content: contentOf({ learnt }) },
  }
  const people: Event[] = [
    { type: 'HandoverRequested', data: { queue: 'general', reason: 'requested' } },
    { type: 'ConversationAssigned', data: { queue: 'general', agentId } },
  ]
  const past = contact === FORMER ? [released] : contact === ROSA_BEFORE ? [merged] : []
  const events = chain.addAll([registered, opened, ...received, turn, ...people, ...past], {
    correlationId: conversationId,
  })
  await log.append(topicsOf(namespace, conversations).events, events.map(eventRecord))
}

async function signedIn(login: string) {
  const browser = new Browser()
  await browser.signIn(service.url, login, passwordFor(login))
  const search = async (text: string): Promise<readonly string[]> => {
    const answer = await browser.ask(`${service.url}/api/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: service.url },
      body: JSON.stringify({ text }),
    })
    const body = (await answer.json()) as { conversations?: { id: string }[] }
    return body.conversations?.map(({ id }) => id).toSorted() ?? [`${answer.status}`]
  }
  const moods = async () => {
    const answer = await browser.ask(`${service.url}/api/conversations?view=all`)
    const { conversations: rows } = (await answer.json()) as {
      conversations: { id: string; mood: string | null }[]
    }
    return Object.fromEntries(rows.map(({ id, mood }) => [id, mood]))
  }
  return {
    search,
    moods,
    customer: (id: string) => browser.ask(`${service.url}/api/conversations/${id}/customer`),
  }
}

beforeAll(async () => {
  await ensureTopics(kafka, namespace, FAMILIES, 2)
  log = await kafkaLog(kafka, 'desk-customer-test')
  identity = await startIdentity()
  service = await startAgent(
    { namespace, brokers: kafka.brokers, mongoUri: inject('mongoUri') },
    identity.env,
  )
  await happened('maria', 'of-ana', 'p01', 'perdi o cartão (azul)', 'cartão 4111 1111 1111 1111')
  await happened('joao', 'of-bruno', 'p02', 'perdi o cartão (azul)')
  await happened(FORMER, 'of-antonio', 'p02', 'perdi o cartão (azul)')
  await happened('rosa', 'of-rosa', 'p02', 'perdi o cartão (verde)')
  await happened(ROSA_BEFORE, 'of-rosa-before', 'p02', 'perdi o cartão (verde)')
  const [ana, bruno] = [await signedIn('ana'), await signedIn('bruno')]
  await until('the service has taken in what happened', async () => {
    const found = [await ana.search('azul'), await bruno.search('azul'), await bruno.search('verde')]
    return found.flat().length >= 5
  })
})
afterAll(async () => {
  await service?.stop()
  await identity?.provider.close()
  await log?.close()
})

test('customers are found by name and number within the scope, by words in one’s own conversations alone', async () => {
  const [ana, vera, stranger] = [await signedIn('ana'), await signedIn('vera'), await signedIn('rahim')]
  expect(await ana.search('(azul)')).toEqual(['of-ana'])
  expect(await vera.search('azul')).toEqual([])
  expect(await vera.search('REIS')).toEqual(['of-bruno'])
  for (const spelt of ['Joao', 'joão', 'JOÃO'.normalize('NFD')])
    expect(await vera.search(spelt)).toEqual(['of-bruno'])
  expect(await ana.search('cartao (azul)')).toEqual(['of-ana'])
  expect(await ana.search('+55 11 98765')).toEqual(['of-ana'])
  expect(await vera.search('5521912345678')).toEqual(['of-bruno'])
  expect(await stranger.search('silva')).toEqual([])
  expect(await ana.search('x')).toEqual(['400'])
})

test.each([
  ['its digits', '4111 1111'],
  ['digits behind a word of the message', 'cartão 4111 1'],
])('no number of a card is found out by trying %s', async (_, text) => {
  const ana = await signedIn('ana')
  expect(await ana.search(text)).toEqual([])
})

test('what the robot learnt stands on the card of the customer without numbers of cards', async () => {
  const ana = await signedIn('ana')
  expect(await (await ana.customer('of-ana')).json()).toMatchObject({
    learnt: [
      { name: 'where', value: 'no shopping, cartão •••• •••• •••• 1111' },
      { name: 'mood', value: 'Com pressa' },
      { name: 'cpf', value: null },
    ],
  })
})

test('the mood that a flow asked for stands in the live row, unless the question was sensitive', async () => {
  const { moods } = await signedIn('vera')
  expect(await moods()).toMatchObject({ 'of-ana': 'Com pressa', 'of-bruno': null })
})

test('the card of a customer tells how they are reached, to whoever sees the conversation', async () => {
  const [ana, stranger] = [await signedIn('ana'), await signedIn('rahim')]
  expect(await (await ana.customer('of-ana')).json()).toMatchObject({
    number: '5511987654321',
    username: null,
    earlier: [],
  })
  expect((await stranger.customer('of-ana')).status).toBe(404)
  expect(service.lines.join('')).not.toMatch(/Silva|98765/)
})

test('a number that passed to somebody else is found and shown with who has it now alone', async () => {
  const [vera, bruno] = [await signedIn('vera'), await signedIn('bruno')]
  expect(await vera.search('Dias')).toEqual(['of-antonio'])
  expect(await vera.search('5511987654321')).toEqual(['of-ana'])
  expect(await bruno.search('5511987654321')).not.toContain('of-antonio')
  expect(await (await bruno.customer('of-antonio')).json()).toMatchObject({ number: null })
})

test('two contacts that proved to be one are found by the number of today, and one card holds what came before under both', async () => {
  const { search, customer } = await signedIn('bruno')
  expect(await search('5531900001111')).toEqual(['of-rosa', 'of-rosa-before'])
  expect(await search('5531900002222')).toEqual([])
  for (const [id, other] of [
    ['of-rosa', 'of-rosa-before'],
    ['of-rosa-before', 'of-rosa'],
  ] as const)
    expect(await (await customer(id)).json()).toMatchObject({
      number: '5531900001111',
      earlier: [{ id: other }],
    })
})
