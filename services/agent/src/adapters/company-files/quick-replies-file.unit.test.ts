import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentOf } from '@parley/authoring/config-file'
import { expect, test } from 'vitest'
import { QUICK_REPLIES_FILE, readQuickReplies } from './quick-replies-file.ts'

test('each reply is there in every language that it has, in the order of the file; without the file there are none', async () => {
  const source =
    'hello:\n  en: { name: Hello, text: "Hello {customer}" }\n  pt: { name: Olá, text: "Olá {customer}" }\nwait:\n  bn: { name: অপেক্ষা, text: একটু অপেক্ষা করুন }\n'
  expect(contentOf(QUICK_REPLIES_FILE, source, 'x')).toEqual([
    { language: 'pt', name: 'Olá', text: 'Olá {customer}' },
    { language: 'en', name: 'Hello', text: 'Hello {customer}' },
    { language: 'bn', name: 'অপেক্ষা', text: 'একটু অপেক্ষা করুন' },
  ])
  expect(await readQuickReplies(await mkdtemp(join(tmpdir(), 'replies-')))).toEqual([])
})

test('the example company has each of its replies in three languages', async () => {
  const replies = await readQuickReplies(join(import.meta.dirname, '../../../../../config'))
  const count = (language: string) => replies.filter((reply) => reply.language === language).length
  expect(count('pt')).toBeGreaterThan(3)
  expect([count('en'), count('bn')]).toEqual([count('pt'), count('pt')])
})

test.each([
  ['hello:\n  en: { name: Hello }\n', 'x:2:3: hello.en.text'],
  ['hello:\n  en: { name: Hello, text: "Hi {Customer}" }\n', 'x:2:28: hello.en.text: a variable is'],
  ['hello:\n  fr: { name: Salut, text: Salut }\n', 'x:2:3: hello'],
  ['hello: {}\n', 'x:1:8: hello: it is in no language'],
  ['[unclosed\n', 'x:2:1: '],
])('what cannot be used is refused with its place: %j', (source, problem) => {
  expect(() => contentOf(QUICK_REPLIES_FILE, source, 'x')).toThrow(
    expect.objectContaining({
      code: 'QUICK_REPLIES_FILE_INVALID',
      message: expect.stringContaining(problem),
    }),
  )
})
