import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { wordsOf } from '@parley/conversation'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from './flow.ts'
import type { Language } from './language.ts'
import { readNumber, understand, wishOf } from './understanding.ts'

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
      words: { pt: ['roubo', 'cartão', 'não'], en: ['no', 'theft'] },
    },
    { id: 'hours', title: { pt: 'Horários', en: 'Hours', bn: 'সময়' } },
    {
      id: 'none',
      title: { pt: 'Não, obrigado', en: 'No, thanks', bn: 'না, ধন্যবাদ' },
      words: { pt: ['nada'], en: ['no'] },
    },
  ],
}

describe('a choice is understood', () => {
  test.each([
    'PERDI MEU CARTAO',
    'perdi meu cartão!',
    '“Perdi meu cartão” 🙏',
    '\u202dperdi meu cartão\u202c',
    '1',
    '1.',
    '১',
    '1️⃣',
    'opção 1',
    'roubo',
    'Oi! Roubo, por favor.',
  ])('by "%s"', (value) => {
    expect(understand(menu, text(value), moment)).toEqual({ fits: 'lost_card' })
  })
  test('by the id that was tapped', () => {
    expect(understand(menu, tap('hours', 'anything'), moment)).toEqual({ fits: 'hours' })
  })
  test.each([
    '4',
    '0',
    'lost_card',
    'cartãozinho',
    'cartão e horários',
    'qual o limite do meu cartão?',
    'socorro, perdi meu cartão no shopping',
    'não perdi meu cartão',
    'n perdi meu cartão',
    'não perdi meu cartão, horários',
    'tem agência no Recife?',
    '',
    '🙂',
  ])('not by "%s"', (value) => {
    expect(understand(menu, text(value), moment)).toEqual({ misfit: 'notAnOption' })
  })
  test('by words of the language of the conversation alone', () => {
    const inLanguage = (value: string, language: Language) =>
      understand(menu, text(value), { ...moment, language })
    expect(inLanguage('I lost my card', 'pt')).toEqual({ misfit: 'notAnOption' })
    expect(inLanguage('I lost my card', 'en')).toEqual({ fits: 'lost_card' })
    expect(inLanguage('roubo', 'en')).toEqual({ misfit: 'notAnOption' })
    expect(inLanguage('কার্ড হারিয়েছি', 'bn')).toEqual({ fits: 'lost_card' })
  })
  test('not by a word that two options share', () => {
    expect(understand(menu, text('no'), { ...moment, language: 'en' })).toEqual({ misfit: 'notAnOption' })
  })
  test('not by a button of an earlier step, whatever stands on it', () => {
    expect(understand(menu, tap('other', 'Horários'), moment)).toEqual({ misfit: 'oldButton' })
  })
  test('by the words on a quick reply of a template, which has no id of ours', () => {
    const body = {
      $case: 'choice',
      value: { source: 'template_button', id: 'x', title: 'Horários' },
    } as const
    expect(understand(menu, MessageBody.fromPartial({ body }), moment)).toEqual({ fits: 'hours' })
  })
  test('before something irreversible by the option and nothing else', () => {
    const asked: Ask = { ...menu, irreversible: true }
    expect(understand(asked, text('“ROUBO”. 🙏'), moment)).toEqual({ fits: 'lost_card' })
    for (const said of ['roubo, obrigado', 'roubo?', 'roubo？'])
      expect(understand(asked, text(said), moment)).toEqual({ misfit: 'notAnOption' })
  })

  const options = [
    'Perdi meu cartão',
    'Horários',
    'Não, obrigado',
    'roubo',
    'cartão',
    'não',
    'nada',
    '1',
    '3',
  ]
  const decoration = fc
    .array(
      fc.constantFrom(
        ...' |.|,|!|?|…|–|*|_|~|"|“|”|(|)|🙏|👍🏽|❤️|\n|\u200b|\u200e|\u202d|\u202c|\u2068|\u2069|\u3164|\ufeff|\u2060|\u00a0'.split(
          '|',
        ),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(''))
  test('whatever decorates an option, it is chosen, before something irreversible too', () => {
    fc.assert(
      fc.property(
        decoration,
        fc.constantFrom(...options),
        decoration,
        fc.boolean(),
        fc.constantFrom<(word: string) => string>(
          (word) => word.toUpperCase(),
          (word) => word.toLowerCase(),
          (word) => word.normalize('NFD'),
          (word) => word.replace(/[!-~]/g, (letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)),
        ),
        (before, option, behind, irreversible, style) => {
          fc.pre(!irreversible || !`${before}${behind}`.includes('?'))
          const asked: Ask = { ...menu, irreversible }
          const plain = understand(asked, text(option), moment)
          expect(plain).toHaveProperty('fits')
          expect(understand(asked, text(before + style(option) + behind), moment)).toEqual(plain)
        },
      ),
    )
  })
  test('whatever stands in a sentence with an option, it chooses none', () => {
    const word = fc.constantFrom(
      ...'mas|a|data|está|errada|no|shopping|qual|limite|meu|não|n|nunca|sem|ontem|cartão|roubo|horários|my|card|কার্ড'.split(
        '|',
      ),
    )
    const chosen = new Set(options.map(wordsOf))
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 4 }),
        fc.constantFrom(...options),
        fc.array(word, { maxLength: 4 }),
        fc.constantFrom(' ', ', ', '. ', '\n', ' 🙏 '),
        (before, option, behind, between) => {
          const sentence = [...before, option, ...behind].join(between)
          fc.pre(!chosen.has(wordsOf(sentence)))
          expect(understand(menu, text(sentence), moment)).toEqual({ misfit: 'notAnOption' })
        },
      ),
    )
  })
})

