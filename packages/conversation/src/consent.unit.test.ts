import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { consentWishOf } from './consent.ts'

const text = (words: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: words } } })
const tap = (id: string, title: string) =>
  MessageBody.fromPartial({ body: { $case: 'choice', value: { source: 'template_button', id, title } } })

describe('a wish to stop or to start again', () => {
  test.each([
    'STOP',
    ' stop. ',
    'Parar!',
    'pare',
    'SAIR…',
    'Unsubscribe',
    'Cancelar  inscrição',
    'cancelar inscricao',
    'বন্ধ',
    'বন্ধ।',
    'স্টপ',
  ])('"%s" is a stop', (words) =>
    expect(consentWishOf(text(words))).toEqual({ wish: 'stop', via: 'keyword' }),
  )
  test.each(['START', 'unstop', 'Voltar', 'iniciar', 'começar', 'COMECAR.', 'শুরু', 'স্টার্ট'])(
    '"%s" is a start',
    (words) => expect(consentWishOf(text(words))).toEqual({ wish: 'start', via: 'keyword' }),
  )
  test.each(['please stop calling', 'stopp', 'opt_out', '', '?', 'não quero parar', 'STOP '.repeat(100)])(
    '"%s" is neither',
    (words) => expect(consentWishOf(text(words))).toBeUndefined(),
  )
  test('a button says it by its id or by its title', () => {
    expect(consentWishOf(tap('opt_out', 'Não quero mais'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('x', 'Unsubscribe'))).toEqual({ wish: 'stop', via: 'button' })
    expect(consentWishOf(tap('opt_in', 'Quero'))).toEqual({ wish: 'start', via: 'button' })
    expect(consentWishOf(tap('menu', 'Menu'))).toBeUndefined()
  })
})
