import { contentOf, conversations } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { Chain } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type ConversationFact, PREVIEW_CHARACTERS, evolve } from './conversation.ts'
import { type DeskMessage, type MessageFact, evolveMessage } from './message.ts'
import { masking, messageOf, rowOf, secretsOf } from './shown.ts'

const AT = '2026-01-01T12:00:00.000Z'
const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })

/** What a customer wrote to a sensitive question, once the robot told what it shows for it. */
function answered(said: string, ...shown: readonly string[]): DeskMessage {
  const chain = new Chain(conversations, 'contact-1')
  const events = [
    chain.add(
      { type: 'MessageReceived', data: { messageId: 'm-1' } },
      { at: AT, content: contentOf({ messages: [text(said)] }) },
    ),
    chain.add(
      { type: 'BotTurnCompleted', data: { sensitiveMessageIds: ['m-1'] } },
      { at: AT, content: contentOf({ shown }) },
    ),
  ]
  return events.reduce<DeskMessage | undefined>(
    (message, event) => evolveMessage(message, event as unknown as MessageFact, 'm-1') ?? message,
    undefined,
  )!
}

test.each([
  ['quatro três dois um', '4321', 'Cartão final: 4321', 'Cartão final: ••••••'],
  ['ontem', '26/11/2026', 'Data: 26/11/2026', 'Data: ••••••'],
  ['dois mil', '2.000', 'Valor: R$ 2.000', 'Valor: R$ ••••••'],
  ['٤٣٢١', '4321', 'final 4321, ٤٣٢١', 'final ••••••, ••••••'],
])('a sensitive answer, "%s", is masked as the robot shows it, too', (said, shown, words, masked) => {
  expect(masking(secretsOf(answered(said, shown)))(words)).toBe(masked)
})

test('what is said to a sensitive question is masked before a robot has heard it, and stays so where none does', () => {
  const chain = new Chain(conversations, 'contact-1')
  const received = chain.add(
    { type: 'MessageReceived', data: { messageId: 'm-1', perhapsSensitive: true } },
    { at: AT, content: contentOf({ messages: [text('111.444.777-35')] }) },
  )
  const unheard = evolveMessage(undefined, received as unknown as MessageFact, 'm-1')!
  const around = { name: (id: string) => id, contactName: 'Maria', secrets: [], replyTo: null }
  const shown = (message: DeskMessage) => messageOf({ ...message, _id: 'm-1', seenVersion: 1 }, around).text
  expect(shown(unheard)).toBe('••••••')
  const hear = (data: object) =>
    evolveMessage(
      unheard,
      chain.add({ type: 'BotTurnCompleted', data }, { at: AT }) as unknown as MessageFact,
      'm-1',
    )!
  expect(shown(hear({ sensitiveMessageIds: ['m-1'] }))).toBe('••••••')
  expect(shown(hear({ plainMessageIds: ['m-1'] }))).toBe('111.444.777-35')
})

test('of a message that is sensitive in part only that is masked, until it is edited', () => {
  const chain = new Chain(conversations, 'contact-1')
  const said = (event: Parameters<typeof chain.add>[0], words: string) =>
    chain.add(event, { at: AT, content: contentOf({ messages: [text(words)] }) })
  const events = [
    said({ type: 'MessageReceived', data: { messageId: 'm-1' } }, 'oi, CPF 111.444.777-35, perdi meu cartão'),
    chain.add(
      {
        type: 'BotTurnCompleted',
        data: { sensitiveMessageIds: ['m-1'], partlySensitiveMessageIds: ['m-1'] },
      },
      { at: AT, content: contentOf({ shown: ['11144477735'] }) },
    ),
    said({ type: 'MessageEdited', data: { targetMessageId: 'm-1', hasMessage: true } }, 'CPF 529.982.247-25'),
  ]
  const around = { name: (id: string) => id, contactName: 'Maria', secrets: [], replyTo: null }
  let message: DeskMessage | undefined
  const shown = events.map((event) => {
    message = evolveMessage(message, event as unknown as MessageFact, 'm-1') ?? message
    return messageOf({ ...message!, _id: 'm-1', seenVersion: 1 }, around).text
  })
  expect(shown.slice(1)).toEqual(['oi, CPF ••••••, perdi meu cartão', '••••••'])

  const [received, heard, edited] = events
  const before = [received, edited, heard].reduce<DeskMessage | undefined>(
    (known, event) => evolveMessage(known, event as unknown as MessageFact, 'm-1') ?? known,
    undefined,
  )
  expect(messageOf({ ...before!, _id: 'm-1', seenVersion: 1 }, around).text).toBe('••••••')
})

test('what no robot heard is masked itself and nowhere else, for whoever reads it when', () => {
  const heard = answered('Ana Souza')
  const { shownAs: _, ...unheard } = heard
  expect(masking(secretsOf(heard))('Olá, Ana Souza')).toBe('Olá, ••••••')
  expect(masking(secretsOf(unheard))('Olá, Ana Souza')).toBe('Olá, Ana Souza')
})

test('an answer that is given anew is masked as it was shown before and as it is shown now', () => {
  const message = answered('quatro três dois um', '4321', '4322')
  expect(masking(secretsOf(message))('final 4321, final 4322')).toBe('final ••••••, final ••••••')
})

