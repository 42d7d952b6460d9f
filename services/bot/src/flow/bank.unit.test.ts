import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { checkFlow } from './checking.ts'
import { answer } from './interpreter.ts'
import { readSession } from './session.ts'

const FILE = join(import.meta.dirname, '../../../../config/flows/atendimento.yaml')
const { flow: bank } = checkFlow(FILE, readFileSync(FILE, 'utf8'))

type Body = DeepPartial<MessageBody>['body']
const text = (value: string): Body => ({ $case: 'text', value: { text: value } })
const tap = (id: string): Body => ({ $case: 'choice', value: { source: 'button_reply', id, title: '' } })

/** One message a turn. */
function talking(language = 'pt') {
  let session = ''
  let turn = 0
  let queue: string | undefined
  return {
    says(...bodies: Body[]): void {
      for (const body of bodies) this.saysAtOnce(body)
    },
    /** All in one turn. */
    saysAtOnce(...bodies: Body[]): void {
      this.refers({}, ...bodies)
    },
    /** @param replyToTurn the turn whose message they quote */
    quotes(replyToTurn: number, ...bodies: Body[]): void {
      this.refers({ replyToTurn }, ...bodies)
    },
    /** @param turnOf in which they said what they quote */
    quotesOwn(turnOf: number, ...bodies: Body[]): void {
      this.refers({ replyToMessageId: `in.${turnOf}.0` }, ...bodies)
    },
    refers(to: { replyToTurn?: number; replyToMessageId?: string }, ...bodies: Body[]): void {
      turn += 1
      const seen = { seenTurn: turn - 1, askedTurn: turn - 1, change: '', ...to }
      const inputs = bodies.map((body, place) => ({
        messageId: `in.${turn}.${place}`,
        message: MessageBody.fromPartial({ body }),
        ...seen,
      }))
      const at = '2026-11-22T15:00:00Z'
      const run = answer(bank!, {
        turnId: `t${turn}`,
        number: turn,
        language,
        session: readSession(session),
        inputs,
        at,
      })
      const state = run.next()
      if (!state.done || state.value.outcome !== 'answered') throw new Error('The bank calls nothing.')
      session = state.value.session
      const handOver = state.value.actions.find(({ action }) => action?.$case === 'handOver')?.action
      queue = handOver?.$case === 'handOver' ? handOver.value.queue : undefined
    },
    /** The queue that the last turn handed the conversation to. */
    queue: () => queue,
    /** The question that waits; none: people took over, or the conversation ended. */
    waitsAt: () => readSession(session)?.step ?? 'nobody',
    place: () => readSession(session)?.variables['place'],
    cpf: () => readSession(session)?.variables['cpf'],
    card: () => readSession(session)?.variables['card'],
    day: () => readSession(session)?.variables['lost_on'],
  }
}

const WORDS = {
  cpf: [text('oi'), tap('lost_card')],
  when: [text('oi'), tap('lost_card'), text('529.982.247-25'), text('4321')],
  where: [text('oi'), tap('lost_card'), text('529.982.247-25'), text('4321'), text('ontem')],
}
const SUMMARY = [...WORDS.where, text('no shopping')]
const MORE = [text('oi'), tap('branches')]

describe('who asks for a person once a card is lost waits for those who know about cards, elsewhere for anybody', () => {
  const SAID = {
    pt: { yesterday: 'ontem', person: 'atendente' },
    en: { yesterday: 'yesterday', person: 'agent' },
    bn: { yesterday: 'গতকাল', person: 'এজেন্ট' },
  }
  const LOST = (language: keyof typeof SAID) => [
    tap('lost_card'),
    text('529.982.247-25'),
    text('4321'),
    text(SAID[language].yesterday),
    text('Shopping Eldorado'),
    tap('correct'),
  ]
  const languages = Object.keys(SAID) as (keyof typeof SAID)[]
  const places = languages.flatMap((language) =>
    LOST(language).map((_, index) => ({ language, answers: LOST(language).slice(0, index + 1) })),
  )
  test.each(places)(
    'in $language after $answers.length answers, in turns of their own and at once',
    (place) => {
      const { language, answers } = place
      const person = text(SAID[language].person)
      for (const isAtOnce of [false, true]) {
        const chat = talking(language)
        chat.says(text('oi'), ...(isAtOnce ? answers.slice(0, -1) : answers))
        chat.saysAtOnce(...(isAtOnce ? answers.slice(-1) : []), person)
        expect(chat.queue()).toBe('cards')
      }
    },
  )
  test.each(languages)('in %s at the menu, after it, and by its row', (language) => {
    const person = text(SAID[language].person)
    for (const words of [[person], [tap('branches'), person], [tap('language'), person], [tap('person')]]) {
      const chat = talking(language)
      chat.says(text('oi'), ...words)
      expect(chat.queue()).toBe('general')
    }
  })
  test('and who left the lost card by the menu, for anybody', () => {
    const chat = talking()
    chat.says(text('oi'), tap('lost_card'), text('menu'), text('atendente'))
    expect(chat.queue()).toBe('general')
  })
  test('and so does who gives no answer that fits', () => {
    const chat = talking()
    chat.says(...WORDS.when, text('algum dia'), text('algum dia'), text('algum dia'))
    expect(chat.queue()).toBe('cards')
  })
})

