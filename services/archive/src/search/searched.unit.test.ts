import { type ConversationEvent, MASK, contentOf, conversations } from '@parley/conversation'
import { ContactProfile, MessageBody } from '@parley/proto/content'
import { Chain } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { type Searched, type SearchedEvent, foldSearched } from './searched.ts'
import { wordsAsked, wordsIn } from './words.ts'

const said = (text: string) =>
  contentOf({ messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })] })

/** A conversation told event by event. */
class Told {
  searched: Searched | undefined
  readonly #chain = new Chain<any>(conversations, 'contact-1')
  #messages = 0

  constructor() {
    this.tell({ type: 'ConversationOpened', data: { language: 'pt', channelAccountId: 'account' } })
  }

  tell({ type, data }: { type: ConversationEvent['type']; data: object }, content = said('')): this {
    const event = this.#chain.add({ type, data }, { correlationId: 'c-1', content }) as SearchedEvent
    const next = foldSearched(this.searched, event)
    this.searched = next && { ...next, _id: 'c-1', streamId: 'contact-1' }
    return this
  }

  says(text: string, more: object = {}): string {
    const messageId = `m-${++this.#messages}`
    this.tell({ type: 'MessageReceived', data: { messageId, type: 'text', ...more } }, said(text))
    return messageId
  }

  answers(text: string): void {
    const data = { messageId: `m-${++this.#messages}`, purpose: 'bot_answer', type: 'text' }
    this.tell({ type: 'MessageSendRequested', data }, said(text))
  }

  /** Whether every word that is asked for is found. */
  isFoundBy(text: string): boolean {
    const words = this.searched?.words ?? []
    return wordsAsked(text).every(({ word, begins }) =>
      words.some((one) => (begins ? one.startsWith(word) : one === word)),
    )
  }
}

test('an edit that a later one overtook is found by none of its words', () => {
  const told = new Told()
  const targetMessageId = told.says('primeiro')
  const edited = (text: string, isOutdated: boolean) =>
    told.tell({ type: 'MessageEdited', data: { targetMessageId, hasMessage: true, isOutdated } }, said(text))
  edited('terceiro', false)
  edited('segundo', true)
  expect(told.isFoundBy('terceiro')).toBe(true)
  expect(told.isFoundBy('segundo')).toBe(false)
  expect(told.searched?.lastMessage?.text).toBe('terceiro')
})

test('what an agent begins is found by the name that its contact is known by, before they wrote in it', () => {
  const told = new Told()
  const profile = ContactProfile.fromPartial({ name: 'Maria Conceição' })
  told.tell({ type: 'ConversationBegun', data: { agentId: 'ana', queue: 'cards' } }, contentOf({ profile }))
  told.answers('Olá')
  expect(told.isFoundBy('conceicao')).toBe(true)
})

describe('words', () => {
  test.each([
    ['Cartão de crédito', 'CARTAO', 'credito'],
    ['আমার কার্ড হারিয়ে গেছে', 'কার্ড', 'হারিয়ে'],
    ['protocolo ২০২৬-৪৫৬৭', '2026', '4567'],
    ['final ४५६७', '4567', '४५६७'],
  ])(
    '%s is found by %s and %s: accents, case and the script of digits make no difference',
    (text, ...asked) => {
      const told = new Told()
      told.says(text)
      expect(asked.filter((word) => !told.isFoundBy(word))).toEqual([])
    },
  )

  test('all words must be there, whole unless they end in *, in whatever order and message', () => {
    const told = new Told()
    told.says('perdi o cartão')
    told.answers('Vamos bloquear agora')
    expect(told.isFoundBy('bloquear cartao')).toBe(true)
    expect(told.isFoundBy('cart')).toBe(false)
    expect(told.isFoundBy('cart* bloq*')).toBe(true)
    expect(told.isFoundBy('cartao emprestimo')).toBe(false)
  })

  test('the customer’s name finds it too', () => {
    const told = new Told()
    const profile = ContactProfile.fromPartial({ name: 'Antônia Dias' })
    told.tell({ type: 'MessageReceived', data: { messageId: 'm', type: 'text' } }, contentOf({ profile }))
    expect(told.isFoundBy('antonia')).toBe(true)
  })

  test('of a whole sentence no word is left out: what has all but one of them is not found', () => {
    const told = new Told()
    told.says('a b c d e f g h i j k l')
    expect(told.isFoundBy('a b c d e f g h i j k l')).toBe(true)
    expect(told.isFoundBy('a b c d e f g h i j k z')).toBe(false)
  })

  test('the longest is asked for first, each once, and not without end', () => {
    expect(wordsAsked('o cartão o cartão').map(({ word }) => word)).toEqual(['cartao', 'o'])
    expect(wordsAsked(Array.from({ length: 400 }, (_, nth) => `w${nth}`).join(' '))).toHaveLength(100)
    expect(wordsIn('x'.repeat(3_000))[0]).toHaveLength(40)
  })
})

