import { RespondResponse } from '@parley/proto/bot'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { whatIsWrongWith } from './answering.ts'

const response = (...actions: unknown[]) =>
  RespondResponse.fromPartial({ actions } as Parameters<typeof RespondResponse.fromPartial>[0])
const say = (body: unknown) => ({ action: { $case: 'say', value: { message: { body } } } })
const text = (value: string) => say({ $case: 'text', value: { text: value } })

describe('the answer of any robot', () => {
  test('is taken when WhatsApp can send it', () => {
    expect(whatIsWrongWith(response())).toBeUndefined()
    expect(
      whatIsWrongWith(
        response(text('Oi'), { action: { $case: 'chooseLanguage', value: { language: 'bn' } } }),
      ),
    ).toBeUndefined()
    expect(whatIsWrongWith(response({ action: { $case: 'end', value: {} } }))).toBeUndefined()
    for (const queue of ['', 'cards_2-b'])
      expect(
        whatIsWrongWith(
          RespondResponse.fromPartial({
            responder: 'acme/Dialog.7',
            flow: 'bank',
            flowVersion: '1-0123456789ab',
            usedMessageIds: ['0d7c6a51-8a1c-5f0e-9d53-0a2b5f3c9b11', 'wamid.HBgM+Zw=='],
            steps: ['menu', 'Menu.card:lost', 'x'.repeat(100)],
            actions: [{ action: { $case: 'handOver', value: { queue } } }],
          }),
        ),
      ).toBeUndefined()
    expect(
      whatIsWrongWith(
        response({
          action: {
            $case: 'end',
            value: {
              sendsLink: true,
              linkButton: { body: { $case: 'linkButton', value: { text: 'a', displayText: 'b' } } },
            },
          },
        }),
      ),
    ).toBeUndefined()
  })
  test.each([
    ['an empty text', response(text(''))],
    ['a long text', response(text('x'.repeat(4097)))],
    [
      'four buttons',
      response(
        say({
          $case: 'buttons',
          value: { text: 'a', buttons: ['1', '2', '3', '4'].map((id) => ({ id, title: id })) },
        }),
      ),
    ],
    [
      'a long title',
      response(
        say({ $case: 'buttons', value: { text: 'a', buttons: [{ id: '1', title: 'x'.repeat(21) }] } }),
      ),
    ],
    [
      'eleven rows',
      response(
        say({
          $case: 'list',
          value: {
            text: 'a',
            button: 'b',
            sections: [{ rows: Array.from({ length: 11 }, (_, id) => ({ id: `${id}`, title: `${id}` })) }],
          },
        }),
      ),
    ],
    [
      'a script for a link',
      response(
        say({ $case: 'linkButton', value: { text: 'a', displayText: 'b', url: 'javascript:alert(1)' } }),
      ),
    ],
    ['a message that customers send', response(say({ $case: 'choice', value: { id: 'a' } }))],
    ['nothing said', response({ action: { $case: 'say', value: {} } })],
    ['no action', response({})],
    [
      'words for a link, and no link',
      response({
        action: {
          $case: 'end',
          value: { linkButton: { body: { $case: 'linkButton', value: { text: 'a', displayText: 'b' } } } },
        },
      }),
    ],
    [
      'a link without a button',
      response({
        action: {
          $case: 'end',
          value: { sendsLink: true, linkButton: { body: { $case: 'text', value: { text: 'a' } } } },
        },
      }),
    ],
    ['words after the end', response({ action: { $case: 'end', value: {} } }, text('a'))],
    [
      'words after a hand-over',
      response({ action: { $case: 'handOver', value: { queue: 'q' } } }, text('a')),
    ],
    [
      'a sentence for a queue',
      response({ action: { $case: 'handOver', value: { queue: 'Maria quer o cartao' } } }),
    ],
    [
      'an endless name of a queue',
      response({ action: { $case: 'handOver', value: { queue: 'x'.repeat(41) } } }),
    ],
    ...(['responder', 'flow', 'flowVersion'] as const).flatMap((field): [string, RespondResponse][] => [
      [`a sentence for the ${field}`, RespondResponse.fromPartial({ [field]: 'Maria Silva' })],
      [`an endless ${field}`, RespondResponse.fromPartial({ [field]: 'x'.repeat(101) })],
    ]),
    ['a sentence for a used message', RespondResponse.fromPartial({ usedMessageIds: ['o CPF é 123'] })],
    ['a sentence for a step', RespondResponse.fromPartial({ steps: ['menu', 'disse: o CPF'] })],
    ['an endless step', RespondResponse.fromPartial({ steps: ['x'.repeat(101)] })],
    ['a step without a name', RespondResponse.fromPartial({ steps: [''] })],
    ['no language', response({ action: { $case: 'chooseLanguage', value: { language: 'fr' } } })],
    ['an endless answer', response(...Array.from({ length: 31 }, () => text('a')))],
    [
      'an endless list of used messages',
      RespondResponse.fromPartial({ usedMessageIds: Array.from({ length: 501 }, (_, id) => `${id}`) }),
    ],
    [
      'an endless list of what was learnt',
      RespondResponse.fromPartial({
        learnt: Array.from({ length: 101 }, (_, id) => ({ name: `${id}`, value: 'x' })),
      }),
    ],
    [
      'an endless thing learnt',
      RespondResponse.fromPartial({ learnt: [{ name: 'x', value: 'x'.repeat(1_001) }] }),
    ],
    ['an endless session', RespondResponse.fromPartial({ session: 'x'.repeat(70_000) })],
  ])('%s is not', (_, garbage) => {
    expect(whatIsWrongWith(garbage)).toEqual(expect.any(String))
  })
  test('is judged without a crash, whatever the bytes were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        let decoded: RespondResponse
        try {
          decoded = RespondResponse.decode(bytes)
        } catch {
          return
        }
        expect(() => whatIsWrongWith(decoded)).not.toThrow()
      }),
    )
  })
})
