import {
  type ConversationCommand,
  contentOf,
  conversations,
  messagesIn,
  sessionIn,
} from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import { RespondResponse } from '@parley/proto/bot'
import { MessageBody } from '@parley/proto/content'
import { createLogger, withSpan } from '@parley/service'
import { Chain } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import type { RequestedTurn } from './answering.ts'
import { RobotFailed, TURNS_AT_ONCE_MAX, type TurnPorts, turnReactor } from './reactor.ts'

const log = createLogger({ service: 'bot', level: 'silent' })
const NOW = new Date('2026-11-22T15:00:05Z')

function requested(id: string, deadlineAt = '2026-11-22T15:00:45Z'): RequestedTurn {
  const asked = {
    type: 'BotTurnRequested',
    data: {
      turn: 3,
      language: 'pt',
      deadlineAt,
      inputs: [
        { messageId: 'm1', providerMessageId: 'wamid.1' },
        { messageId: 'm2', providerMessageId: 'wamid.2' },
      ],
    },
  } as const
  return new Chain(conversations, `contact-${id}`).add(asked, {
    at: '2026-11-22T15:00:00.000Z',
    correlationId: `conversation-${id}`,
    content: contentOf({ messages: [text('oi'), text('tudo bem?')], session: 'before' }),
  }) as RequestedTurn
}
const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })

const answered = (session: string, said = 'Oi') =>
  RespondResponse.fromPartial({
    responder: 'flows',
    flow: 'f',
    flowVersion: '1-abc',
    session,
    actions: [{ action: { $case: 'say', value: { message: text(said) } } }],
  })

/** The reactor with a log that keeps what was appended, append by append. */
function reacting(ask: TurnPorts['ask'], logTime: TurnPorts['logTime'] = () => NOW.getTime()) {
  const appends: NewCommand<ConversationCommand>[][] = []
  const handle = turnReactor({
    ask,
    append: async (commands) => void appends.push([...commands]),
    now: () => NOW,
    logTime,
    inSpan: withSpan,
    log,
  })
  return {
    appends,
    batch: (...events: RequestedTurn[]) => handle({ events, heartbeat: async () => {} }),
  }
}
const codes = (commands: readonly NewCommand<ConversationCommand>[] = []) =>
  commands.map((command) => (command.type === 'FailBotTurn' ? command.data.code : command.type))

