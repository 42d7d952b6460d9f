import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { surveyAnswerOf, surveyButton } from './survey-answer.ts'

const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })
const tap = (id: string, title = 'x') =>
  MessageBody.fromPartial({ body: { $case: 'choice', value: { source: 'button_reply', id, title } } })

test.each([
  ['5', 5],
  ['  5️⃣ ', 5],
  ['*4*', 4],
  ['৩', 3],
  ['Dois', 2],
  ['nota 5', 5],
  ['5, obrigada!', 5],
  ['পাঁচ', 5],
  ['one', 1],
  ['5/5', 5],
  ['4 estrelas!', 4],
  ['dou nota cinco', 5],
  ['3 out of 5', 3],
  ['~5~ 4', 4],
  ['⭐⭐⭐⭐', 4],
  ['5 · Ótimo', 5],
  ['3 regular', 3],
  ['1 poor', 1],
  ['5 5', 5],
])('"%s" as the whole message is a score', (words, score) =>
  expect(surveyAnswerOf(text(words))).toEqual({ score, reason: '', conversationId: '' }),
)

test.each([
  'quero 5 cartões',
  '5 reais',
  '6',
  '0',
  '55',
  '5 4',
  '5 ruim',
  '1 ótimo',
  'nota 10',
  '5 ou 4',
  '4,5',
  '-5',
  '−5',
  '+1',
  '~5~',
  '5%',
  'R$ 5',
  '৳৫',
  '5?',
  '5 ❓',
  '10/5',
  '⭐⭐⭐⭐⭐⭐',
  '5 estrelas no céu',
  'dou 5 porque foi ótimo',
  '',
  'oi',
])('"%s" is none: a number in a sentence is about something else', (words) =>
  expect(surveyAnswerOf(text(words)).score).toBe(0),
)

test('a button names score or reason, and the conversation that it judges', () => {
  expect(surveyAnswerOf(tap(surveyButton('c-1', 5)))).toEqual({ score: 5, reason: '', conversationId: 'c-1' })
  expect(surveyAnswerOf(tap(surveyButton('c-1', 'slow')))).toEqual({
    score: 0,
    reason: 'slow',
    conversationId: 'c-1',
  })
  // A template's button carries nothing but its words.
  expect(surveyAnswerOf(tap('5', '5'))).toEqual({ score: 5, reason: '', conversationId: '' })
})

test.each([
  'survey::5',
  'menu',
  'surveys:c-1:5',
  'survey:c-1:5:6',
  'survey:my card 4111:5',
  `survey:${'c'.repeat(65)}:5`,
])('the button %s is no survey’s', (id) =>
  expect(surveyAnswerOf(tap(id))).toEqual({ score: 0, reason: '', conversationId: '' }),
)

test('a survey’s button that names no score is the survey’s all the same: nobody answers it', () =>
  expect(surveyAnswerOf(tap('survey:c-1:9'))).toEqual({ score: 0, reason: '', conversationId: 'c-1' }))
