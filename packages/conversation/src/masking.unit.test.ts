import { growth } from '@parley/testkit/cost'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MASK, maskCards, maskCardsAcross, maskValues, valuesIn } from './masking.ts'

describe('card numbers', () => {
  test.each([
    ['4111111111111111', '••••••••••••1111'],
    ['4111 1111 1111 1111', '•••• •••• •••• 1111'],
    ['*41* *11* *11* *11* *11* *11* *11* *11*', '*••* *••* *••* *••* *••* *••* *11* *11*'],
    ['4·1·1·1·1·1·1·1·1·1·1·1·1·1·1·1', '•·•·•·•·•·•·•·•·•·•·•·•·1·1·1·1'],
    ['my card 4111-1111-1111-1111, 12/27', 'my card ••••-••••-••••-1111, 12/27'],
    ['4111–1111–1111–1111', '••••–••••–••••–1111'],
    ['3782 822463 10005', '•••• •••••• •0005'],
    ['6304000000000000000', '•••••••••••••••0000'.slice(-19)],
    ['٤١١١١١١١١١١١١١١١', '••••••••••••١١١١'],
    ['৪১১১ ১১১১ ১১১১ ১১১১', '•••• •••• •••• ১১১১'],
    ['４１１１１１１１１１１１１１１１', '••••••••••••１１１１'],
    ['4111\u200b1111\u200b1111\u200b1111', '••••\u200b••••\u200b••••\u200b1111'],
    ['4111 1111 1111 1111 123', '•••• •••• •••• 1111 123'],
    ['5500000000000004 4111111111111111', '••••••••••••0004 ••••••••••••1111'],
    ['{"card":4111111111111111}', '{"card":••••••••••••1111}'],
    ['*4111* *1111* *1111* *1111*', '*••••* *••••* *••••* *1111*'],
    ['(4111) (1111) (1111) (1111)', '(••••) (••••) (••••) (1111)'],
    ['4111·1111·1111·1111', '••••·••••·••••·1111'],
    ['4111…1111…1111…1111', '••••…••••…••••…1111'],
    ['4111−1111−1111−1111', '••••−••••−••••−1111'],
    ['4111     1111     1111     1111', '••••     ••••     ••••     1111'],
    [
      '4111          1111\n\n          1111          1111',
      '••••          ••••\n\n          ••••          1111',
    ],
    ['④①①①①①①①①①①①①①①①', '••••••••••••①①①①'],
    ['❹❶❶❶ ❶❶❶❶ ❶❶❶❶ ❶❶❶❶', '•••• •••• •••• ❶❶❶❶'],
    ['⓸⓵⓵⓵⓵⓵⓵⓵⓵⓵⓵⓵⓵⓵⓵⓵', '••••••••••••⓵⓵⓵⓵'],
    ['⒋⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈', '••••••••••••⒈⒈⒈⒈'],
    ['⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹', '••••••••••••¹¹¹¹'],
    ['4①11 ¹111 1111 1111', '•••• •••• •••• 1111'],
    ['+4111 1111 1111 1111', '+•••• •••• •••• 1111'],
    // By chance a card could end in the middle of the one that stands there.
    ['cpf 529.982.247-25 4111 1111 1111 1111', 'cpf 529.982.•••-•• •••• •••• •••• 1111'],
  ])('%j is shown as %j', (written, shown) => {
    expect(maskCards(written)).toBe(shown)
  })

  test.each([
    '4111111111111112',
    '411111111111',
    '+55 11 98765-4320 and +5511987654321',
    '2026-000417',
    '11.222.333/0001-81',
    '34191.79001 01043.510047 91020.150008 6 84410026000',
    '23793.38128 60000.000003 00000.000400 1 84340000010000',
    '85800000001-5 23456789012-3 34567890123-4 45678901234-5',
    '-23.55052, -46.63331',
    '20/11/2026, 15:30:00 and 20:11:26 15:30:00',
    'between 4111 1111 and then 1111 1111',
  ])('%j stays', (written) => {
    expect(maskCards(written)).toBe(written)
  })

  test('a list of cards has its numbers masked, however many they are', () => {
    const list = '4111 1111 1111 1111 12/27 123 5500 0000 0000 0004 01/28 456 3782 822463 10005'
    expect(maskCards(list)).not.toMatch(/4111|5500|3782|822463/)
  })

  test('no place that was shared without a name is taken for a card', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        (latitude, longitude) => {
          const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
          expect(maskCards(`Local: ${place}`)).toBe(`Local: ${place}`)
        },
      ),
    )
  })

  test('no reference number of a robot is taken for a card', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), (number) => {
        const reference = `20261126-${String(number).padStart(8, '0')}`
        expect(maskCards(`Protocolo ${reference}.`)).toBe(`Protocolo ${reference}.`)
      }),
    )
  })

  test('every number that passes the check is masked, whatever its groups, separators, digits and marks on them', () => {
    const styles = [
      '0123456789',
      '٠١٢٣٤٥٦٧٨٩',
      '০১২৩৪৫৬৭৮৯',
      '０１２３４５６７８９',
      '⓪①②③④⑤⑥⑦⑧⑨',
      '⓿❶❷❸❹❺❻❼❽❾',
      '⁰¹²³⁴⁵⁶⁷⁸⁹',
      '₀₁₂₃₄₅₆₇₈₉',
    ]
    const card = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
      .filter(([first]) => first !== 2 && first !== 0)
      .map((digits) => [...digits, checkDigit(digits)])
    fc.assert(
      fc.property(
        card,
        fc.constantFrom(...styles),
        fc.constantFrom('', ' ', '-', '‑', '.', '\u00a0', '\u200b', ' - '),
        fc.constantFrom('', '\u0301', '\u0336', '\ufe0f\u20e3', '\u09be'),
        (digits, style, separator, mark) => {
          const written = digits
            .map((digit, at) => (at > 0 && at % 4 === 0 ? separator : '') + style[digit]! + mark)
            .join('')
          const shown = maskCards(`o cartão é ${written}, ok?`)
          expect(Array.from(shown).filter((character) => /\p{N}/u.test(character))).toHaveLength(4)
        },
      ),
    )
  })

  test('a number that passes the check is masked when its groups are sent one by one, but for the last four digits; any word between them, and they are none', () => {
    const groups = fc.constantFrom([4, 4, 4, 4], [8, 8], [4, 12], [12, 4], [4, 6, 5], [6, 10])
    fc.assert(
      fc.property(
        groups,
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 16, maxLength: 16 }),
        fc.constantFrom('', ' ', '.', ' 👍', '...'),
        (lengths, some, behind) => {
          const bare = [4, ...some].slice(0, lengths.reduce((sum, length) => sum + length, 0) - 1)
          const digits = [...bare, checkDigit(bare)].join('')
          let from = 0
          const sent = lengths.map((length) => digits.slice(from, (from += length)) + behind)
          const shown = maskCardsAcross(['oi, perdi', ...sent, 'ok']).slice(1, -1)
          expect(shown.map((each) => each.length)).toEqual(sent.map((each) => each.length))
          expect(shown.join('').replace(/\P{N}/gu, '')).toBe(digits.slice(-4))
          const parted = sent.flatMap((each) => [each, 'é'])
          expect(maskCardsAcross(parted)).toEqual(parted)
        },
      ),
    )
    const others = ['4321', '20/11/2026', '1', '52998224725', '4111 1111\0', '1111 1111']
    expect(maskCardsAcross(others)).toEqual(others)
  })

  test('takes time by the length of the text', () => {
    for (const piece of ['1', '1 ', '111 '])
      expect(
        growth(500, (length) => maskCardsAcross([piece.repeat(length), `${piece.repeat(length)}x`])),
      ).toBeLessThan(80)
    for (const piece of ['1', '1 ', '1    '])
      expect(growth(500, (length) => maskCards(piece.repeat(length)))).toBeLessThan(80)
  })
})

