import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

interface Token {
  readonly kind: string
  readonly text: string
}
// The page's own modules are plain JavaScript, served as they are.
const { tokensOf, webLink } = (await import(new URL('./format.js', import.meta.url).href)) as {
  tokensOf: (text: string) => Token[]
  webLink: (value: unknown) => string | undefined
}
const kinds = (text: string): string[] => tokensOf(text).map(({ kind, text }) => `${kind}:${text}`)

describe("WhatsApp's text marks", () => {
  test('bold, italic, strike and code', () => {
    expect(kinds('*a* _b_ ~c~ `d`')).toEqual([
      'bold:a',
      'text: ',
      'italic:b',
      'text: ',
      'strike:c',
      'text: ',
      'code:d',
    ])
  })
  test.each(['snake_case_name 2*3*4', 'যা*ক*'])('marks inside words are text: %s', (words) =>
    expect(kinds(words)).toEqual([`text:${words}`]),
  )
  test.each(['.', '।'])('a link ends before the full stop %s', (stop) => {
    expect(kinds(`veja https://example.com/t/a?b=1${stop}`)).toEqual([
      'text:veja ',
      'link:https://example.com/t/a?b=1',
      `text:${stop}`,
    ])
  })
  test('no text is lost, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const shown = tokensOf(text)
          .map((token) => token.text)
          .join('')
        expect(shown.replace(/[*_~`]/g, '')).toBe(text.replace(/[*_~`]/g, ''))
      }),
    )
  })
})

test('only http and https become links', () => {
  expect(webLink('https://example.com/a')).toBe('https://example.com/a')
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//x', 'x', 7, undefined]) {
    expect(webLink(bad)).toBeUndefined()
  }
})
