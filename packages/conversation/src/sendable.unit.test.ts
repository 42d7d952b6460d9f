import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { sendableType } from './sendable.ts'

type Body = NonNullable<Parameters<typeof MessageBody.fromPartial>[0]['body']>

test.each<[Body, string | undefined]>([
  [{ $case: 'text', value: {} }, 'text'],
  [{ $case: 'buttons', value: {} }, 'interactive'],
  [{ $case: 'list', value: {} }, 'interactive'],
  [{ $case: 'linkButton', value: {} }, 'interactive'],
  [{ $case: 'contactCards', value: {} }, 'contacts'],
  [{ $case: 'location', value: {} }, 'location'],
  [{ $case: 'template', value: {} }, 'template'],
  [{ $case: 'media', value: { type: 'image' } }, 'image'],
  [{ $case: 'choice', value: {} }, undefined],
  [{ $case: 'note', value: {} }, undefined],
  [{ $case: 'unsupported', value: {} }, undefined],
])('what we may send has the provider’s type, and nothing else has one: %j', (body, type) => {
  expect(sendableType(MessageBody.fromPartial({ body }))).toBe(type)
})

test('a message without a body cannot be sent', () => {
  expect(sendableType(MessageBody.fromPartial({}))).toBeUndefined()
  expect(sendableType(undefined)).toBeUndefined()
})