describe('the value of a masked answer', () => {
  test('is masked wherever others repeat it, however they write it', () => {
    const values = valuesIn('meu CPF é 11144477735')
    expect(maskValues('• CPF: 111.444.777-35\n• Cartão: final 4321', values)).toBe(
      `• CPF: ${MASK}\n• Cartão: final 4321`,
    )
    expect(maskValues('{"cpf":"11144477735"}', values)).toBe(`{"cpf":"${MASK}"}`)
    expect(maskValues('১১১৪৪৪৭৭৭৩৫', values)).toBe(MASK)
    expect(maskValues('Ana@Example.com!', valuesIn('ana@example.com'))).toBe(`${MASK}!`)
    expect(maskValues('Your city: RECIFE.', valuesIn('Recife'))).toBe(`Your city: ${MASK}.`)
  })

  test.each([
    'cpf 111,444,777-35',
    'meu cpf: 111_444_777_35',
    'é (111) 444.777-35',
    'cpf 111·444·777−35',
    'cpf *111*.*444*.777-35',
    'cpf ①①①④④④⑦⑦⑦③⑤',
    '1️⃣1️⃣1️⃣4️⃣4️⃣4️⃣7️⃣7️⃣7️⃣3️⃣5️⃣',
    '11144477735, 4321',
    '11144477735 4321',
  ])('is masked however it was written: %j', (written) => {
    for (const repeated of ['• CPF: 111.444.777-35', '11144477735', '১১১.৪৪৪.৭৭৭-৩৫'])
      expect(maskValues(repeated, valuesIn(written))).not.toMatch(/\p{Nd}/u)
  })

  test('is masked with its accents or without', () => {
    for (const written of ['José Araújo', 'Jose\u0301 Arau\u0301jo', 'JOSE ARAUJO'])
      for (const repeated of ['José Araújo', 'Jose\u0301 Arau\u0301jo', 'jose araujo'])
        expect(maskValues(`${repeated}!`, valuesIn(written))).toBe(`${MASK}!`)
  })

  test('is not found inside other words and numbers', () => {
    expect(maskValues('Protocolo 20264321', valuesIn('4321'))).toBe('Protocolo 20264321')
    expect(maskValues('recifense', valuesIn('Recife'))).toBe('recifense')
    expect(valuesIn('1')).toEqual([])
  })

  test('no text around it is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        expect(maskValues(`${before} 11144477735 ${after}`, valuesIn('111.444.777-35'))).toBe(
          `${before} ${MASK} ${after}`,
        )
      }),
    )
  })
})

function checkDigit(digits: readonly number[]): number {
  const sum = digits.toReversed().reduce((total, digit, place) => {
    const doubled = place % 2 === 0 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return (10 - (sum % 10)) % 10
}