describe('a decision is never taken from words inside a sentence', () => {
  test.each([
    'sim, mas a data está errada',
    'pode mudar a data?',
    'n está certo',
    'não está certo',
    'nao esta certo',
    'foi no Shopping Eldorado',
    'isso não',
    'ok mas não foi ontem',
    'sim e não',
    'yes',
    'no',
    'confirm',
    'sim, obrigado',
    'sim?',
    'tá certo?',
  ])('the summary asks again after “%s”', (said) => {
    const chat = talking()
    chat.says(...SUMMARY, text(said))
    expect(chat.waitsAt()).toBe('summary')
  })
  test.each(['Está correto', 'sim', 'Sim!', '“Confirmar”', 'CONFIRMAR 👍🏽', '1', 'tá certo.'])(
    'the summary is confirmed by “%s”',
    (said) => {
      const chat = talking()
      chat.says(...SUMMARY, text(said))
      expect(chat.waitsAt()).toBe('nobody')
    },
  )
  test.each([
    ['en', "that's correct"],
    ['en', 'That’s correct.'],
    ['bn', 'ঠিক আছে।'],
  ])('in %s by “%s”', (language, said) => {
    const chat = talking(language)
    chat.says(...SUMMARY.slice(0, -2), text(language === 'en' ? 'yesterday' : 'গতকাল'), text('Dhaka'))
    expect(chat.waitsAt()).toBe('summary')
    chat.says(text(said))
    expect(chat.waitsAt()).toBe('nobody')
  })
  test.each(['não', 'Mudar algo', 'mudar', '2'])('“%s” changes something', (said) => {
    const chat = talking()
    chat.says(...SUMMARY, text(said))
    expect(chat.waitsAt()).toBe('cpf')
  })
  test.each(['qual o limite do meu cartão?', 'meu cartão não chegou', 'cartão'])(
    'the menu asks again after “%s”',
    (said) => {
      const chat = talking()
      chat.says(text('oi'), text(said))
      expect(chat.waitsAt()).toBe('menu')
    },
  )
  test('“tem agência no Recife?” is not a no', () => {
    const chat = talking()
    chat.says(...MORE, text('tem agência no Recife?'))
    expect(chat.waitsAt()).toBe('more')
  })
})

describe('what is said at once to something irreversible must say the same', () => {
  test.each<[string, Body[]]>([
    ['sim · não', [text('sim'), text('não')]],
    ['não · sim', [text('não'), text('sim')]],
    ['sim · mas a data está errada', [text('sim'), text('mas a data está errada')]],
    ['sim · não, espera', [text('sim'), text('não, espera')]],
    ['a data está errada · sim', [text('a data está errada'), text('sim')]],
    ['sim · ?', [text('sim'), text('?')]],
    ['sim · 🤔', [text('sim'), text('🤔')]],
    ['👎 · sim', [text('👎'), text('sim')]],
    ['Confirm · kkkk', [tap('confirm'), text('kkkk')]],
    ['Confirm · Change something', [tap('confirm'), tap('correct')]],
    ['Confirm · a data está errada', [tap('confirm'), text('a data está errada')]],
  ])('the summary asks again after %s', (_, bodies) => {
    const chat = talking()
    chat.says(...SUMMARY)
    chat.saysAtOnce(...bodies)
    expect(chat.waitsAt()).toBe('summary')
  })
  test.each<[string, Body[]]>([
    ['sim · obrigada!', [text('sim'), text('obrigada!')]],
    ['oi · sim · 🙏', [text('oi'), text('sim'), text('🙏')]],
    ['Confirm twice', [tap('confirm'), tap('confirm')]],
    ['Confirm · sim', [tap('confirm'), text('sim')]],
  ])('and is confirmed by %s', (_, bodies) => {
    const chat = talking()
    chat.says(...SUMMARY)
    chat.saysAtOnce(...bodies)
    expect(chat.waitsAt()).toBe('nobody')
  })
})