describe('digits, amounts, days and addresses', () => {
  const scripts = [
    '0123456789',
    '٠١٢٣٤٥٦٧٨٩',
    '০১২৩৪৫৬৭৮৯',
    '०१२३४५६७८९',
    '０１２３４５６７８９',
    '۰۱۲۳۴۵۶۷۸۹',
  ]
  const unseen = fc.constantFrom('', '\u200b', '\u200e', '\u2068', '\u2069', '\u2060', '\u00ad')
  const around = fc
    .array(fc.constantFrom(' ', '.', '!', '…', '*', '“', '”', '(', ')', '🙏', '\u202d', '\u202c', '\n'), {
      maxLength: 4,
    })
    .map((parts) => parts.join(''))
  test.each<[string, Ask]>([
    ['4321', { ...asked, type: 'digits', length: 4 }],
    ['529.982.247-25', { ...asked, type: 'cpf' }],
    ['52998224725', { ...asked, type: 'cpf' }],
    ['20/11/2026', { ...asked, type: 'date' }],
    ['20-11-2026', { ...asked, type: 'date' }],
    ['20112026', { ...asked, type: 'date' }],
    ['ontem', { ...asked, type: 'date' }],
    ['1.234,56', { ...asked, type: 'number', whole: false }],
    ['50 reais', { ...asked, type: 'number', whole: false }],
    ['ana2@example.com', { ...asked, type: 'email' }],
  ])(
    '%s is understood in any script, with any decoration and whatever is invisible in it',
    (written, ask) => {
      const plain = understand(ask, text(written), moment)
      expect(plain).toHaveProperty('fits')
      fc.assert(
        fc.property(
          around,
          around,
          fc.constantFrom(...scripts),
          fc.array(unseen, { minLength: written.length, maxLength: written.length }),
          fc.constantFrom('-', '–', '‑', '—'),
          (before, behind, script, invisible, dash) => {
            const typed = Array.from(written, (character, index) => {
              const shown = /\d/.test(character)
                ? script[Number(character)]!
                : character === '-'
                  ? dash
                  : character
              return shown + invisible[index]!
            }).join('')
            expect(understand(ask, text(before + typed + behind), moment)).toEqual(plain)
          },
        ),
      )
    },
  )
})

