import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { waitWishOf } from './wait-wish.ts'

const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })
const tap = (id: string) =>
  MessageBody.fromPartial({ body: { $case: 'choice', value: { source: 'button_reply', id, title: 'x' } } })

test.each([
  'quanto tempo?',
  'Quanto tempo vai demorar?',
  'oi, quanto tempo falta, por favor?',
  'vai demorar muito?',
  'demora muito?',
  'falta muito?',
  'qual a minha posição na fila?',
  'Qual é minha posição?',
  'tempo de espera',
  'quantas pessoas na minha frente?',
  'quantas pessoas na fila?',
  'tem mta gente na frente?',
  'vai demorar mto?',
  'how long?',
  'How long will it take?',
  'how much longer',
  "what's my position in the queue?",
  'কত সময় লাগবে?',
  'আর কতক্ষণ?',
  'কতক্ষণ লাগবে',
  'tem previsão?',
  'qual a previsão de atendimento?',
  'demora?',
  'ainda vai demorar?',
  'any eta?',
  'koto somoy lagbe',
  'minha posição?',
  'ar koto khon lagbe',
])('"%s" asks how long it takes', (words) => expect(waitWishOf(text(words))).toBe('how_long'))

test.each([
  'quanto tempo o cartão leva para chegar?',
  'há quanto tempo vocês existem?',
  'how long is the warranty?',
  'o cartão vai demorar muito para chegar?',
  'oi',
  '',
  'কত টাকা লাগবে?',
  'deixa eu explicar',
  'que demora!',
  'ta demorando',
  'quanto tempo demora o cartão novo?',
  'não resolvido',
  'já resolvi o cpf, falta o resto',
])('"%s" is about something else', (words) => expect(waitWishOf(text(words))).toBe(''))

test.each([
  ['pode me chamar depois', 'call_back'],
  ['me avisem quando abrir', 'call_back'],
  ['message me when you open please', 'call_back'],
  ['খুললে জানাবেন', 'call_back'],
  ['não quero esperar mais', 'leave'],
  ['não quero que me avisem quando abrir', ''],
  ['me avisem quando abrir a agência do Recife', ''],
])('"%s" to an offer to be written to is "%s"', (words, is) => expect(waitWishOf(text(words))).toBe(is))

test('a button, and the words that stand on it, choose to be written to or to leave it', () => {
  expect(
    [tap('wait_call_back'), text('Sim, escrevam'), text('write to me'), text('হ্যাঁ, লিখবেন')].map(waitWishOf),
  ).toEqual(Array(4).fill('call_back'))
  expect([tap('wait_leave'), text('Não precisa'), text('no need'), text('দরকার নেই')].map(waitWishOf)).toEqual(
    Array(4).fill('leave'),
  )
  expect([tap('menu'), undefined].map(waitWishOf)).toEqual(['', ''])
})

test.each(['quero cancelar o pedido', 'não quero mais', 'achei meu cartão', 'sorry, cancel', 'cancel this'])(
  '"%s" may be what they wait for',
  (words) => expect(waitWishOf(text(words))).toBe(''),
)

// Who complains of what they got waits on; so does who speaks of what was begun.
test.each(['não era isso que eu queria', 'era outra coisa que eu queria', 'foi engano', 'cliquei errado'])(
  '"%s" leaves no queue',
  (words) => expect(waitWishOf(text(words))).toBe(''),
)

test.each([
  'mudei de ideia',
  'não, deixa pra lá',
  'ok, forget it',
  'থাক, লাগবে না',
  'já resolvi, obrigado',
  'resolvido!',
  'já consegui, não precisa mais',
  'all sorted',
  'nvm',
  'never mind',
  'থাক',
  'não preciso mais',
])('"%s" leaves the queue', (words) => expect(waitWishOf(text(words))).toBe('leave'))

test('a plain yes and a plain no are those, in each language, however polite; questions and stories are neither', () => {
  const read = (words: readonly string[]) => words.map((one) => [one, waitWishOf(text(one))])
  const all = (words: readonly string[], wish: string) => words.map((one) => [one, wish])
  const yes = [
    'sim',
    'Siiim!',
    's',
    'ss',
    'sim, por favor',
    'quero',
    'pode ser',
    'ok',
    'yes please',
    'sure',
    'হ্যাঁ',
    'জি',
  ]
  const no = ['não', 'n', 'nao, obrigada', 'não quero', 'no, thanks', 'না', 'না, ধন্যবাদ', 'não 👎', 'não 🙄']
  const neither = [
    'sim?',
    'não sei',
    'sim mas não agora',
    'não recebi',
    'sim ou não',
    '~sim~',
    'oi',
    'obrigado',
    'no shopping',
    'ha ha',
    'হা হা',
    'hahaha',
    '❌ sim',
    'ok 🖕',
    'sim 🤷',
    'ok 🙄',
    'não 😂',
    'não 🤔',
  ]
  expect(read(yes)).toEqual(all(yes, 'yes'))
  expect(read(no)).toEqual(all(no, 'no'))
  expect(read(neither)).toEqual(all(neither, ''))
  // "In the", of whoever writes Portuguese.
  expect(read(['no', 'No.', 'na'])).toEqual(all(['no', 'No.', 'na'], 'no_unless_pt'))
})