describe('the reactor of turns', () => {
  test('asks with what the rules recorded, and wishes for the answer in one append per batch', async () => {
    const asked: unknown[] = []
    const { appends, batch } = reacting(async (request) => {
      asked.push(request)
      return answered('after')
    })
    const first = requested('a')
    await batch(first, requested('b'))
    expect(asked[0]).toMatchObject({
      conversationId: 'conversation-a',
      turnId: first.envelope.eventId,
      turn: 3,
      language: 'pt',
      session: 'before',
      at: '2026-11-22T15:00:00.000Z',
      inputs: [
        { messageId: 'm1', providerMessageId: 'wamid.1', message: text('oi') },
        { messageId: 'm2', providerMessageId: 'wamid.2', message: text('tudo bem?') },
      ],
    })
    expect(appends.map((commands) => codes(commands))).toEqual([['CompleteBotTurn', 'CompleteBotTurn']])
    expect(appends[0]?.[0]).toMatchObject({
      streamId: 'contact-a',
      correlationId: 'conversation-a',
      causationId: first.envelope.eventId,
      actor: { kind: 'bot', id: 'flows' },
      type: 'CompleteBotTurn',
      data: { turn: 3, flow: 'f', flowVersion: '1-abc', sessionCharacters: 'after'.length },
    })
    expect(sessionIn(appends[0]?.[0]?.content ?? [])).toBe('after')
  })
  test('an input that was deleted has no words, and the words of the others stay theirs', async () => {
    const asked: { inputs: readonly { messageId: string; message?: MessageBody | undefined }[] }[] = []
    const { batch } = reacting(async (request) => {
      asked.push(request)
      return answered('after')
    })
    const turn = requested('a')
    const deleted = { ...turn.data.inputs[0]!, messageId: 'm0', change: 'deleted' }
    await batch({ ...turn, data: { ...turn.data, inputs: [deleted, ...turn.data.inputs] } })
    expect(asked[0]!.inputs.map(({ messageId, message }) => [messageId, message])).toEqual([
      ['m0', undefined],
      ['m1', text('oi')],
      ['m2', text('tudo bem?')],
    ])
  })
  test('the facts of an answer name its words by their place, and hold none of them', async () => {
    const link = MessageBody.fromPartial({
      body: { $case: 'linkButton', value: { text: 'secret thanks', displayText: 'Open' } },
    })
    const image = MessageBody.fromPartial({
      body: { $case: 'media', value: { type: 'image', link: 'https://bank.test/secret.png' } },
    })
    const { appends, batch } = reacting(async () =>
      RespondResponse.fromPartial({
        responder: 'flows',
        session: 'secret session',
        actions: [
          { action: { $case: 'chooseLanguage', value: { language: 'en' } } },
          { action: { $case: 'say', value: { message: text('secret words') } } },
          { action: { $case: 'say', value: { message: image } } },
          { action: { $case: 'end', value: { sendsLink: true, linkButton: link } } },
        ],
      }),
    )
    await batch(requested('a'))
    const [command] = appends[0] ?? []
    if (command?.type !== 'CompleteBotTurn') throw new Error('There is no answer.')
    expect(command.data.actions.map(({ action }) => action)).toMatchObject([
      { $case: 'chooseLanguage', value: { language: 'en' } },
      { $case: 'say', value: { message: 0, type: 'text' } },
      { $case: 'say', value: { message: 1, type: 'image' } },
      { $case: 'end', value: { sendsLink: true, message: 2 } },
    ])
    expect(messagesIn(command.content ?? [])).toEqual([text('secret words'), image, link])
    expect(JSON.stringify(command.data)).not.toContain('secret')
  })
  test('an end without words of its own leaves them to the company, or sends no link at all', async () => {
    for (const sendsLink of [true, false]) {
      const { appends, batch } = reacting(async () =>
        RespondResponse.fromPartial({ actions: [{ action: { $case: 'end', value: { sendsLink } } }] }),
      )
      await batch(requested('a'))
      expect(appends[0]?.[0]?.data).toMatchObject({
        actions: [{ action: { $case: 'end', value: { sendsLink, message: undefined } } }],
      })
      expect(messagesIn(appends[0]?.[0]?.content ?? [])).toEqual([])
    }
  })
  test('the same request again is the same wish', async () => {
    const { appends, batch } = reacting(async () => answered(''))
    await batch(requested('a'))
    await batch(requested('a'))
    expect(appends[0]?.[0]?.commandId).toBe(appends[1]?.[0]?.commandId)
  })
  test.each(['FLOW_VERSION_GONE', 'FLOW_LOOP', 'RESPONDER_TIMEOUT', 'RESPONDER_ERROR'] as const)(
    '%s fails the turn under that code',
    async (code) => {
      const { appends, batch } = reacting(async () => {
        throw new RobotFailed(code, undefined)
      })
      await batch(requested('a'))
      expect(codes(appends[0])).toEqual([code])
    },
  )
  test('garbage fails its own turn and no other', async () => {
    const { appends, batch } = reacting(async ({ conversationId }) => {
      if (conversationId === 'conversation-long') return answered('', 'x'.repeat(5000))
      if (conversationId === 'conversation-odd') return { actions: [null] } as unknown as RespondResponse
      if (conversationId === 'conversation-throws') throw new TypeError('secret words')
      return answered('')
    })
    await batch(requested('long'), requested('odd'), requested('throws'), requested('good'))
    expect(codes(appends.flat()).sort()).toEqual([
      'ANSWER_INVALID',
      'CompleteBotTurn',
      'RESPONDER_ERROR',
      'RESPONDER_ERROR',
    ])
  })
  test('a slow endpoint of one customer holds up nobody else', async () => {
    const slow = Promise.withResolvers<RespondResponse>()
    const { appends, batch } = reacting(async ({ conversationId }) =>
      conversationId === 'conversation-slow' ? slow.promise : answered(''),
    )
    const done = batch(requested('slow'), requested('quick'), requested('too'))
    await expect.poll(() => codes(appends[0])).toEqual(['CompleteBotTurn', 'CompleteBotTurn'])
    expect(appends[0]?.map(({ streamId }) => streamId)).not.toContain('contact-slow')
    slow.resolve(answered(''))
    await done
    expect(appends[1]?.map(({ streamId }) => streamId)).toEqual(['contact-slow'])
  })
  test('so many turns at once, and no more', async () => {
    let running = 0
    let most = 0
    const { appends, batch } = reacting(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      return answered('')
    })
    await batch(...Array.from({ length: 200 }, (_, index) => requested(`t${index}`)))
    expect(most).toBe(TURNS_AT_ONCE_MAX)
    expect(appends.flat()).toHaveLength(200)
  })
  test('a turn whose deadline passed long ago is skipped, one that is a little late is answered', async () => {
    const { appends, batch } = reacting(async () => answered(''))
    await batch(requested('old', '2026-11-22T14:58:00Z'))
    expect(appends).toEqual([])
    await batch(requested('late', '2026-11-22T14:59:50Z'))
    expect(appends).toHaveLength(1)
  })
  test('who does not know the time of the log skips no turn: the time of day may be an hour off', async () => {
    const { appends, batch } = reacting(
      async () => answered(''),
      () => undefined,
    )
    await batch(requested('old', '2026-11-22T14:00:00Z'))
    expect(appends).toHaveLength(1)
  })
  test('an append that fails fails the batch, so that it comes again', async () => {
    const handle = turnReactor({
      ask: async () => answered(''),
      append: () => Promise.reject(new Error('LOG_UNAVAILABLE')),
      now: () => NOW,
      logTime: () => NOW.getTime(),
      inSpan: withSpan,
      log,
    })
    await expect(handle({ events: [requested('a')], heartbeat: async () => {} })).rejects.toThrow(
      'LOG_UNAVAILABLE',
    )
  })
})
