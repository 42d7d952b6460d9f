import { Metadata, status } from '@grpc/grpc-js'
import type { AuditEntry } from '@parley/audit'
import { LogUnavailable, PoisonUnseen, RetryNotAnswered } from '@parley/eventlog'
import { expect, test, vi } from 'vitest'
import { readerGrpc, readerResources } from './grpc.ts'

const parkedAt = new Date('2026-03-02T12:00:00Z')

const stuckOnThree = { partition: 3, attempts: 5, since: '2026-03-02T12:00:00.000Z' }

function operated({ isLogAway = false, isOwnerAway = false } = {}) {
  const parked = new Map([['contact-1', 'the fold threw']])
  const reasons: string[] = []
  const recorded: AuditEntry[] = []
  const { handlers } = readerGrpc(
    'archive',
    {
      transcript: {
        parked: async () =>
          [...parked].map(([streamId, reason]) => ({
            streamId,
            partition: 3,
            reason,
            parkedAt,
            poison: '3:7',
          })),
        retry: async (streamId) => {
          if (isOwnerAway) throw new RetryNotAnswered(streamId)
          return !parked.has(streamId)
        },
        discard: async (streamId, poison, reason) => {
          if (poison !== '3:7') throw new PoisonUnseen(streamId, poison)
          reasons.push(reason)
          return parked.delete(streamId)
        },
        lag: () => [{ partition: 3, records: 120n, seconds: 4.5 }],
        stuck: () => [stuckOnThree],
      },
    },
    async (entry) => {
      if (isLogAway) throw new LogUnavailable('The log is away.')
      recorded.push(entry)
    },
  )
  const call = (name: string, request: object): Promise<unknown> =>
    handlers[name]!(request, new Metadata(), context())
  return { call, reasons, recorded }
}

const context = () => ({
  signal: new AbortController().signal,
  caller: 'operator' as const,
  person: undefined,
  operator: 'Ana@terminal',
})

test('an operator sees each parked stream with its reader and reason', async () => {
  await expect(operated().call('listParkedStreams', {})).resolves.toEqual({
    streams: [
      {
        reader: 'transcript',
        streamId: 'contact-1',
        reason: 'the fold threw',
        parkedAt: '2026-03-02T12:00:00.000Z',
        poison: '3:7',
      },
    ],
  })
})

test('an operator sees how far each reader is behind, where it is stuck and how many streams it parked', async () => {
  await expect(operated().call('listReaders', {})).resolves.toEqual({
    readers: [
      {
        name: 'transcript',
        lags: [{ partition: 3, records: 120n, seconds: 4.5 }],
        stuck: [stuckOnThree],
        parkedCount: 1,
      },
    ],
  })
})

test('lag is told also while the store does not answer, and then nothing is said about parked streams', async () => {
  vi.useFakeTimers()
  const { handlers } = readerGrpc(
    'archive',
    {
      transcript: {
        parked: () => new Promise(() => {}),
        retry: async () => true,
        discard: async () => true,
        lag: () => [{ partition: 0, records: 7n, seconds: 60 }],
        stuck: () => [],
      },
    },
    async () => {},
  )
  const answer = handlers['listReaders']!({}, new Metadata(), context())
  await vi.advanceTimersByTimeAsync(500)
  vi.useRealTimers()
  await expect(answer).resolves.toMatchObject({
    readers: [{ lags: [{ records: 7n }], parkedCount: undefined }],
  })
})

test('a reader that parks nothing, as a decider, is listed with where it is stuck, and has nothing to retry', async () => {
  const { handlers } = readerGrpc(
    'routing',
    { decider: { lag: () => [], stuck: () => [stuckOnThree] } },
    async () => {},
  )
  const ask = (method: string, request: object): Promise<unknown> =>
    handlers[method]!(request, new Metadata(), context())
  await expect(ask('listReaders', {})).resolves.toEqual({
    readers: [{ name: 'decider', lags: [], stuck: [stuckOnThree], parkedCount: 0 }],
  })
  await expect(ask('listParkedStreams', {})).resolves.toEqual({ streams: [] })
  await expect(ask('retryStream', { reader: 'decider', streamId: 'contact-1' })).rejects.toMatchObject({
    code: 'READER_UNKNOWN',
  })
})

