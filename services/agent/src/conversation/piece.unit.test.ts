import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { type Piece, pieceOf } from './piece.ts'
import { masking } from './shown.ts'

const piece = (body: Parameters<typeof MessageBody.fromPartial>[0]['body']) =>
  pieceOf(MessageBody.fromPartial({ body }), 'interactive', masking(['52998224725']))

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

test.each<[string, Parameters<typeof piece>[0], Piece]>([
  [
    'a place',
    {
      $case: 'location',
      value: { latitude: 1, longitude: 2, name: '4111 1111 1111 1111', address: 'cpf 529.982.247-25' },
    },
    {
      type: 'location',
      location: { latitude: 1, longitude: 2, name: '•••• •••• •••• 1111', address: 'cpf ••••••' },
    },
  ],
  [
    'a contact',
    {
      $case: 'contactCards',
      value: { cards: [{ name: 'Visa 4111111111111111', phones: ['+5511987654321'] }] },
    },
    { type: 'contacts', contacts: [{ name: 'Visa ••••••••••••1111', phones: ['+5511987654321'] }] },
  ],
  [
    'a button',
    { $case: 'buttons', value: { text: '?', buttons: [{ id: 'y', title: '4111111111111111' }] } },
    { type: 'buttons', choices: [{ id: 'y', title: '••••••••••••1111' }] },
  ],
])('what is masked in words is masked in %s', (_, body, shown) => {
  expect(piece(body)).toEqual(shown)
})
