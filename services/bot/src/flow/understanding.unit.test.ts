import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import type { Ask } from './flow.ts'
import type { Language } from './language.ts'
import { readNumber, understand } from './understanding.ts'

const texts = (text: string) => ({ pt: text, en: text, bn: text })
const asked = { text: texts('?'), into: 'x', retries: 2, wait: false, sensitive: false }
const moment = { today: '2026-11-22', language: 'pt' as Language }
const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })
const tap = (id: string, title = '') =>
  MessageBody.fromPartial({ body: { $case: 'choice', value: { source: 'list_reply', id, title } } })

const menu: Extract<Ask, { type: 'choice' }> = {
  ...asked,
  type: 'choice',
  irreversible: false,
  options: [
    {
      id: 'lost_card',
      title: { pt: 'Perdi meu cartão', en: 'I lost my card', bn: 'কার্ড হারিয়েছি' },
      words: ['roubo', 'cartão'],
    },
    { id: 'hours', title: { pt: 'Horários', en: 'Hours', bn: 'সময়' } },
    { id: 'none', title: { pt: 'Não, obrigado', en: 'No, thanks', bn: 'না, ধন্যবাদ' }, words: ['não'] },
  ],
}

describe('a choice is understood', () => {
  test.each([
    'lost_card',
    'PERDI MEU CARTAO',
    'perdi meu cartão!',
    '1',
    '1.',
    '১',
    '1️⃣',
    'opção 1',
    'I lost my card',
    'কার্ড হারিয়েছি',
    'roubo',
    'socorro, perdi meu cartão no shopping',
    'foi roubo',
  ])('by "%s"', (value) => {
    expect(understand(menu, text(value), moment)).toMatchObject({ fits: 'lost_card' })
  })
  test('by the id that was tapped', () => {
    expect(understand(menu, tap('hours', 'anything'), moment)).toEqual({ fits: 'hours' })
  })
  test.each(['4', '0', 'cartãozinho', 'cartão e horários', 'não perdi meu cartão, horários', '', '🙂'])(
    'not by "%s"',
    (value) => {
      expect(understand(menu, text(value), moment)).not.toHaveProperty('fits', 'lost_card')
    },
  )
  test('what means the opposite is not taken for it', () => {
    expect(
      understand({ ...menu, options: menu.options.slice(0, 2) }, text('não perdi meu cartão'), moment),
    ).toEqual({ misfit: 'notAnOption' })
    expect(understand(menu, text('não, agora não'), moment)).toEqual({ fits: 'none', guessed: true })
  })
})

describe('digits and numbers', () => {
  const card: Ask = { ...asked, type: 'digits', length: 4 }
  test.each([
    ['4321', '4321'],
    ['৪৩২১', '4321'],
    ['00 42', '0042'],
  ])('%s are the digits %s', (value, digits) => {
    expect(understand(card, text(value), moment)).toEqual({ fits: digits })
  })
  test.each(['432', '43215', '4111 1111 1111 4321', 'abcd'])('%s are not four', (value) => {
    expect(understand(card, text(value), moment)).toEqual({ misfit: 'notDigits' })
  })
  test.each<[string, Language, number | undefined]>([
    ['1.234,56', 'pt', 1234.56],
    ['1.234', 'pt', 1234],
    ['1,5', 'pt', 1.5],
    ['R$ 10', 'pt', 10],
    ['-3', 'pt', -3],
    ['1,234.56', 'en', 1234.56],
    ['1,234', 'en', 1234],
    ['1.5', 'en', 1.5],
    ['1.5', 'pt', 1.5],
    ['১,২৩,৪৫৬', 'bn', 123456],
    ['৫', 'bn', 5],
    ['12abc', 'pt', undefined],
    ['', 'pt', undefined],
    ['1,2,3', 'pt', undefined],
    ['1e5', 'en', undefined],
    ['--1', 'en', undefined],
  ])('%s (%s) is %s', (value, language, number) => {
    expect(readNumber(value, language)).toBe(number)
  })
  test('bounds and whole numbers are kept', () => {
    const people: Ask = { ...asked, type: 'number', min: 1, max: 10, whole: true }
    expect(understand(people, text('10'), moment)).toEqual({ fits: 10 })
    expect(understand(people, text('11'), moment)).toEqual({ misfit: 'outOfRange' })
    expect(understand(people, text('1,5'), moment)).toEqual({ misfit: 'notNumber' })
  })
})

