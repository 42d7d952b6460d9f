import { expect, test } from 'vitest'
import { z } from 'zod'
import { fileBody, messageText } from './messages.ts'
import { templateUse } from './templates.ts'

test.each([
  ['spaces', ' \n\t\u00a0'],
  ['a joiner', '\u200b\u200d'],
  ['a filler', '\u3164'],
  ['marks of direction', '\u202e\u2066'],
  ['a control', '\u0000'],
])('a message of which nobody sees anything is none: %s', (_, text) => {
  expect(messageText.safeParse(text).success).toBe(false)
})

test('whatever is seen is a message, to the letter', () => {
  for (const text of ['?', '👍🏽', ' \u202eabc\u202c ', 'বাংলা', '\u200f.'])
    expect(messageText.parse(text)).toBe(text)
})

test('words that WhatsApp would not show with a file are refused before anything is said', () => {
  const file = (type: string) => ({
    type,
    filename: 'f',
    file: { sha256: 'aa', mimeType: `${type}/x`, bytes: 5n },
  })
  for (const type of ['audio', 'sticker']) {
    expect(fileBody(file(type), 'veja')).toMatchObject({ kind: 'refused', code: 'CAPTION_NOT_TAKEN' })
    expect(fileBody(file(type), '')).toMatchObject({ body: { value: { type, caption: '' } } })
  }
  for (const type of ['image', 'video', 'document'])
    expect(fileBody(file(type), 'veja')).toMatchObject({
      body: { value: { type, caption: 'veja', stored: { sha256: 'aa', bytes: 5n } } },
    })
})

test('what WhatsApp does not take in a place of a template is refused before anything is said', () => {
  const { success, data } = z
    .object(templateUse)
    .safeParse({ name: 'call_back', language: 'pt_BR', parameters: ['Rita', 'o  cartão de 12/11'] })
  expect(success && data.parameters).toEqual(['Rita', 'o  cartão de 12/11'])
  const refused = ['', '  ', '\u200b', 'a\nb', 'a\rb', 'a\tb', `a${' '.repeat(5)}b`, 'x'.repeat(1_025)]
  const { parameters } = templateUse
  expect(refused.filter((parameter) => parameters.safeParse([parameter]).success)).toEqual([])
})