test('a reader is stuck as a resource exactly when it says that a partition is', () => {
  const stuck: (typeof stuckOnThree)[] = []
  const reader = { isReady: () => true, stop: async () => {}, stuck: () => stuck }
  const [resource] = readerResources({ transcript: reader })
  expect(resource?.isStuck?.()).toBe(false)
  stuck.push(stuckOnThree)
  expect(resource?.isStuck?.()).toBe(true)
  expect(resource?.isReady?.()).toBe(true)
})

test('a stream that is poisoned still is not said to be free; once its poison is discarded it is', async () => {
  const { call, reasons } = operated()
  const stream = { reader: 'transcript', streamId: 'contact-1' }
  await expect(call('retryStream', stream)).resolves.toEqual({ isFree: false })
  await expect(call('discardPoison', { ...stream, poison: '3:7', reason: 'known bug 12' })).resolves.toEqual({
    isFree: true,
  })
  expect(reasons).toEqual(['known bug 12'])
})

test('an operator who was shown another event than the one that parks the stream by now discards nothing', async () => {
  const { call, reasons } = operated()
  const stream = { reader: 'transcript', streamId: 'contact-1', reason: 'known bug 12' }
  await expect(call('discardPoison', { ...stream, poison: '3:6' })).rejects.toMatchObject({
    code: 'POISON_UNSEEN',
    status: status.FAILED_PRECONDITION,
  })
  expect(reasons).toEqual([])
})

test('a stream that is not parked is not said to be free: its id may be misspelt', async () => {
  const { call, recorded } = operated()
  await expect(call('retryStream', { reader: 'transcript', streamId: 'contact-l' })).rejects.toMatchObject({
    code: 'STREAM_NOT_PARKED',
    status: status.NOT_FOUND,
  })
  expect(recorded).toEqual([])
})

test('a retry that nobody carried out yet is told as such, with what to look at', async () => {
  const { call } = operated({ isOwnerAway: true })
  await expect(call('retryStream', { reader: 'transcript', streamId: 'contact-1' })).rejects.toMatchObject({
    code: 'RETRY_NOT_ANSWERED',
    status: status.UNAVAILABLE,
    message: expect.stringContaining('Is its reader running?') as string,
  })
})

test('nothing is discarded without a reason, and an unknown reader is named', async () => {
  const { call, reasons } = operated()
  await expect(
    call('discardPoison', { reader: 'transcript', streamId: 'contact-1', poison: '3:7', reason: ' ' }),
  ).rejects.toThrow(/Say why/)
  await expect(call('retryStream', { reader: 'links', streamId: 'x' })).rejects.toThrow(/transcript/)
  expect(reasons).toEqual([])
})

test('what an operator did stands in the audit with who they are, the stream and the reason; what only failed to be asked for does not', async () => {
  const { call, recorded } = operated()
  const stream = { reader: 'transcript', streamId: 'contact-1' }
  await call('retryStream', stream)
  await call('discardPoison', { ...stream, poison: '3:7', reason: 'known bug 12' })
  await expect(call('discardPoison', { ...stream, poison: '3:7', reason: '' })).rejects.toThrow(/Say why/)
  await expect(call('retryStream', { ...stream, reader: 'links' })).rejects.toThrow(/transcript/)
  const subject = { kind: 'reader', id: 'archive/transcript' }
  expect(recorded).toMatchObject([
    {
      type: 'operator_acted',
      subject,
      fields: { act: 'retry_stream', streamId: 'contact-1', caller: 'operator' },
      words: { operator: 'Ana@terminal' },
    },
    {
      type: 'operator_acted',
      subject,
      fields: { act: 'discard_poison', streamId: 'contact-1', caller: 'operator' },
      words: { reason: 'known bug 12', operator: 'Ana@terminal' },
    },
  ])
})

test('nothing is done that cannot be recorded', async () => {
  const { call, reasons } = operated({ isLogAway: true })
  await expect(
    call('discardPoison', {
      reader: 'transcript',
      streamId: 'contact-1',
      poison: '3:7',
      reason: 'known bug 12',
    }),
  ).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  expect(reasons).toEqual([])
})
