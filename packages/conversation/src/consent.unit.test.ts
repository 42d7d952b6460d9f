import { type DeepPartial, MessageBody } from '@parley/proto/content'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consentWishOf, stopsMessages } from './consent.ts'

const message = (body: DeepPartial<MessageBody>['body']) => MessageBody.fromPartial({ body })
const text = (words: string) => message({ $case: 'text', value: { text: words } })
const tap = (id: string, title: string, source = 'template_button') =>
  message({ $case: 'choice', value: { source, id, title } })

const STOPS = ['STOP', 'PARAR', 'parem', 'CANCELAR', 'quit', 'opt out', 'Cancelar inscrição', 'বন্ধ']

describe('a wish to stop or to start again', () => {
  test.each([
    ...STOPS,
    ' stop. ',
    'Parar!',
    'pare',
    'SAIR…',
    'Unsubscribe',
    'cancelar inscricao',
    'বন্ধ।',
    'স্টপ',
    '“PARAR”',
    '*PARAR*',
    'PARAR 🙏',
    'PARAR\u200e',
    '\u202bPARAR\u202c',
    'ＰＡＲＡＲ',
    '🛑 STOP',
    'STOP. Thank you',
    'Please stop!',
    'pare, por favor',
    'Oi! PARAR',
    'STOP STOP STOP',
    'opt-out',
    'não quero mais receber mensagens',
    'বন্ধ করুন, ধন্যবাদ',
    'Para de me mandar msg',
    'parem com essas mensagens!',
    'Não quero mais receber mensagens de vocês',
    'n quero mais receber msg',
    'Por favor, não me mandem mais mensagens',
    'quero me descadastrar',
    'Quero cancelar a inscrição',
    'quero sair da lista',
    'parar agora',
    'stop these messages',
    'I want to stop receiving messages',
    "Don't text me anymore",
    'no more texts please',
    'Take me off this list',
    'মেসেজ পাঠানো বন্ধ করেন',
    'আমাকে আর মেসেজ দেবেন না',
    'দয়া করে মেসেজ দেওয়া বন্ধ করুন',
  ])('"%s" is a stop', (words) =>
    expect(consentWishOf(text(words))).toEqual({ wish: 'stop', via: 'keyword' }),
  )
  test.each(['START', 'unstop', 'Voltar', 'iniciar', 'começar', 'COMECAR.', 'শুরু', 'স্টার্ট', '*VOLTAR* 🙂'])(
    '"%s" is a start',
    (words) => expect(consentWishOf(text(words))).toEqual({ wish: 'start', via: 'keyword' }),
  )
  test.each([
    'please stop calling',
    'stopp',
    'opt_outs',
    '',
    '?',
    '🛑',
    'não quero parar',
    'nao quero parar',
    'n quero parar',
    "don't stop",
    'não cancelar',
    'quero cancelar meu cartão',
    'parar o cartão',
    'the bus stop',
    'não parem de me mandar mensagens',
    'não quero parar de receber mensagens',
    "don't stop sending me messages",
    'do not take me off the list',
    'não me tire da lista',
    'parem de cobrar',
    'pare de debitar',
    'stop charging me',
    'não recebi mensagens',
    'não quero mais receber o cartão',
    'cancelar pedido',
    'মেসেজ বন্ধ করবেন না',
    'আমার কার্ড বন্ধ করুন',
    'বন্ধ করবেন না',
    'obrigado',
    'STOP '.repeat(2000) + 'not',
  ])('"%s" is neither', (words) => expect(consentWishOf(text(words))).toBeUndefined())

  test('the caption of a photo is words', () => {
    expect(consentWishOf(message({ $case: 'media', value: { type: 'image', caption: 'PARAR' } }))).toEqual({
      wish: 'stop',
      via: 'keyword',
    })
    expect(consentWishOf(message({ $case: 'media', value: { type: 'image' } }))).toBeUndefined()
  })
  test('a button says it by its id or by its title', () => {
    expect(consentWishOf(tap('opt_out', 'Não quero mais'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('x', 'Unsubscribe'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('Unsubscribe', 'No more'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('opt_in', 'Quero'))).toEqual({ wish: 'start', via: 'button' })
    expect(consentWishOf(tap('menu', 'Menu'))).toBeUndefined()
    expect(consentWishOf(tap('x', 'PARAR', 'button_reply'))).toEqual({ wish: 'stop', via: 'button' })
  })
  test('a robot’s own button that calls something off stops no messages', () => {
    for (const title of ['Cancelar', 'Cancel', 'Voltar', 'বাতিল'])
      expect(consentWishOf(tap('cancel', title, 'button_reply'))).toBeUndefined()
    expect(consentWishOf(tap('cancel', 'Back to the menu', 'list_reply'))).toBeUndefined()
  })
  test.each([
    'Stop promotions',
    'Parar promoções',
    'প্রচার বন্ধ করুন',
    'não quero receber promoções',
    'parem com as propagandas',
    'stop sending me promotions',
  ])('the quick reply "%s" is about advertising alone', (title) => {
    expect(consentWishOf(tap('promo_7', title))).toEqual({ wish: 'stop_marketing', via: 'button' })
    expect(consentWishOf(text(title))).toEqual({ wish: 'stop_marketing', via: 'keyword' })
  })
  test('what stops messages is known before anybody types it', () => {
    expect(stopsMessages('Cancelar')).toBe(true)
    expect(stopsMessages('Voltar')).toBe(false)
  })
})

const decoration = fc
  .array(
    fc.constantFrom(
      ...' | .|,|;|:|!|?|…|-|–|*|_|~|"|“|”|«|»|(|)|[|]|🙏|🛑|👍🏽|❤️'.split('|'),
      '\n',
      '\u200b',
      '\u200e',
      '\u202d',
      '\u202c',
      '\u2068',
      '\u2069',
      '\u3164',
      '\ufeff',
      '\u2060',
      '\u00a0',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

describe('whatever the words', () => {
  test('a stop stays one under any case, style of letters, punctuation, emoji and invisible characters', () => {
    fc.assert(
      fc.property(
        decoration,
        fc.constantFrom(...STOPS),
        decoration,
        fc.constantFrom<(word: string) => string>(
          (word) => word.toUpperCase(),
          (word) => word.toLowerCase(),
          (word) => word.normalize('NFD'),
          (word) =>
            word.replace(/[A-Za-z]/g, (letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)),
        ),
        (before, word, behind, style) => {
          expect(consentWishOf(text(before + style(word) + behind))?.wish).toBe('stop')
        },
      ),
    )
  })
  test('a word of a sentence is never a stop', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('meu', 'card', 'no', 'loja', 'não', 'quero', 'কার্ড'), { maxLength: 3 }),
        fc.constantFrom(...STOPS),
        fc.constantFrom('o cartão', 'my card', 'na agência', 'n', 'না কার্ড'),
        (before, word, behind) => {
          expect(consentWishOf(text([...before, word, behind].join(' ')))).toBeUndefined()
        },
      ),
    )
  })
})