describe('other answers', () => {
  test('a date that has not come yet is refused where it must have passed', () => {
    const when: Ask = { ...asked, type: 'date', not_after: 'today', not_before: '2020-01-01' }
    expect(understand(when, text('ontem'), moment)).toEqual({ fits: '2026-11-21' })
    expect(understand(when, text('23/11/2026'), moment)).toEqual({ misfit: 'dateInFuture' })
    expect(understand(when, text('31/12/2019'), moment)).toEqual({ misfit: 'outOfRange' })
    expect(understand(when, text('não sei'), moment)).toEqual({ misfit: 'notDate' })
  })
  test.each([
    ['ana@example.com', 'ana@example.com'],
    [' Ana.B+x@EXAMPLE.co.uk ', 'Ana.B+x@example.co.uk'],
    ['mailto:a@b.io', 'a@b.io'],
  ])('%s is the address %s', (value, address) => {
    expect(understand({ ...asked, type: 'email' }, text(value), moment)).toEqual({ fits: address })
  })
  test.each(['ana', 'ana@', '@example.com', 'a@b', 'a b@c.com', 'a..b@c.com', 'a@-b.com'])(
    '%s is no address',
    (value) => {
      expect(understand({ ...asked, type: 'email' }, text(value), moment)).toEqual({ misfit: 'notEmail' })
    },
  )
  test('a CPF in Bengali digits is one', () => {
    expect(understand({ ...asked, type: 'cpf' }, text('৫২৯.৯৮২.২৪৭-২৫'), moment)).toEqual({
      fits: '52998224725',
    })
  })
  test('a text keeps to its length and pattern, and a pattern cannot stall', () => {
    const plate: Ask = { ...asked, type: 'text', min_length: 2, max_length: 40, matches: '^(a+)+$' }
    expect(understand(plate, text('aaaa'), moment)).toEqual({ fits: 'aaaa' })
    expect(understand(plate, text('a'), moment)).toEqual({ misfit: 'notUnderstood' })
    expect(understand(plate, text('a'.repeat(41)), moment)).toEqual({ misfit: 'tooLong' })
    expect(understand(plate, text(`${'a'.repeat(38)}!`), moment)).toEqual({ misfit: 'notUnderstood' })
  })
  test('a tap on an older button is no free text, and says so', () => {
    expect(
      understand(
        { ...asked, type: 'text', min_length: 1, max_length: 40 },
        tap('lost_card', 'Perdi meu cartão'),
        moment,
      ),
    ).toEqual({ misfit: 'oldButton' })
    expect(understand({ ...asked, type: 'cpf' }, tap('lost_card', 'Perdi meu cartão'), moment)).toEqual({
      misfit: 'oldButton',
    })
  })
  test.each([
    [{ $case: 'media', value: { type: 'image', caption: '4321' } }, 'noMedia'],
    [{ $case: 'media', value: { type: 'audio' } }, 'noAudio'],
    [{ $case: 'media', value: { type: 'sticker' } }, 'noSticker'],
    [{ $case: 'location', value: {} }, 'noLocation'],
    [{ $case: 'contactCards', value: {} }, 'noSuchType'],
    [{ $case: 'unsupported', value: {} }, 'noSuchType'],
    [{ $case: 'order', value: {} }, 'noSuchType'],
  ] as const)('%o is answered with %s', (body, phrase) => {
    expect(understand(menu, MessageBody.fromPartial({ body }), moment)).toEqual({ misfit: phrase })
  })
})