describe('digits and numbers', () => {
  const card: Ask = { ...asked, type: 'digits', length: 4 }
  test.each([
    ['4321', '4321'],
    ['৪৩২১', '4321'],
    ['00 42', '0042'],
    ['٤٣٢١', '4321'],
    ['４３２１', '4321'],
    ['4️⃣3️⃣2️⃣1️⃣', '4321'],
    ['•••• 4321', '4321'],
    ['\u200e4321\u200b.', '4321'],
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
    ['50 reais', 'pt', 50],
    ['50,00.', 'pt', 50],
    ['R$ 1.234,56!', 'pt', 1234.56],
    ['1 234,56', 'pt', 1234.56],
    ['“50”', 'pt', 50],
    ['５０ reais 🙏', 'pt', 50],
    ['٥٠', 'pt', 50],
    ['–3', 'pt', -3],
    ['$50', 'en', 50],
    ['50 dollars', 'en', 50],
    ['৫০ টাকা', 'bn', 50],
    ['50 dólares', 'pt', 50],
    ['50%', 'pt', undefined],
    ['50 ou 60', 'pt', undefined],
    ['10 20', 'pt', undefined],
    ['não 50', 'pt', undefined],
    ['50 cartões', 'pt', undefined],
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
    ['ana@example.com.', 'ana@example.com'],
    ['*ana@example.com* 🙏', 'ana@example.com'],
    ['“ana@example.com”', 'ana@example.com'],
    ['E-mail: <_ana@example.com>', '_ana@example.com'],
    ['\u2068ana@example.com\u2069\u200b', 'ana@example.com'],
    ['ａｎａ＠example.com', 'ana@example.com'],
  ])('%s is the address %s', (value, address) => {
    expect(understand({ ...asked, type: 'email' }, text(value), moment)).toEqual({ fits: address })
  })
  test.each(['ana', 'ana@', '@example.com', 'a@b', 'a b@c.com', 'a..b@c.com', 'a@-b.com'])(
    '%s is no address',
    (value) => {
      expect(understand({ ...asked, type: 'email' }, text(value), moment)).toEqual({ misfit: 'notEmail' })
    },
  )
  test.each([
    '৫২৯.৯৮২.২৪৭-২৫',
    '５２９.９８２.２４７-２５',
    '\u202d529.982.247-25\u202c',
    '\u2068529.982.247-25\u2069',
    '\u200e529.982.247-25\u200b',
    '529.982.247–25',
    '“529.982.247-25”.',
    'CPF: 529.982.247-25',
  ])('%j is the CPF', (value) => {
    expect(understand({ ...asked, type: 'cpf' }, text(value), moment)).toEqual({ fits: '52998224725' })
  })
  test('a birth date of two digits is one that the question allows', () => {
    const born: Ask = { ...asked, type: 'date', not_before: '1900-01-01', not_after: 'today' }
    expect(understand(born, text('15/03/85'), moment)).toEqual({ fits: '1985-03-15' })
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
  const place: Ask = { ...asked, type: 'text', min_length: 2, max_length: 60 }
  test.each(['\u3164\u3164', '\u200e\u200e', '\u2060\u2060', '…', '🏠🏠', 'a'])('%j is no place', (value) => {
    expect(understand(place, text(value), moment)).toEqual({ misfit: 'notUnderstood' })
  })
  const body = (value: DeepPartial<MessageBody>['body']) => MessageBody.fromPartial({ body: value })
  test('a caption is text, and where it is no answer the photo is what we speak of', () => {
    const photo = (caption: string) => body({ $case: 'media', value: { type: 'image', caption } })
    expect(understand(place, photo('no shopping'), moment)).toEqual({ fits: 'no shopping' })
    expect(understand(menu, photo('Roubo!'), moment)).toEqual({ fits: 'lost_card' })
    expect(understand(menu, photo('olha isso'), moment)).toEqual({ misfit: 'noMedia' })
    expect(wishOf(photo('quero falar com um atendente'), place)).toEqual({ wish: 'person' })
  })
  test('the name of a document is no caption', () => {
    const file = { type: 'document', caption: 'bo.pdf', filename: 'bo.pdf' }
    expect(understand(place, body({ $case: 'media', value: file }), moment)).toEqual({ misfit: 'noMedia' })
  })
  test('a location answers a text question, by its name and address or by where it is', () => {
    const location = { latitude: -23.55052, longitude: -46.633308 }
    expect(understand(place, body({ $case: 'location', value: location }), moment)).toEqual({
      fits: '-23.55052, -46.63331',
    })
    const named = { ...location, name: 'Shopping Eldorado', address: 'Av. Rebouças, 3970' }
    expect(understand(place, body({ $case: 'location', value: named }), moment)).toEqual({
      fits: 'Shopping Eldorado, Av. Rebouças, 3970',
    })
    expect(
      wishOf(body({ $case: 'location', value: { ...location, name: 'Atendente' } }), place),
    ).toBeUndefined()
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
