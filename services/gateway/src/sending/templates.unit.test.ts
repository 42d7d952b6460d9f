import { expect, test } from 'vitest'
import { templatesIn, templatesPath } from './templates.ts'

const template = (more: object) => ({
  name: 'order_update',
  language: 'en_US',
  status: 'APPROVED',
  category: 'UTILITY',
  components: [{ type: 'BODY', text: 'Hello {{1}}, order {{2}} is on its way, {{1}}.' }],
  ...more,
})
const answered = (data: readonly object[], paging: object = {}) =>
  templatesIn({ outcome: 'answered', status: 200, json: { data, paging } })

test('a template is listed with its text and how many parameters fill it', () => {
  expect(answered([template({})])).toEqual({
    templates: [
      {
        name: 'order_update',
        language: 'en_US',
        category: 'UTILITY',
        text: 'Hello {{1}}, order {{2}} is on its way, {{1}}.',
        parameterCount: 2,
      },
    ],
    after: '',
  })
})

test('what was not approved, or needs more than texts in its body, cannot be filled and is not offered', () => {
  const body = { type: 'BODY', text: 'Hello' }
  const left = [
    template({ status: 'PAUSED' }),
    template({ category: 'AUTHENTICATION' }),
    template({ components: [{ type: 'HEADER', format: 'IMAGE' }, body] }),
    template({ components: [{ type: 'HEADER', format: 'TEXT', text: 'Dear {{1}}' }, body] }),
    template({
      components: [body, { type: 'BUTTONS', buttons: [{ type: 'URL', url: 'https://a.b/{{1}}' }] }],
    }),
    template({ components: [{ type: 'BODY', text: 'Hello {{first_name}}' }] }),
    template({ components: [body, { type: 'CAROUSEL' }] }),
    template({ components: [] }),
  ]
  expect(answered(left)?.templates).toEqual([])
  const kept = template({
    components: [{ type: 'HEADER', format: 'TEXT', text: 'Hi' }, body, { type: 'FOOTER', text: 'x' }],
  })
  expect(answered([kept])?.templates).toHaveLength(1)
})

test('a list goes on where there is a next page, and an answer that is none is not an empty list', () => {
  expect(answered([], { next: 'https://graph/next', cursors: { after: 'abc' } })?.after).toBe('abc')
  expect(answered([], { cursors: { after: 'abc' } })?.after).toBe('')
  expect(templatesPath('12', 'abc')).toBe(
    '12/message_templates?fields=name%2Clanguage%2Cstatus%2Ccategory%2Ccomponents&limit=200&after=abc',
  )
  expect(templatesIn({ outcome: 'lost', reason: 'ECONNRESET' })).toBeUndefined()
  expect(templatesIn({ outcome: 'answered', status: 500, json: { error: {} } })).toBeUndefined()
  expect(templatesIn({ outcome: 'answered', status: 200, json: undefined })).toBeUndefined()
})
