import type { ReadEvent } from '@parley/eventlog'
import { type NewCommand, recordedEvent } from '@parley/kernel'
import { RespondResponse } from '@parley/proto/bot'
import { EventEnvelope } from '@parley/proto/envelope'
import { createLogger, withSpan } from '@parley/service'
import { describe, expect, test } from 'vitest'
import { RobotFailed, TURNS_AT_ONCE_MAX, type TurnPorts, turnReactor } from './reactor.ts'

const log = createLogger({ service: 'bot', level: 'silent' })
const NOW = new Date('2026-11-22T15:00:05Z')

function requested(id: string, deadlineAt = '2026-11-22T15:00:45Z'): ReadEvent {
  const envelope = EventEnvelope.fromPartial({
    eventId: id,
    streamId: `contact-${id}`,
    streamVersion: 5,
    correlationId: `conversation-${id}`,
    recordedAt: '2026-11-22T15:00:00.000Z',
    payload: {
      $case: 'botTurnRequested',
      value: { turn: 3, language: 'pt', deadlineAt, content: { turn: { session: 'before', inputs: [] } } },
    },
  })
  return {
    ...recordedEvent(envelope as Parameters<typeof recordedEvent>[0]),
    traceparent: '',
    record: {
      topic: 't',
      partition: 0,
      offset: 0n,
      timestamp: '',
      key: '',
      value: Buffer.alloc(0),
      headers: {},
    },
  }
}
const other = {
  ...requested('x'),
  envelope: {
    ...requested('x').envelope,
    payload: { $case: 'conversationClosed', value: { reason: 'silence' } },
  },
} as ReadEvent

const answered = (session: string, text = 'Oi') =>
  RespondResponse.fromPartial({
    responder: 'flows',
    flow: 'f',
    flowVersion: '1-abc',
    session,
    actions: [
      {
        action: {
          $case: 'say',
          value: { content: { message: { body: { $case: 'text', value: { text } } } } },
        },
      },
    ],
  })

/** The reactor with a log that keeps what was appended, append by append. */
function reacting(ask: TurnPorts['ask']) {
  const appends: NewCommand[][] = []
  const handle = turnReactor({
    ask,
    append: async (commands) => void appends.push([...commands]),
    now: () => NOW,
    inSpan: withSpan,
    log,
  })
  return {
    appends,
    batch: (...events: ReadEvent[]) => handle({ events, isOwned: () => true, heartbeat: async () => {} }),
  }
}
const codes = (commands: readonly NewCommand[] = []) =>
  commands.map(({ payload }) => (payload.$case === 'failBotTurn' ? payload.value.code : payload.$case))

describe('the reactor of turns', () => {
  test('asks with what the rules recorded, and wishes for the answer in one append per batch', async () => {
    const asked: unknown[] = []
    const { appends, batch } = reacting(async (request) => {
      asked.push(request)
      return answered('after')
    })
    await batch(requested('a'), other, requested('b'))
    expect(asked[0]).toMatchObject({
      conversationId: 'conversation-a',
      turnId: 'a',
      turn: 3,
      language: 'pt',
      session: 'before',
      at: '2026-11-22T15:00:00.000Z',
    })
    expect(appends.map((commands) => codes(commands))).toEqual([['completeBotTurn', 'completeBotTurn']])
    expect(appends[0]?.[0]).toMatchObject({
      streamId: 'contact-a',
      correlationId: 'conversation-a',
      causationId: 'a',
      actor: { kind: 'bot', id: 'flows' },
      payload: {
        value: { turn: 3, flow: 'f', flowVersion: '1-abc', content: { turn: { session: 'after' } } },
      },
    })
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
    const { appends, batch } = reacting(async ({ turnId }) => {
      if (turnId === 'long') return answered('', 'x'.repeat(5000))
      if (turnId === 'odd') return { actions: [null] } as unknown as RespondResponse
      if (turnId === 'throws') throw new TypeError('secret words')
      return answered('')
    })
    await batch(requested('long'), requested('odd'), requested('throws'), requested('good'))
    expect(codes(appends.flat()).sort()).toEqual([
      'ANSWER_INVALID',
      'RESPONDER_ERROR',
      'RESPONDER_ERROR',
      'completeBotTurn',
    ])
  })
  test('a slow endpoint of one customer holds up nobody else', async () => {
    const slow = Promise.withResolvers<RespondResponse>()
    const { appends, batch } = reacting(async ({ turnId }) =>
      turnId === 'slow' ? slow.promise : answered(''),
    )
    const done = batch(requested('slow'), requested('quick'), requested('too'))
    await expect.poll(() => codes(appends[0])).toEqual(['completeBotTurn', 'completeBotTurn'])
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
  test('an append that fails fails the batch, so that it comes again', async () => {
    const handle = turnReactor({
      ask: async () => answered(''),
      append: () => Promise.reject(new Error('LOG_UNAVAILABLE')),
      now: () => NOW,
      inSpan: withSpan,
      log,
    })
    await expect(
      handle({ events: [requested('a')], isOwned: () => true, heartbeat: async () => {} }),
    ).rejects.toThrow('LOG_UNAVAILABLE')
  })
})
