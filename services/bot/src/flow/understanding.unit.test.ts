import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { otherSpellings, plainText, wordsOf } from '@parley/conversation'
import { SIGNS } from '@parley/testkit/signs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from './flow.ts'
import type { Language } from './language.ts'
import { readNumber } from './amounts.ts'
import { numberIn, understand, wishOf } from './understanding.ts'

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
          // Between two of them it is struck out.
          fc.pre(!(before.includes('~') && behind.includes('~')))
          // Before a number a dash is a minus.
          fc.pre(!before.includes('–') || !/^\d/.test(option))
          const asked: Ask = { ...menu, irreversible }
          const plain = understand(asked, text(option), moment)
          expect(plain).toHaveProperty('fits')
          expect(understand(asked, text(before + style(option) + behind), moment)).toEqual(plain)
        },
      ),
    )
  })
  test('a courtesy that is part of an option’s name is not taken off another one', () => {
    expect(understand(menu, text('não Não, obrigado'), moment)).toEqual({ misfit: 'notAnOption' })
    expect(understand(menu, text('Não, obrigado'), moment)).toEqual({ fits: 'none' })
    expect(understand(menu, text('não não'), moment)).toEqual({ fits: 'lost_card' })
  })
  test('a number and a title choose together where they are of the same option, before something irreversible too', () => {
    const place = fc.integer({ min: 1, max: menu.options.length })
    const between = fc.constantFrom(' ', '. ', ' - ', ') ', ': ')
    fc.assert(
      fc.property(place, place, between, fc.boolean(), (number, other, mark, irreversible) => {
        const asked: Ask = { ...menu, irreversible }
        const { id, title } = menu.options[other - 1]!
        const outcome = number === other ? { fits: id } : { misfit: 'notAnOption' }
        expect(understand(asked, text(`${number}${mark}${title.pt}`), moment)).toEqual(outcome)
        expect(understand(asked, text(`${title.pt} (${number})`), moment)).toEqual(outcome)
      }),
    )
  })
  test('by no place in the list that another option is called by', () => {
    const titled = (...titles: readonly string[]): Ask => ({
      ...menu,
      options: titles.map((title) => ({ id: title, title: texts(title) })),
    })
    for (const [said, ...titles] of [
      ['3', '2x', '3x', '6x'],
      ['3', '2 parcelas', '3 parcelas', '6 parcelas'],
      ['a segunda', 'Segunda via', 'Limite'],
      ['a última', 'Última fatura', 'Limite'],
      ['a segunda', 'Segunda-feira', 'Terça-feira'],
    ] as const) {
      expect([said, understand(titled(...titles), text(said), moment)]).toMatchObject([
        said,
        { misfit: 'notAnOption' },
      ])
      const irreversible = { ...titled(...titles), irreversible: true } as Ask
      expect(understand(irreversible, text(said), moment)).toMatchObject({ misfit: 'notAnOption' })
    }
    for (const [said, fits, ...titles] of [
      ['2', '2x', '1x', '2x'],
      ['a segunda', 'Segunda via', 'Limite', 'Segunda via'],
      ['1', 'Cartão 1', 'Cartão 1', 'Cartão 2'],
      ['2', 'Limite', 'Cartão 1234', 'Limite'],
    ] as const)
      expect([said, understand(titled(...titles), text(said), moment)]).toEqual([said, { fits }])
  })
  test('by no number that is an amount, a change or a share', () => {
    const signs = ['-', '+', '\u2212', '➖', '–', '$', 'R$ ', '€', '৳', '＋', '＄']
    fc.assert(
      fc.property(
        fc.constantFrom(...signs.map((sign) => [sign, ''] as const), ['', '%'], ['', ' €'], ['', '٪']),
        fc.integer({ min: 1, max: menu.options.length }),
        fc.constantFrom('', '*', '“', ' '),
        fc.boolean(),
        ([before, behind], place, around, irreversible) => {
          const said = `${around}${before}${place}${behind}${around}`
          expect(understand({ ...menu, irreversible }, text(said), moment)).toEqual({
            misfit: 'notAnOption',
          })
        },
      ),
    )
  })
  test('before something irreversible by no yes beside a question, a doubt or any sign that does not agree; beside a no such a sign says the same', () => {
    const asked: Ask = {
      ...menu,
      irreversible: true,
      options: [
        { id: 'confirm', title: texts('Confirm'), words: { pt: ['sim'], en: ['yes'], bn: ['হ্যাঁ'] } },
        { id: 'change', title: texts('Change'), words: { pt: ['não'], en: ['no'], bn: ['না'] } },
      ],
    }
    const agreeing = [...Array.from('👍👌🤝👏🙏✅✔✓☑🆗💯❤💚🧡😊🙂😃😉🎉🌹→'), '👍🏽', '❤️']
    const isSymbol = (sign: string) => /[[\p{So}\p{Sm}]--\p{ASCII}]/v.test(plainText(sign))
    const yes = { pt: 'sim', en: 'yes', bn: 'হ্যাঁ' }
    const no = { pt: 'não', en: 'no', bn: 'না' }
    const crosses = ['❌', '✖️', '👎🏽', '🙅‍♀️', '🚫', '✕', '×', '☒', '🆖', '🛑', '✋', '😂', '≠', '💔']
    const questions = ['?', '？', '؟', '¿', '❓', '❔', '⁇', '⁉️', '‽', '🤔', '🤷‍♂️', '🤨', '🧐']
    fc.assert(
      fc.property(
        fc.constantFrom<Language>('pt', 'en', 'bn'),
        fc.constantFrom(...crosses, ...questions),
        fc.constantFrom('', ' ', '\u200e'),
        fc.boolean(),
        (language, mark, between, isBefore) => {
          const beside = (word: string) =>
            text(isBefore ? `${mark}${between}${word}` : `${word}${between}${mark}`)
          expect(understand(asked, beside(yes[language]), { ...moment, language })).toEqual({
            misfit: 'notAnOption',
          })
          expect(understand(asked, beside(no[language]), { ...moment, language })).toEqual(
            questions.includes(mark) ? { misfit: 'notAnOption' } : { fits: 'change' },
          )
        },
      ),
    )
    for (const sign of agreeing) {
      const said = ` ${sign} ${yes.pt} ${sign}\ufe0f`
      expect([said, understand(asked, text(said), moment)]).toEqual([said, { fits: 'confirm' }])
    }
    const isTaken = (sign: string) => 'fits' in understand(asked, text(`${yes.pt} ${sign}`), moment)
    expect(SIGNS.filter((sign) => isSymbol(sign) && isTaken(sign)).length).toBeLessThan(100)
  })
  test.each(['~Horários~', '*~horários~*', '~2~', 'H\u0336o\u0336r\u0336', '2\u0336', '~2~ 1'])(
    'struck out it is none: %s',
    (said) => {
      expect(understand(menu, text(said), moment)).toEqual({ misfit: 'notAnOption' })
    },
  )
  test('whatever stands in a sentence with an option, it chooses none', () => {
    const word = fc.constantFrom(
      ...'mas|a|data|está|errada|no|shopping|qual|limite|meu|não|n|nunca|sem|ontem|cartão|roubo|horários|my|card|কার্ড'.split(
        '|',
      ),
    )
    const said = options.map(wordsOf)
    // "não não" is one of the ways to say no.
    const chosen = new Set([...said, ...said.flatMap((words) => otherSpellings(words, 'pt'))])
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 4 }),
        fc.constantFrom(...options),
        fc.array(word, { maxLength: 4 }),
        fc.constantFrom(' ', ', ', '. ', '\n', ' 🙏 '),
        (before, option, behind, between) => {
          const parts = [...before, option, ...behind]
          const sentence = parts.join(between)
          fc.pre(!chosen.has(wordsOf(sentence)) && numberIn(wordsOf(sentence)) === undefined)
          // "cartão, roubo" says the same twice.
          fc.pre(parts.some((part) => !chosen.has(wordsOf(part))))
          expect(understand(menu, text(sentence), moment)).toEqual({ misfit: 'notAnOption' })
        },
      ),
    )
  })
})

