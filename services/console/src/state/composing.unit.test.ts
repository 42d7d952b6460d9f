import { describe, expect, test } from 'vitest'
import type { Message } from '../api/shapes.ts'
import { judgeAttachment, saidWith } from './attachments.ts'
import type { Unsent } from './outbox.ts'
import { filled, parameterCount, previewOf, unfilled } from './placeholders.ts'
import { asRevealed, itemsOf, saysAnything, stillUnsent } from './thread.ts'
import { replyWindowOf } from './window.ts'
import { writtenLanguage } from './written-language.ts'

describe('what is checked before anything is sent', () => {
  test('the reply window is amber under an hour and closed at its end', () => {
    const end = '2026-03-03T09:00:00.000Z'
    const at = (msBefore: number) => replyWindowOf(end, Date.parse(end) - msBefore).kind
    expect([at(3_600_000), at(3_599_999), at(1), at(0)]).toEqual(['open', 'ending', 'ending', 'closed'])
    expect(replyWindowOf(null, 0).kind).toBe('never')
  })

  test('a text with anything unfilled says what it asks for', () => {
    const text = filled('Oi {customer}, protocolo {protocol}', new Map([['customer', 'Maria']]))
    expect(text).toBe('Oi Maria, protocolo {protocol}')
    expect(unfilled(text)).toEqual(['protocol'])
    expect(unfilled('no { braces } {1} of ours')).toEqual([])
  })

  test('a template counts each parameter once and shows what is missing', () => {
    expect(parameterCount('{{1}} and {{2}} and {{1}}')).toBe(2)
    expect(previewOf('Oi {{1}}, dia {{2}}', ['Maria', ' '])).toBe('Oi Maria, dia {{2}}')
    // As the account may write its places, and as people copy words out of a table.
    expect(parameterCount('{{ 1 }} and {{1}}')).toBe(1)
    expect(previewOf('Oi {{ 1 }}.', [' Maria\tda   Silva '])).toBe('Oi Maria da Silva.')
  })

  test.each([
    ['Bom dia, o seu cartão está a caminho', 'pt'],
    ['Good morning, your card is on the way', 'en'],
    ['আপনার কার্ড পাঠানো হয়েছে', 'bn'],
    ['ok 12345', undefined],
    ['Maria', undefined],
  ] as const)('%s is in %s', (text, language) => expect(writtenLanguage(text)).toBe(language))

  test('a file that WhatsApp does not take is refused with the reason', () => {
    expect(judgeAttachment({ type: 'image/png', size: 5 * 1024 ** 2 })).toEqual({ fits: true, kind: 'image' })
    expect(judgeAttachment({ type: 'image/png', size: 5 * 1024 ** 2 + 1 })).toMatchObject({ reason: 'size' })
    expect(judgeAttachment({ type: 'image/svg+xml', size: 10 })).toEqual({ fits: false, reason: 'type' })
    expect(judgeAttachment({ type: 'audio/ogg; codecs=opus', size: 10 })).toEqual({
      fits: true,
      kind: 'audio',
    })
    // As Chromium calls a memo of a telephone.
    expect(judgeAttachment({ type: 'audio/x-m4a', size: 10 })).toEqual({ fits: true, kind: 'audio' })
    expect(judgeAttachment({ type: 'text/plain', size: 0 })).toEqual({ fits: false, reason: 'empty' })
  })

  test('what is typed with files reaches the customer, under the first or behind them, and answers what it answers', () => {
    const file = (type: string, uploadId = 'u1') => ({ type, uploadId, name: `${uploadId}.x` })
    const media = (uploadId: string, more: object = {}) => ({
      type: 'media',
      uploadId,
      fileName: `${uploadId}.x`,
      ...more,
    })
    expect(saidWith([], 'veja', 'm1')).toEqual([{ type: 'text', text: 'veja', replyTo: 'm1' }])
    expect(saidWith([file('image'), file('video', 'u2')], 'veja', 'm1')).toEqual([
      media('u1', { caption: 'veja', replyTo: 'm1' }),
      media('u2'),
    ])
    expect(saidWith([file('audio'), file('image', 'u2')], 'veja', 'm1')).toEqual([
      media('u1', { replyTo: 'm1' }),
      media('u2'),
      { type: 'text', text: 'veja' },
    ])
    expect(saidWith([file('audio')], '', undefined)).toEqual([media('u1')])
  })

  test('what was written stands once, whichever of its message and the answer to its sending comes first', () => {
    const own = (id: string, text: string) =>
      ({ id, text, author: { kind: 'agent', id: 'p01', name: 'Ana' }, isNote: false }) as Message
    const unsent = ['ok', 'ok', 'until then'].map((text, index): Unsent => ({
      key: `key-${index}`,
      conversationId: 'c',
      content: { type: 'text', text },
      at: '2026-03-03T09:00:00Z',
      after: 'm1',
      state: { kind: 'sending' },
    }))
    const left = (messages: Message[]) => stillUnsent(unsent, messages, 'p01').map(({ key }) => key)
    expect(left([own('m1', 'ok')])).toEqual(['key-0', 'key-1', 'key-2'])
    expect(left([own('m1', 'ok'), own('m2', 'ok')])).toEqual(['key-1', 'key-2'])
    expect(left([own('m1', 'ok'), own('m2', 'ok'), own('m3', 'ok')])).toEqual(['key-2'])
    expect(stillUnsent(unsent, [own('m1', ''), own('m2', 'ok')], 'p02').length).toBe(3)
    const file: Unsent = {
      ...unsent[0]!,
      content: { type: 'media', uploadId: 'u1', fileName: 'extrato.pdf' },
    }
    const sent = { ...own('m2', '[document: extrato.pdf]'), media: { caption: null } }
    expect(stillUnsent([file], [own('m1', 'ok'), sent], 'p01')).toEqual([])
  })

  test('a masked file that is revealed stands there with what was written under it', () => {
    const masked = { id: 'm1', type: 'text', text: '••••••', isSensitive: true } as Message
    expect(asRevealed(masked, '4321')).toEqual({ ...masked, text: '4321' })
    const file = { type: 'image', fileName: '••••••', mimeType: 'image/jpeg', bytes: 5, problem: null }
    const shown = (caption: string | null) =>
      asRevealed({ ...masked, media: { ...file, caption } }, '[image: cartao.jpg]\nmeu cartão')
    expect(shown('••••••')).toMatchObject({
      type: 'image',
      media: { ...file, fileName: null, caption: '[image: cartao.jpg]\nmeu cartão' },
    })
    expect(shown(null).media).toMatchObject({ caption: null })
  })

  test('a thread has a line for each day and for what is new, and groups one author within a minute', () => {
    const message = (id: string, at: string, author = 'p01', isNote = false) =>
      ({ id, recordedAt: at, author: { kind: 'agent', id: author, name: author }, isNote }) as Message
    const items = itemsOf(
      [
        message('a', '2026-03-03T09:00:00Z'),
        message('b', '2026-03-03T09:00:30Z'),
        message('c', '2026-03-03T09:00:40Z', 'p01', true),
        message('d', '2026-03-04T09:00:50Z'),
        message('e', '2026-03-04T09:00:51Z'),
      ],
      (at) => at.slice(0, 10),
      'd',
    )
    expect(
      items.map((item) =>
        item.kind === 'message' ? `${item.message.id}${item.isFirstOfGroup ? '*' : ''}` : item.kind,
      ),
    ).toEqual(['date', 'a*', 'b', 'c*', 'date', 'd*', 'new', 'e*'])
  })

  test('of a transfer without a note a thread shows no empty one', () => {
    const said = [
      { isNote: true, text: '' },
      { isNote: true, text: 'ligou ontem' },
      { isNote: false, text: '' },
      { isNote: true, text: null },
    ]
    expect(said.filter(saysAnything)).toEqual(said.slice(1))
  })
})
