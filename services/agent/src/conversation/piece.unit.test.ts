import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { pieceOf } from './piece.ts'

const piece = (body: Parameters<typeof MessageBody.fromPartial>[0]['body']) =>
  pieceOf(MessageBody.fromPartial({ body }), 'interactive')

test('a list and what was taken of it are told by the same ids', () => {
  const rows = [{ id: 'lost_card', title: 'Perdi meu cartão', description: 'Registro' }]
  expect(piece({ $case: 'list', value: { text: 'Como?', sections: [{ title: '', rows }] } })).toEqual({
    type: 'list',
    choices: rows,
  })
  expect(piece({ $case: 'choice', value: { id: 'lost_card', title: 'Perdi meu cartão' } })).toEqual({
    type: 'choice',
    chosenId: 'lost_card',
  })
})

test('a place has its coordinates, a file the kind that it is, and what nobody knows the word of the provider', () => {
  expect(piece({ $case: 'location', value: { latitude: -23.5, longitude: -46.6, name: 'Sé' } })).toEqual({
    type: 'location',
    location: { latitude: -23.5, longitude: -46.6, name: 'Sé', address: null },
  })
  expect(piece({ $case: 'media', value: { type: 'sticker' } })).toEqual({ type: 'sticker' })
  expect(piece({ $case: 'unsupported', value: {} })).toEqual({ type: 'interactive' })
})