describe('a plain yes or no', () => {
  const summary: Ask = {
    ...menu,
    irreversible: true,
    options: [
      {
        id: 'confirm',
        title: { pt: 'Confirmar', en: 'Confirm', bn: 'নিশ্চিত করুন' },
        words: { pt: ['sim'], en: ['yes'], bn: ['হ্যাঁ'] },
      },
      {
        id: 'change',
        title: { pt: 'Mudar algo', en: 'Change something', bn: 'বদলাতে চাই' },
        words: { pt: ['não'], en: ['no'], bn: ['না'] },
      },
    ],
  }
  const said = (words: string, language: Language) =>
    understand(summary, text(words), { ...moment, language })
  test.each<[Language, string, string]>([
    ['pt', 's S! ss siiiim sim. SIM🙏', 'confirm'],
    ['pt', 'n N nn ñ naum nãooo não!', 'change'],
    ['en', 'y yeah yep YUP yesss ya', 'confirm'],
    ['en', 'n nope nah Nooo no.', 'change'],
    ['bn', 'হ্যা হাঁ হ্যাঁ। ha', 'confirm'],
    ['bn', 'না নাহ na', 'change'],
  ])('is one in %s in all its spellings: %s', (language, words, id) => {
    for (const word of words.split(' ')) expect(said(word, language)).toEqual({ fits: id })
  })
  test.each<[Language, string]>([
    ['pt', 'aham'],
    ['pt', 'claro'],
    ['en', 'sure'],
    ['bn', 'জি'],
    ['pt', 'hmm'],
    ['pt', 's n'],
    ['pt', 'sim não'],
    ['pt', 'sim mas não'],
    ['pt', 's?'],
    ['pt', 'yep'],
    ['en', 's'],
    ['en', 'yeah no'],
    ['en', 'yeah but the date is wrong'],
    ['en', 'no idea'],
    ['bn', 'হুম'],
    ['bn', 'জ্বি না তারিখ ভুল'],
  ])('is none in %s in "%s"', (language, words) => {
    expect(said(words, language)).toEqual({ misfit: 'notAnOption' })
  })
  test('is none where no option is a yes or a no, and of none where two are', () => {
    expect(understand(menu, text('s'), moment)).toEqual({ misfit: 'notAnOption' })
    const both = {
      ...summary,
      options: summary.options.map((option) => ({ ...option, words: { pt: ['sim'] } })),
    }
    expect(understand(both, text('s'), moment)).toEqual({ misfit: 'notAnOption' })
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
  test.each<[string, Ask]>([
    ['4321', { ...asked, type: 'digits', length: 4 }],
    ['529.982.247-25', { ...asked, type: 'cpf' }],
    ['20/11/2026', { ...asked, type: 'date' }],
    ['ontem', { ...asked, type: 'date' }],
    ['ana2@example.com', { ...asked, type: 'email' }],
    ['Horários', menu],
  ])('%s is understood beside any sign of punctuation and any symbol', (written, ask) => {
    const plain = understand(ask, text(written), moment)
    for (const sign of SIGNS)
      for (const said of [`${written}${sign}`, `${written} ${sign}\ufe0f`, `${sign} ${written}`])
        expect([said, understand(ask, text(said), moment)]).toEqual([said, plain])
  })
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
            // A point before an amount is a part of it.
            fc.pre(ask.type !== 'number' || !plainText(before).endsWith('.'))
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

describe('what is struck out of a value', () => {
  const digits: Ask = { ...asked, type: 'digits', length: 4 }
  test.each(['~4322~ 4321', '4321 ~4322~', '4\u03363\u03362\u03362\u0336 4321'])(
    'is no part of it: %s',
    (said) => expect(understand(digits, text(said), moment)).toEqual({ fits: '4321' }),
  )
  test.each(['~4321~', '4\u03363\u03362\u03361\u0336', '*~4321~*'])('leaves none: %s', (said) =>
    expect(understand(digits, text(said), moment)).toEqual({ misfit: 'notDigits' }),
  )
})

describe('words around a value', () => {
  const asks: readonly [Ask, string, readonly string[]][] = [
    [
      { ...asked, type: 'digits', length: 4 },
      '4321',
      [
        'o final é ',
        'só ',
        'final ',
        'moça, é ',
        'deixa eu ver, ',
        'são ',
        'my card ends in ',
        "it's ",
        'os 4 últimos dígitos são ',
      ],
    ],
    [
      { ...asked, type: 'cpf' },
      '529.982.247-25',
      ['meu cpf é ', 'CPF: ', 'my cpf is ', 'o número do meu CPF é '],
    ],
    [
      { ...asked, type: 'number', whole: false },
      '50',
      ['foi ', 'me cobraram ', 'o valor é R$ ', 'it was ', 'i was charged ', 'valor: '],
    ],
    [
      { ...asked, type: 'email' },
      'ana@example.com',
      ['meu email é ', 'meu correio é ', 'e-mail: ', 'my address is '],
    ],
  ]
  test('change no value; a negation, another value or anything else beside it and it is asked again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...asks).chain(([ask, value, leads]) =>
          fc.record({
            ask: fc.constant(ask),
            value: fc.constant(value),
            lead: fc.constantFrom('', ...leads),
          }),
        ),
        fc.constantFrom('', 'Oi, ', 'Bom dia! '),
        fc.constantFrom('', ', obrigada', ' por favor', '. Obrigado! 🙏', ' só', ' only', ', apenas'),
        fc.constantFrom(' ou 1234', ' não', ' e 1234', ' da minha mãe', ' acho', ' errado'),
        ({ ask, value, lead }, greeting, thanks, other) => {
          const plain = understand(ask, text(value), moment)
          expect(plain).toHaveProperty('fits')
          expect(understand(ask, text(greeting + lead + value + thanks), moment)).toEqual(plain)
          expect(understand(ask, text(greeting + lead + value + other + thanks), moment)).toHaveProperty(
            'misfit',
          )
          expect(understand(ask, text(`${greeting}não ${lead}${value}${thanks}`), moment)).toHaveProperty(
            'misfit',
          )
        },
      ),
    )
  })
})