test('no letter grows out of its bubble, whatever is stacked on it and wherever it is shown', () => {
  const stacked = `oi${'\u0301'.repeat(200)}`
  expect(masking([])(stacked).length).toBeLessThan(10)
  const message = { ...answered(stacked), isSensitive: false, _id: 'm-1', seenVersion: 1 }
  const around = { name: (id: string) => id, contactName: stacked, secrets: [], replyTo: null }
  const { text: words, author } = messageOf(message, around)
  expect([words!.length < 10, author.name!.length < 10]).toEqual([true, true])
})

test('a file is shown by the name that it has, and with the caption that it has', () => {
  const file = (caption: string): MessageBody => {
    const value = { type: 'document', filename: 'x\u202Efdp.exe', caption }
    return MessageBody.fromPartial({ body: { $case: 'media', value } })
  }
  const shown = (caption: string) => {
    const event = new Chain(conversations, 'contact-1').add(
      { type: 'MessageReceived', data: { messageId: 'm-1' } },
      { at: AT, content: contentOf({ messages: [file(caption)] }) },
    )
    const message = evolveMessage(undefined, event as unknown as MessageFact, 'm-1')!
    const around = { name: (id: string) => id, contactName: 'Maria', secrets: [], replyTo: null }
    return messageOf({ ...message, _id: 'm-1', seenVersion: 1 }, around).media
  }
  expect(shown('')).toMatchObject({ fileName: 'xfdp.exe', caption: null })
  expect(shown('a fatura')).toMatchObject({ caption: 'a fatura' })
})

test('a list never shows the half of what it would mask as a whole, wherever a long message is cut', () => {
  const shown = (said: string, secrets: readonly string[] = []) => {
    const chain = new Chain(conversations, 'contact-1')
    const events = [
      chain.add({ type: 'ConversationOpened', data: {} }, { at: AT }),
      chain.add(
        { type: 'MessageReceived', data: { messageId: 'm-1' } },
        { at: AT, content: contentOf({ messages: [text(said)] }) },
      ),
    ]
    const row = events.reduce<ReturnType<typeof evolve>>(
      (known, event) => evolve(known, event as unknown as ConversationFact) ?? known,
      undefined,
    )!
    return rowOf({ ...row, _id: 'c-1', seenVersion: 2 }, { name: () => null, secrets, readUpTo: 0 })
      .lastMessage!.text
  }
  const secrets = secretsOf({ ...answered('529.982.247-25') })
  for (let before = PREVIEW_CHARACTERS - 30; before <= PREVIEW_CHARACTERS; before += 1) {
    const words = `${'a '.repeat(before / 2)}é `
    expect(shown(`${words}4111 1111 1111 1111 obrigado`)).not.toMatch(/4111|1111 1/)
    expect(shown(`${words}529.982.247-25 obrigado`, secrets)).not.toMatch(/529|982/)
    expect(shown(`${words}👍🏽👍🏽👍🏽`).isWellFormed()).toBe(true)
  }
  expect(shown('x'.repeat(PREVIEW_CHARACTERS - 1))).toBe('x'.repeat(PREVIEW_CHARACTERS - 1))
  expect(shown(`${'palavra '.repeat(30)}fim`)).toMatch(/^(?:palavra ){19}palavra…$/)
})

test('who wrote in the app is an agent whom nobody knows, and that it was the app stands beside it', () => {
  const chain = new Chain(conversations, 'contact-1')
  const actor = { kind: 'company', id: 'whatsapp_business_app' } as const
  const told = chain.add(
    { type: 'AppMessageSent', data: { messageId: 'm-1' } },
    { at: AT, content: contentOf({ messages: [text('Aqui é a Carla')] }), actor },
  )
  const stored = evolveMessage(undefined, told as unknown as MessageFact, 'm-1')!
  const around = { name: (id: string) => id, contactName: 'Maria', secrets: [], replyTo: null }
  const reactions = [{ emoji: '👍', by: 'company' as const }]
  const message = messageOf({ ...stored, reactions, _id: 'm-1', seenVersion: 1 }, around)
  const agent = { kind: 'agent', id: null, name: null }
  expect(message).toMatchObject({ author: agent, isFromApp: true, reactions: [{ emoji: '👍', by: 'agent' }] })
  const opened = chain.add({ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, { at: AT })
  const conversation = [opened, told].reduce<ReturnType<typeof evolve>>(
    (row, event) => evolve(row, event as unknown as ConversationFact) ?? row,
    undefined,
  )!
  const row = (kind: 'agent' | undefined) =>
    rowOf(
      {
        ...conversation,
        ...(kind && { lastMessage: { ...conversation.lastMessage!, author: kind } }),
        _id: 'c-1',
        seenVersion: 2,
      },
      { name: () => null, secrets: [], readUpTo: 0 },
    ).lastMessage
  expect(row(undefined)).toEqual({ author: 'agent', isFromApp: true, text: 'Aqui é a Carla', at: AT })
  expect(row('agent')).toEqual({ author: 'agent', text: 'Aqui é a Carla', at: AT })
})