describe('a greeting or a thank-you is no part of an answer', () => {
  test('right behind one', () => {
    const chat = talking()
    chat.says(...WORDS.where)
    chat.saysAtOnce(text('no shopping'), text('obrigada'))
    expect([chat.waitsAt(), chat.place()]).toEqual(['summary', 'no shopping'])
  })
  test('laughter is none either: the question is said again, and RS is a place', () => {
    for (const [said, waitsAt] of [
      ['kkkk', 'where'],
      ['RS', 'summary'],
    ] as const) {
      const chat = talking()
      chat.says(...WORDS.where, text(said))
      expect(chat.waitsAt()).toBe(waitsAt)
    }
  })
  test.each(['👍', 'ok', 'obrigada', 'oi'])('nor in its place, where it quotes its question: %s', (said) => {
    const chat = talking()
    chat.says(...WORDS.where, text('no shopping'))
    chat.quotes(2, text(said))
    expect(chat.cpf()).toBe('52998224725')
    chat.quotes(5, text(said))
    expect([chat.waitsAt(), chat.place()]).toEqual(['summary', 'no shopping'])
  })
})

describe('who quotes an answer of their own and says another one to its question means that', () => {
  const [CPF, CARD, DAY, PLACE] = [3, 4, 5, 6]
  test.each<[what: string, words: readonly Body[]]>([
    ['at the free question, which any words would answer', WORDS.where],
    ['at the summary', SUMMARY],
  ])('%s', (_, words) => {
    const chat = talking()
    chat.says(...words)
    const [waitsAt, place] = [chat.waitsAt(), chat.place()]
    chat.quotesOwn(CARD, text('é 9876'))
    chat.quotesOwn(CPF, text('111.444.777-35'))
    chat.quotesOwn(DAY, text('anteontem'))
    expect([chat.waitsAt(), chat.card(), chat.cpf(), chat.day(), chat.place()]).toEqual([
      waitsAt,
      '9876',
      '11144477735',
      '2026-11-20',
      place,
    ])
  })
  test('also of a free text', () => {
    const chat = talking()
    chat.says(...SUMMARY)
    chat.quotesOwn(PLACE, text('no metrô da Sé'))
    expect([chat.waitsAt(), chat.place()]).toEqual(['summary', 'no metrô da Sé'])
  })
  test('what is no answer to it is heard as it is without the quotation: an option, a wish, words that do not fit', () => {
    for (const [said, waitsAt] of [
      ['Mudar algo', 'cpf'],
      ['atendente', 'nobody'],
      ['está diferente', 'summary'],
    ] as const) {
      const chat = talking()
      chat.says(...SUMMARY)
      chat.quotesOwn(CARD, text(said))
      expect([said, chat.waitsAt()]).toEqual([said, waitsAt])
    }
  })
  test('a yes beside it registers nothing', () => {
    const chat = talking()
    chat.says(...SUMMARY)
    chat.quotesOwn(CARD, text('9876'), text('sim'))
    expect([chat.waitsAt(), chat.card()]).toEqual(['summary', '9876'])
  })
})

describe('a free question takes what people write', () => {
  test.each([
    'no balcão, quando fui falar com a pessoa do caixa',
    'Ibirapuera, perto do cinema',
    'na fila do atendente 3',
  ])('“%s” is a place', (said) => {
    const chat = talking()
    chat.says(...WORDS.where, text(said))
    expect([chat.waitsAt(), chat.place()]).toEqual(['summary', said])
  })
  test.each(['\u3164\u3164', '\u200e\u200e', '\u2060\u2060'])('%j is none', (said) => {
    const chat = talking()
    chat.says(...WORDS.where, text(said))
    expect(chat.waitsAt()).toBe('where')
  })
  test('a place that was shared is one', () => {
    const chat = talking()
    chat.says(...WORDS.where, {
      $case: 'location',
      value: { latitude: -23.5, longitude: -46.6, name: 'Shopping Eldorado' },
    })
    expect([chat.waitsAt(), chat.place()]).toEqual(['summary', 'Shopping Eldorado'])
  })
  test('“quero falar com um atendente” calls a person, under a photo too', () => {
    for (const said of [
      text('quero falar com um atendente'),
      { $case: 'media', value: { type: 'image', caption: 'quero falar com um atendente' } } as Body,
    ]) {
      const chat = talking()
      chat.says(...WORDS.where, said)
      expect(chat.waitsAt()).toBe('nobody')
    }
  })
})

describe('answers as they are typed', () => {
  test.each([
    '\u202d529.982.247-25\u202c',
    '529.982.247–25',
    '５２９.９８２.２４７-２５',
    '529.982.247-25\u200b',
  ])('the CPF %j', (said) => {
    const chat = talking()
    chat.says(...WORDS.cpf, text(said))
    expect(chat.waitsAt()).toBe('card')
  })
  test.each(['٤٣٢١', '4️⃣3️⃣2️⃣1️⃣'])('the card %j', (said) => {
    const chat = talking()
    chat.says(...WORDS.cpf, text('52998224725'), text(said))
    expect(chat.waitsAt()).toBe('when')
  })
  test.each(['hj', 'ontem à tarde', 'hoje às 10h', 'segunda', '20112026'])('the day “%s”', (said) => {
    const chat = talking()
    chat.says(...WORDS.when, text(said))
    expect(chat.waitsAt()).toBe('where')
  })
})