describe('what is said twice', () => {
  const WORDS = ['zero', 'um', 'dois', 'três', 'quatro', 'cinco', 'seis', 'sete', 'oito', 'nove']
  test('is that value where both are the same, and none where they are not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 2, max: 9 }),
        fc.constantFrom('', 'R$ ', 'foi '),
        fc.constantFrom('', ' reais', ',00'),
        fc.constantFrom('', ' mil'),
        (one, other, before, behind, times) => {
          const said = `${before}${one}${times}${times === '' ? behind : ''} (${WORDS[other]}${times})`
          expect(readNumber(said, 'pt')).toBe(one === other ? one * (times === '' ? 1 : 1000) : undefined)
        },
      ),
    )
  })
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
    ['-4321', '4321'],
    ['−4321', '4321'],
    ['➖4321', '4321'],
    ['4.321', '4321'],
    ['(4) (3) (2) (1)', '4321'],
    ['⑷⑶⑵⑴', '4321'],
    ['final-4321', '4321'],
    ['final - 4321', '4321'],
    ['final=4321', '4321'],
    ['\u200e4321\u200b.', '4321'],
    ['o final é 4321', '4321'],
    ["it's 4321", '4321'],
    ['final 4321', '4321'],
    ['são 4321', '4321'],
    ['é 4321', '4321'],
    ['eh 4321', '4321'],
    ['termina em 4321', '4321'],
    ['termina com 4321', '4321'],
    ['os últimos são 4321', '4321'],
    ['os 4 últimos dígitos são 4321', '4321'],
    ['os últimos 4 dígitos são 4321', '4321'],
    ['os quatro últimos números são: 4321', '4321'],
    ['últimos 4 dígitos: 4321', '4321'],
    ['cartão final 4321', '4321'],
    ['o final do meu cartão é 4321', '4321'],
    ['meu cartão termina em 4321', '4321'],
    ['4321 por favor', '4321'],
    ['4321, obrigado', '4321'],
    ['4321 obrigada 🙏', '4321'],
    ['oi, 4321', '4321'],
    ['Bom dia! É 4321.', '4321'],
    ['the last four digits are 4321', '4321'],
    ['the last 4 digits are 4321', '4321'],
    ['my card ends in 4321', '4321'],
    ['ending in 4321', '4321'],
    ['ends with 4321', '4321'],
    ['the number is 4321', '4321'],
    ['4321 is the number', '4321'],
    ['4321 é o final', '4321'],
    ['xxxx 4321', '4321'],
    ['xxxx-4321', '4321'],
    ['**** **** **** 4321', '4321'],
    ['XXXX XXXX XXXX 4321', '4321'],
    ['4 3 2 1', '4321'],
    ['4-3-2-1', '4321'],
    ['4, 3, 2, 1', '4321'],
    ['4,3,2,1', '4321'],
    ['4/3/2/1', '4321'],
    ['quatro três dois um', '4321'],
    ['four three two one', '4321'],
    ['quatro tres meia um', '4361'],
    ['চার তিন দুই এক', '4321'],
    ['শেষ ৪টি সংখ্যা ৪৩২১', '4321'],
    ['আমার কার্ডের শেষ সংখ্যা ৪৩২১', '4321'],
    ['①②③④', '1234'],
    ['❶❷❸❹', '1234'],
    ['43 21', '4321'],
    ['4321?', '4321'],
  ])('%s are the digits %s', (value, digits) => {
    expect(understand(card, text(value), moment)).toEqual({ fits: digits })
  })
  test.each([
    '432',
    '43215',
    '4111 1111 1111 4321',
    'abcd',
    '4³21',
    '⁴³²¹',
    '₄₃₂₁',
    '4½21',
    '4321 ou 4322',
    '4321 e 1234',
    '4321, não 1234',
    'não é 4321',
    'nao sei, 4321',
    'não 4321',
    'senha 4321',
    'a senha é 4321',
    'perdi em 2024',
    'em 2024',
    '43211',
    '4.321 reais',
    'R$ 4321',
    '20/11',
    '12/27',
    '12:30',
    '4321 1234',
    '4111111111114321',
    '4 dígitos',
    'quatro',
    'um',
    'meu cartão é nubank 4321',
    'é o 4321 do banco',
  ])('%s are not four', (value) => {
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
    ['0.500', 'pt', 0.5],
    ['0,500', 'en', 0.5],
    ['0,750', 'bn', 0.75],
    ['1,0000', 'pt', undefined],
    ['$1.000', 'en', undefined],
    ['50¢', 'en', 0.5],
    ['50 ¢', 'en', 0.5],
    ['50 reais —', 'pt', 50],
    ['50 reais 5 centavos', 'pt', 50.05],
    ['5 dollars 50', 'en', undefined],
    ['৫০ টাকা ৫০ পয়সা', 'bn', 50.5],
    ['টাকা ৫০০', 'bn', 500],
    ['₨ 500', 'en', 500],
    ['→ 50', 'pt', 50],
    ['não 50', 'pt', undefined],
    ['50 cartões', 'pt', undefined],
    ['12abc', 'pt', undefined],
    ['', 'pt', undefined],
    ['1,2,3', 'pt', undefined],
    ['1e5', 'en', undefined],
    ['--1', 'en', undefined],
    ['2 mil', 'pt', 2000],
    ['1,5 mil', 'pt', 1500],
    ['1.5 mil', 'pt', 1500],
    ['R$ 2 mil', 'pt', 2000],
    ['R$2mil', 'pt', 2000],
    ['2 mil reais', 'pt', 2000],
    ['2k', 'pt', 2000],
    ['2,5k', 'pt', 2500],
    ['mil reais', 'pt', 1000],
    ['mil', 'pt', 1000],
    ['cem reais', 'pt', 100],
    ['dois mil', 'pt', 2000],
    ['dois mil e quinhentos', 'pt', 2500],
    ['2 mil e 500', 'pt', 2500],
    ['duzentos e cinquenta reais', 'pt', 250],
    ['cinquenta reais', 'pt', 50],
    ['1 milhão', 'pt', 1000000],
    ['1 milhão de reais', 'pt', 1000000],
    ['1,2 milhões', 'pt', 1200000],
    ['R$ 1.234,56', 'pt', 1234.56],
    ['R$1.234,56', 'pt', 1234.56],
    ['1234,56', 'pt', 1234.56],
    ['50 centavos', 'pt', 0.5],
    ['cinquenta centavos', 'pt', 0.5],
    ['10 reais e 50 centavos', 'pt', 10.5],
    ['R$ 10 e 50 centavos', 'pt', 10.5],
    ['dez reais e vinte centavos', 'pt', 10.2],
    ['.5', 'pt', 0.5],
    [',5', 'pt', 0.5],
    ['R$ ,50', 'pt', 0.5],
    ['.50', 'pt', 0.5],
    ['0,50', 'pt', 0.5],
    ['foi 50', 'pt', 50],
    ['foi de R$ 50', 'pt', 50],
    ['o valor é 50 reais', 'pt', 50],
    ['valor: R$ 50,00', 'pt', 50],
    ['é 50', 'pt', 50],
    ['50 por favor', 'pt', 50],
    ['50 reais, obrigado', 'pt', 50],
    ['R$ 50,-', 'pt', 50],
    ['-50', 'pt', -50],
    ['-R$ 50', 'pt', -50],
    ['R$ -50', 'pt', -50],
    ['50 conto', 'pt', 50],
    ['zero', 'pt', 0],
    ['nenhum', 'pt', 0],
    ['50 a 60', 'pt', undefined],
    ['entre 50 e 60', 'pt', undefined],
    ['50, 60', 'pt', undefined],
    ['50 e 60', 'pt', undefined],
    ['não é 50', 'pt', undefined],
    ['50 não', 'pt', undefined],
    ['50 por cento', 'pt', undefined],
    ['2³', 'pt', undefined],
    ['½', 'pt', undefined],
    ['50²', 'pt', undefined],
    ['1.2.3', 'pt', undefined],
    ['um dois', 'pt', undefined],
    ['dois três', 'pt', undefined],
    ['20 20', 'pt', undefined],
    ['vinte cartões', 'pt', undefined],
    ['quero 50', 'pt', undefined],
    ['20/11', 'pt', undefined],
    ['10h', 'pt', undefined],
    ['10:30', 'pt', undefined],
    ['529.982.247-25', 'pt', undefined],
    ['e', 'pt', undefined],
    ['reais', 'pt', undefined],
    ['R$', 'pt', undefined],
    ['1.000.000', 'pt', 1000000],
    ['1.000.000,50', 'pt', 1000000.5],
    ['10.000', 'pt', 10000],
    ['1 000', 'pt', 1000],
    ['cento e vinte e três', 'pt', 123],
    ['cento e vinte e três mil quatrocentos e cinquenta e seis', 'pt', 123456],
    ['two hundred', 'en', 200],
    ['two hundred dollars', 'en', 200],
    ['two hundred and fifty', 'en', 250],
    ['a hundred', 'en', 100],
    ['a thousand', 'en', 1000],
    ['one thousand five hundred', 'en', 1500],
    ['two thousand', 'en', 2000],
    ['1.5 thousand', 'en', 1500],
    ['1.5 million', 'en', 1500000],
    ['$1,234.56', 'en', 1234.56],
    ['1,234.56 dollars', 'en', 1234.56],
    ['$2k', 'en', 2000],
    ['50 cents', 'en', 0.5],
    ['5 dollars and 20 cents', 'en', 5.2],
    ['$.50', 'en', 0.5],
    ["it's 50", 'en', 50],
    ['it was $50', 'en', 50],
    ['the amount is 50', 'en', 50],
    ['fifty bucks', 'en', 50],
    ['twenty-five', 'en', 25],
    ['twenty five hundred', 'en', 2500],
    ['50 or 60', 'en', undefined],
    ['fifty sixty', 'en', undefined],
    ['not 50', 'en', undefined],
    ['no 50', 'en', undefined],
    ['50 please', 'en', 50],
    ['1.234', 'en', undefined],
    ['২ হাজার', 'bn', 2000],
    ['দুই হাজার টাকা', 'bn', 2000],
    ['১.৫ লাখ', 'bn', 150000],
    ['৫ লাখ', 'bn', 500000],
    ['পাঁচশ টাকা', 'bn', 500],
    ['পাঁচ শ টাকা', 'bn', 500],
    ['৫০০/-', 'bn', 500],
    ['৫০০ টাকা', 'bn', 500],
    ['৳৫০০', 'bn', 500],
    ['Tk. 500', 'bn', 500],
    ['১ কোটি', 'bn', 10000000],
    ['৫০ পয়সা', 'bn', 0.5],
    ['১,২৩,৪৫৬.৫০', 'bn', 123456.5],
  ])('%s (%s) is %s', (value, language, number) => {
    expect(readNumber(value, language)).toBe(number)
  })
  test('an amount is the same one in each language, however small', () => {
    const within = fc.integer({ min: 0, max: 99_999_999 }).map((cents) => cents / 100)
    fc.assert(
      fc.property(within, fc.constantFrom<Language>('pt', 'en', 'bn'), (amount, language) => {
        const written = new Intl.NumberFormat(
          language === 'pt' ? 'pt-BR' : language === 'en' ? 'en' : 'bn-BD',
          {
            minimumFractionDigits: 2,
          },
        ).format(amount)
        expect([written, readNumber(written, language)]).toEqual([written, amount])
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), fc.constantFrom(',', '.'), (thousandths, point) => {
        const written = `0${point}${String(thousandths).padStart(3, '0')}`
        for (const language of ['pt', 'en', 'bn'] as const)
          expect([written, readNumber(written, language)]).toEqual([written, thousandths / 1000])
      }),
    )
  })
  test('beside a sign of mathematics it is none, for that changes it', () => {
    for (const sign of SIGNS.map(plainText).filter((each) => /[\p{Sm}--[+~=\|→]]|[‰‱٪؉؊]/v.test(each)))
      for (const said of [`${sign}50`, `${sign} 50`, `50 ${sign}`])
        expect([said, readNumber(said, 'pt')]).toEqual([said, undefined])
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
    expect(understand(when, text('semana passada'), moment)).toEqual({ misfit: 'noOneDay' })
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
    ['meu email é ana@example.com', 'ana@example.com'],
    ['meu e-mail é Ana@Example.com obrigada', 'Ana@example.com'],
    ['my email is ana@example.com', 'ana@example.com'],
    ['e-mail: ana@example.com', 'ana@example.com'],
    ['é ana@example.com', 'ana@example.com'],
    ['Email:ana@example.com', 'ana@example.com'],
    ['my address is ana@example.com, thanks', 'ana@example.com'],
    ['ইমেইল: ana@example.com', 'ana@example.com'],
  ])('%s is the address %s', (value, address) => {
    expect(understand({ ...asked, type: 'email' }, text(value), moment)).toEqual({ fits: address })
  })
  test.each([
    'ana',
    'ana@',
    '@example.com',
    'a@b',
    'a b@c.com',
    'a..b@c.com',
    'a@-b.com',
    'ana@example.com ou bia@example.com',
    'não é ana@example.com',
    'ana@example.com não',
  ])('%s is no address', (value) => {
    expect(understand({ ...asked, type: 'email' }, text(value), moment)).toEqual({ misfit: 'notEmail' })
  })
  test.each([
    '৫২৯.৯৮২.২৪৭-২৫',
    '５２９.９８２.２４７-２５',
    '\u202d529.982.247-25\u202c',
    '\u2068529.982.247-25\u2069',
    '\u200e529.982.247-25\u200b',
    '529.982.247–25',
    '“529.982.247-25”.',
    'CPF: 529.982.247-25',
    'meu cpf é 529.982.247-25',
    'cpf 529.982.247-25',
    'CPF nº 529.982.247-25',
    'CPF:52998224725',
    'o número do meu cpf é 529 982 247 25',
    'é 52998224725',
    'my cpf is 529.982.247-25',
    "it's 529.982.247-25",
    '529.982.247-25 obrigado',
    'Oi, meu cpf é 529.982.247-25, obrigada!',
    'আমার সিপিএফ ৫২৯.৯৮২.২৪৭-২৫',
  ])('%j is the CPF', (value) => {
    expect(understand({ ...asked, type: 'cpf' }, text(value), moment)).toEqual({ fits: '52998224725' })
  })
  test.each([
    '529.982.247-25 ou 111.444.777-35',
    'não é 529.982.247-25',
    '529.982.247-25 da minha mãe',
    '529.982.247-²5',
    'meu cpf',
    'cpf do meu marido 529.982.247-25',
  ])('%j is no CPF to take', (value) => {
    expect(understand({ ...asked, type: 'cpf' }, text(value), moment)).toEqual({ misfit: 'notCpf' })
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
    expect(understand({ ...plate, matches: undefined }, text(`a${'🏖'.repeat(39)}`), moment)).toHaveProperty(
      'fits',
    )
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
    expect(wishOf(photo('quero falar com um atendente'), { ask: place, language: 'pt' })).toEqual({
      wish: 'person',
    })
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
      wishOf(body({ $case: 'location', value: { ...location, name: 'Atendente' } }), {
        ask: place,
        language: 'pt',
      }),
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