describe('what is not found', () => {
  test('a deleted message, and what an edited one said before', () => {
    const told = new Told()
    const first = told.says('segredo antigo')
    const second = told.says('valor errado')
    told.tell({ type: 'MessageRevoked', data: { targetMessageId: first } })
    told.tell(
      { type: 'MessageEdited', data: { targetMessageId: second, hasMessage: true } },
      said('valor certo'),
    )
    expect(told.isFoundBy('segredo')).toBe(false)
    expect(told.isFoundBy('errado')).toBe(false)
    expect(told.isFoundBy('valor certo')).toBe(true)
  })

  test('a sensitive answer: not while nobody knows what it is, not after, and not where it is repeated', () => {
    const told = new Told()
    told.says('meu cpf 111.444.777-35 por favor')
    const answer = told.says('111 444 777 35', { perhapsSensitive: true })
    expect(told.isFoundBy('por favor')).toBe(true)
    told.tell(
      { type: 'BotTurnCompleted', data: { sensitiveMessageIds: [answer] } },
      contentOf({ shown: ['11144477735'] }),
    )
    told.answers('Encontrei o CPF 11144477735, Maria.')
    const clear = ['111.444.777-35', '11144477735', '111 444', '777', '4447*']
    expect(clear.filter((text) => told.isFoundBy(text))).toEqual([])
    expect(told.isFoundBy('encontrei maria')).toBe(true)
  })

  test('what was perhaps sensitive and is edited is shown no more than it was', () => {
    const told = new Told()
    const answer = told.says('111', { perhapsSensitive: true })
    told.tell(
      { type: 'MessageEdited', data: { targetMessageId: answer, hasMessage: true } },
      said('111.444.777-35'),
    )
    expect(told.searched?.lastMessage).toMatchObject({ id: answer, text: MASK })
  })

  test('of what is sensitive in part that part, and once it is edited nothing of it; it is shown nowhere', () => {
    const told = new Told()
    const first = told.says('perdi meu cartão, cpf 111.444.777-35')
    told.tell(
      {
        type: 'BotTurnCompleted',
        data: { sensitiveMessageIds: [first], partlySensitiveMessageIds: [first] },
      },
      contentOf({ shown: ['11144477735'] }),
    )
    expect(told.searched?.lastMessage).toMatchObject({ id: first, text: MASK })
    expect(told.isFoundBy('perdi')).toBe(true)
    expect(told.isFoundBy('11144477735')).toBe(false)
    told.tell(
      { type: 'MessageEdited', data: { targetMessageId: first, hasMessage: true } },
      said('perdi meu cartão, cpf 529.982.247-25'),
    )
    expect(told.searched?.lastMessage).toMatchObject({ id: first, text: MASK })
    expect(['perdi', '529.982.247-25', '982'].filter((text) => told.isFoundBy(text))).toEqual([])
  })

  test('what was said to a sensitive question stays hidden as a whole, though a turn names a part of it', () => {
    const told = new Told()
    const answer = told.says('é 111.444.777-35 viu', { perhapsSensitive: true })
    told.tell(
      {
        type: 'BotTurnCompleted',
        data: { sensitiveMessageIds: [answer], partlySensitiveMessageIds: [answer] },
      },
      contentOf({ shown: ['11144477735'] }),
    )
    expect(['viu', '11144477735'].filter((text) => told.isFoundBy(text))).toEqual([])
  })

  test('what was perhaps sensitive is found once it proved not to be', () => {
    const told = new Told()
    const answer = told.says('quero falar com alguém', { perhapsSensitive: true })
    expect(told.isFoundBy('alguem')).toBe(false)
    told.tell({ type: 'BotTurnCompleted', data: { plainMessageIds: [answer] } })
    expect(told.isFoundBy('alguem')).toBe(true)
  })

  test('a card number but for its last four digits', () => {
    const told = new Told()
    told.says('meu cartão é 4111 1111 1111 1111')
    expect(told.isFoundBy('4111')).toBe(false)
    expect(told.isFoundBy('1111')).toBe(true)
  })
})

test('queues, agents, score and how it ended are what happened to it', () => {
  const told = new Told()
  told.tell({ type: 'HandoverRequested', data: { queue: 'general' } })
  told.tell({ type: 'ConversationRequeued', data: { queue: 'cards' } })
  told.tell({ type: 'ConversationAssigned', data: { queue: 'cards', agentId: 'p01' } })
  told.tell({ type: 'ConversationAssigned', data: { queue: 'cards', agentId: 'p02' } })
  told.tell({ type: 'ConversationClosed', data: { reason: 'solved' } })
  told.tell({ type: 'SurveyAnswered', data: { score: 2 } })
  expect(told.searched).toMatchObject({
    queues: ['general', 'cards'],
    agentIds: ['p01', 'p02'],
    lastAgentId: 'p02',
    closed: { reason: 'solved' },
    score: 2,
  })
})
