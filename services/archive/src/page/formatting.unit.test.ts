import { growth } from '@parley/testkit/cost'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { followable, followableAsWritten } from './address.ts'
import { formatted } from './formatting.ts'

const html = (text: string) =>
  formatted(text)?.html.replaceAll(' dir="auto"', '').replaceAll(' class="said"', '') ?? ''
const textIn = (markup: string) =>
  markup
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|amp|quot|#39|#96);/g, (_, name: string) => ENTITIES[name] ?? '')
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  '#39': "'",
  '#96': '`',
}

describe('a text is shown as WhatsApp shows it', () => {
  test.each([
    ['*Banco* _do_ ~não~ `x_y_`', '<p><strong>Banco</strong> <em>do</em> <s>não</s> <code>x_y_</code></p>'],
    ['*a _b ~c~_*', '<p><strong>a <em>b <s>c</s></em></strong></p>'],
    ['snake_case_name 2*3*4', '<p>snake_case_name 2*3*4</p>'],
    ['* not bold *', '<ul class="list"><li>not bold *</li></ul>'],
    ['*one\ntwo*', '<p>*one\ntwo*</p>'],
    ['- a\n- *b*\nend', '<ul class="list"><li>a</li><li><strong>b</strong></li></ul><p>end</p>'],
    ['- a\r\n- b\r', '<ul class="list"><li>a</li><li>b</li></ul>'],
    ['1. a\n2. b', '<ol class="list"><li value="1">a</li><li value="2">b</li></ol>'],
    ['> said\nanswer', '<blockquote><p>said</p></blockquote><p>answer</p>'],
    ['see:\n```\n*x*\n```\nok', '<p>see:</p><pre class="code">*x*</pre><p>ok</p>'],
    ['•  CPF: 1\n•  Local: 2', '<p>•  CPF: 1\n•  Local: 2</p>'],
    ['যা*ক* *শাখা*।', '<p>যা*ক* <strong>শাখা</strong>।</p>'],
    ['<b>*x*</b>', '<p>&lt;b&gt;<strong>x</strong>&lt;/b&gt;</p>'],
  ])('%j', (text, shown) => {
    expect(html(text)).toBe(shown)
  })

  test('no character of what was said is lost but the marks', () => {
    const piece = fc.constantFrom(
      '*',
      '_',
      '~',
      '`',
      '```',
      '> ',
      '- ',
      '1. ',
      '\n',
      ' ',
      'a',
      'ç',
      '<',
      '&',
      '"',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const letters = (of: string) => of.replaceAll(/[^aç<&"]/g, '')
        expect(letters(textIn(html(text)))).toBe(letters(text))
      }),
      runs(2_000),
    )
  })

  test('whatever is written, the markup is ours and closed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const tags = html(text).match(/<[^>]*>/g) ?? []
        for (const tag of tags)
          expect(tag).toMatch(
            /^<\/?(?:p|strong|em|s|code|pre|ul|ol|li|blockquote|a)(?: (?:class|value|href|rel|target)="[^"<>]*")*>$/,
          )
      }),
    )
  })

  test('takes time by the length, whatever the marks: and what is long is not formatted', () => {
    // Sixteen times the length: 16 times as long, and 256 by the square.
    for (const marks of ['*a ', '*_~', '> ', '\n', '```', '`', '*a *', '*a\n', 'https://.'])
      expect(growth(250, (length) => formatted(marks.repeat(length / marks.length)))).toBeLessThan(80)
    expect(html('*a* '.repeat(2_000))).not.toContain('<strong>')
  })
})

describe('an address in a text', () => {
  test('is followed up to what belongs to the sentence', () => {
    for (const stop of ['.', '।'])
      expect(html(`veja https://bank.test/a?b=1${stop}`)).toBe(
        `<p>veja <a href="https://bank.test/a?b=1" rel="noopener noreferrer nofollow" target="_blank">https://bank.test/a?b=1</a>${stop}</p>`,
      )
  })

  test.each([
    'https://bank.test@evil.test/x',
    'https://bаnk.test/',
    'https://bank.test\u202e/x',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://',
  ])('%j is none that is followed', (address) => {
    expect(followableAsWritten(address)).toBeUndefined()
    expect(html(address)).not.toContain('<a ')
  })

  test('behind a button no name stands before the host', () => {
    expect(followable('https://bank.test:443@evil.test/')).toBeUndefined()
    expect(followable('https://bank.test/')).toBe('https://bank.test/')
  })
})
