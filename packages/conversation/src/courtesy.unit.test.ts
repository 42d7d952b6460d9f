import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { asksForMoment, isCourtesy, isGreeting, isNudge } from './courtesy.ts'

const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })

test.each([
  'obrigada!',
  'muito obrigada pelo excelente atendimento',
  'great job, thanks',
  'thanks a ton',
  'ধন্যবাদ ভাই',
  'thanks vai',
  'Muito obrigado pela ajuda, boa noite 🙏',
  'ok, valeu',
  'tchau tchau',
  'Não, obrigado.',
  'thanks a lot!',
  'Thank you so much, have a nice day',
  'ধন্যবাদ',
  'অনেক ধন্যবাদ আপনাকে',
  '👍',
  '🙏🏽🙏🏽',
  'Bom fim de semana!',
  'boa semana pra você também',
  'take care!',
  'শুভ রাত্রি',
  'kkkk',
  'ha ha ha',
  'obrigada kkk',
  'Obrigadoo!',
  'brigadaa',
  'obrigada a vcs',
  'deu tudo certo, obrigada',
  'obrigado pela informação',
  'bom trabalho pra vocês, obrigada',
])('"%s" is thanks or a goodbye and nothing else', (words) => expect(isCourtesy(text(words))).toBe(true))

test.each([
  'oi',
  'bom dia',
  '?',
  '...',
  'obrigada, mas e o cartão?',
  'obrigada, perdi outro cartão',
  'thanks, one more thing',
  'sim',
  'não',
  'ধন্যবাদ, আরেকটা প্রশ্ন আছে',
  '❌',
  '👎🏽',
  '🤔🤔',
  '🙏 ✋',
  'ok 👎',
  'obrigada 🙄',
  '',
])('"%s" may begin something', (words) => expect(isCourtesy(text(words))).toBe(false))

test('a sticker alone is one; a photo, and no message, is none', () => {
  const media = (type: string) => MessageBody.fromPartial({ body: { $case: 'media', value: { type } } })
  expect([isCourtesy(media('sticker')), isCourtesy(media('image')), isCourtesy(undefined)]).toEqual([
    true,
    false,
    false,
  ])
})

describe('who is only there', () => {
  test.each(['oi', 'Oi!', 'Olá, bom dia', 'oi tudo bem?', 'HELLO 👋', 'নমস্কার'])(
    '%s is a greeting',
    (text) => {
      expect(isGreeting(text)).toBe(true)
    },
  )
  test.each(['oi perdi meu cartão', 'bom diário', '', '👋', 'ok'])('%s is none', (text) => {
    expect(isGreeting(text)).toBe(false)
  })
  test.each([
    '?',
    '👍',
    '…',
    '\u3164\u3164',
    '\u200e\u200e',
    '\u2060\u2060',
    'Oi 👋',
    'hmm',
    'Hmmm…',
    'hum',
    'uh',
    'হুম',
    'kkkk',
    'হা হা হা',
  ])('%j says only that somebody is there', (text) => {
    expect(isNudge(text)).toBe(true)
  })
  test.each(['um', 'a', 'sim', 'humano', 'ruim', 'é', 'RS', 'ha'])('"%s" says something', (text) => {
    expect(isNudge(text)).toBe(false)
  })
  test.each([
    'pera aí',
    'Peraí…',
    'só um minuto, por favor',
    '1 minutinho',
    'um momento que vou pegar o cartão',
    'pera que tô procurando aqui',
    'calma, já vou pegar meu documento na bolsa',
    'please hold on',
    'pera aí, já te falo',
    'um momento que já volto',
    'calma, só um minutinho, já vejo',
    'hold on, let me check',
    'hold on, I am looking for my card',
    'একটু দাঁড়ান, কার্ড খুঁজছি',
    'calma',
    'já te falo',
    'deixa eu ver aqui',
    'desculpa, só um instante',
    'hold on',
    'one sec pls',
    'wait, let me check',
    'give me a minute',
    'একটু দাঁড়ান',
    'এক মিনিট',
    'ektu wait koren',
  ])('“%s” asks for a moment', (text) => {
    expect(asksForMoment(text)).toBe(true)
  })
  test.each([
    'um pouco',
    'há um minuto',
    'faz 1 minuto',
    '2 minutos',
    'espera feliz',
    'na sala de espera',
    'um minuto?',
    'um momento que vou pegar o cartão 4321',
    'não espera',
    'peraí, já sei: foi no metrô da Sé',
    'calma, estou no shopping Ibirapuera',
    'pera aí, já lembrei, foi ontem',
    'pera aí que vou ditar é cinco dois nove oito',
    'peraí, já lembrei é Maria das Dores Silva',
    'pera, vou ver é Maria Silva',
    'Aguarde um momento que já te atendo',
    'wait for me at the mall',
    'a minute ago',
    'একটু',
    '',
  ])('“%s” does not', (text) => {
    expect(asksForMoment(text)).toBe(false)
  })
})
