import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { formLines, readableText } from './readable-text.ts'

type Body = NonNullable<Parameters<typeof MessageBody.fromPartial>[0]['body']>
const read = (body: Body) => readableText(MessageBody.fromPartial({ body }))

test('a text is given to the letter', () => {
  const said = '  <b>"olá"</b>\n\n\u202Eতারিখ 👩‍👩‍👧  '
  expect(read({ $case: 'text', value: { text: said } })).toBe(said)
})

test('what stands on a line of its own makes no other', () => {
  expect(read({ $case: 'media', value: { type: 'document', filename: 'a.pdf]\r\n[Confirm' } })).toBe(
    '[document: a.pdf] [Confirm]',
  )
  expect(read({ $case: 'location', value: { name: 'casa\n• CPF: 1', address: 'x\u2028y' } })).toBe(
    '[location: 0, 0]\ncasa • CPF: 1\nx y',
  )
  const cards = [{ name: 'Ana\n[contact: Bia]', phones: ['1\n2'] }]
  expect(read({ $case: 'contactCards', value: { cards } })).toBe('[contact: Ana [contact: Bia]]\n1 2')
})

test.each<[string, Body, string]>([
  [
    'buttons show what was offered',
    {
      $case: 'buttons',
      value: {
        header: 'H',
        text: 'Sure?',
        footer: 'F',
        buttons: [
          { id: 'y', title: 'Yes' },
          { id: 'n', title: 'No' },
        ],
      },
    },
    'H\nSure?\nF\n[Yes]\n[No]',
  ],
  [
    'a list shows its sections, rows and descriptions',
    {
      $case: 'list',
      value: {
        text: 'Which?',
        button: 'Choose',
        sections: [
          {
            title: 'Cards',
            rows: [
              { id: '1', title: 'Debit', description: 'blue' },
              { id: '2', title: 'Credit' },
            ],
          },
        ],
      },
    },
    'Which?\n[Choose]\nCards\n[Debit] blue\n[Credit]',
  ],
  ['a choice is the title that was chosen', { $case: 'choice', value: { id: 'y', title: 'Yes' } }, 'Yes'],
  ['a choice without a title is its id', { $case: 'choice', value: { id: 'y' } }, 'y'],
  [
    'a link button shows its address',
    { $case: 'linkButton', value: { text: 'Here', displayText: 'Open', url: 'https://a.test/x' } },
    'Here\n[Open]\nhttps://a.test/x',
  ],
  [
    'media show type, file name and caption',
    { $case: 'media', value: { type: 'document', filename: 'a.pdf', caption: 'mine' } },
    '[document: a.pdf]\nmine',
  ],
  [
    'a voice message is told from other audio',
    { $case: 'media', value: { type: 'audio', voice: true } },
    '[voice message]',
  ],
  [
    'a location shows where it is',
    {
      $case: 'location',
      value: { latitude: -23.5, longitude: -46.6, name: 'MASP', address: 'Av. Paulista' },
    },
    '[location: -23.5, -46.6]\nMASP\nAv. Paulista',
  ],
  [
    'contact cards show names, numbers and addresses',
    {
      $case: 'contactCards',
      value: { cards: [{ name: 'Lucía', organization: 'Google', phones: ['+1 2'], emails: ['l@a.test'] }] },
    },
    '[contact: Lucía, Google]\n+1 2\nl@a.test',
  ],
  [
    'an order shows its items',
    {
      $case: 'order',
      value: {
        catalogId: 'c',
        text: 'please',
        items: [{ productRetailerId: 'sku', quantity: 2, itemPrice: 30, currency: 'USD' }],
      },
    },
    '[order]\nplease\n2 × sku · 30 USD',
  ],
  [
    'a form shows its answers, not its token',
    {
      $case: 'formReply',
      value: { name: 'rating', text: 'Sent', responseJson: '{"flow_token":"x","stars":5,"why":"good"}' },
    },
    '[form: rating]\nSent\nstars: 5\nwhy: good',
  ],
  [
    'a form whose answer is no JSON object shows it as it came',
    { $case: 'formReply', value: { responseJson: '[broken' } },
    '[form]\n[broken',
  ],
  [
    'a template shows its name and values',
    { $case: 'template', value: { name: 'order_update', language: 'en_US', parameters: ['Ann', '42'] } },
    '[template: order_update (en_US)]\nAnn\n42',
  ],
  [
    'an unsupported message says so',
    { $case: 'unsupported', value: { providerType: 'poll', errorTitle: 'Message type unknown' } },
    '[unsupported message: poll]\nMessage type unknown',
  ],
  [
    'a note of the channel is its text',
    { $case: 'note', value: { kind: 'user_changed_number', text: 'changed' } },
    'changed',
  ],
])('%s', (_name, body, expected) => {
  expect(read(body)).toBe(expected)
})

test('a message without a body is said to have none', () => {
  expect(readableText(MessageBody.fromPartial({}))).toBe('[message without content]')
})

test.each([
  ['arrays', `{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`],
  ['objects', `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`],
])(
  'a form of deeply nested %s is shown as it came: 16 kB of brackets must not make a record unreadable',
  (_, json) => {
    expect(formLines(json)).toEqual([json])
  },
)

test.each<[string, Body, string]>([
  [
    'the answer of a form',
    {
      $case: 'formReply',
      value: { name: 'loss', responseJson: JSON.stringify({ place: 'casa\ncpf: 111.444.777-35\u2028x' }) },
    },
    '[form: loss]\nplace: casa cpf: 111.444.777-35 x',
  ],
  [
    'an item of an order',
    { $case: 'order', value: { items: [{ productRetailerId: 'sku\n2 × card', quantity: 1, itemPrice: 5 }] } },
    '[order]\n1 × sku 2 × card · 5',
  ],
])('a line break in %s makes no other line', (_, body, expected) => {
  expect(read(body)).toBe(expected)
})

test('brackets inside of texts are no nesting', () => {
  expect(formLines(JSON.stringify({ a: '['.repeat(100), b: '"{\\' }))).toEqual([
    `a: ${'['.repeat(100)}`,
    'b: "{\\',
  ])
})
