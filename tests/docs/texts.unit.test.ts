import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TEXTS_PAGE, allTexts, textsPage } from './texts.ts'

const rows = [...allTexts()].flatMap(([file, texts]) => texts.map((text) => ({ file, ...text })))

test('the page of texts is what the sources say: `node tests/docs/texts.ts` makes it anew', () => {
  expect(readFileSync(TEXTS_PAGE, 'utf8')).toBe(textsPage())
})

test('the search for texts finds them in each way in which they are written', () => {
  const textOf = (name: string) => rows.find((row) => row.name === name)?.texts
  expect(textOf('PHRASES.notNumber')?.en).toContain('I need a number')
  expect(textOf('texts.privacy_notice')?.bn).toContain('{processors}')
  expect(textOf('deskTitle')?.pt).toBe('O telefone do cliente')
  expect(textOf('lines.conversation_closed')?.pt).toBe('Conversa encerrada: {…}')
  expect(textOf('CLOSE_REASONS.silence')?.pt).toBe('ficou sem resposta por algum tempo')
  expect(rows.length).toBeGreaterThan(250)
})

/** Only Portuguese and Bengali say the hour by a word. */
const NOT_IN_EACH = new Set(['WORDS.clock'])

test('every text is there in each of the three languages', () => {
  const missing = rows
    .filter(({ name, texts }) => !NOT_IN_EACH.has(name) && Object.values(texts).includes(''))
    .map(({ file, name }) => `${file}: ${name}`)
  expect(missing).toEqual([])
})

test('every text fills in the same in each language', () => {
  const holes = (text: string) =>
    [...new Set([...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole))].toSorted()
  const odd = rows
    .filter(({ file }) => !file.endsWith('{pt,en,bn}.ts') && !file.endsWith('opening-words.ts'))
    .filter(({ texts: { pt, en, bn } }) => {
      const [first, ...others] = [pt, en, bn].map((text) => holes(text).join())
      return others.some((other) => other !== first)
    })
    .map(({ file, name }) => `${file}: ${name}`)
  expect(odd).toEqual([])
})

/** Words that a native eye struck out, for what the page's head says of each language. */
const STRUCK = {
  pt: /atendente automático|esperando pessoas|terminando/i,
  en: /automatic attendant|protocol number|could you write\?/i,
  bn: /সাথে|নমস্কার|[0-9]টা/,
} as const

test('no text falls back on words that a native eye struck out', () => {
  const found = rows.flatMap(({ file, name, texts }) =>
    (['pt', 'en', 'bn'] as const)
      .filter((language) => STRUCK[language].test(texts[language]))
      .map((language) => `${file}: ${name} (${language})`),
  )
  expect(found).toEqual([])
})
